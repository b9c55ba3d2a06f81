"""HTML to PDF without files or network: the renderer can fetch only what it is given."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from core.exceptions import BusinessRuleError

_log = logging.getLogger(__name__)


class Refused(ValueError):
    """Raised when the renderer requests anything else; it continues without it."""


class Nothing:
    """Lets the renderer fetch nothing."""

    _fail_on_errors = False  # read by WeasyPrint: what is refused is left out of the page

    def __call__(self, url: str, *args: Any, **kwargs: Any) -> Any:
        raise Refused(url[:200])


def render(html: str, styles: str, fetch: Callable[..., Any] | None = None) -> bytes:
    """Return HTML with a style sheet as a PDF; ``fetch`` answers what they request.

    Raises :class:`BusinessRuleError` ``pdf_unavailable`` where the server lacks the renderer's libraries.
    """
    try:
        import weasyprint
    except OSError as error:  # the Python package is installed, the C libraries are not
        _log.error("WeasyPrint cannot be loaded: %s", error)
        text = _("This server cannot make PDFs: libraries are missing (see “PDF” in the operations guide).")
        raise BusinessRuleError("pdf_unavailable", text) from error
    fetch = fetch or Nothing()
    document = weasyprint.HTML(string=html, url_fetcher=fetch)
    pdf: bytes = document.write_pdf(stylesheets=[weasyprint.CSS(string=styles, url_fetcher=fetch)])
    return pdf
