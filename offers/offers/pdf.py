"""HTML to PDF without files or network: the renderer can fetch only the assets it is given."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from core import pdf
from core.pdf import Refused
from offers.offers.content import shown

LOGO = "asset:logo"
#: The style sheet has no @import and no url().
STYLES = Path(__file__).with_name("offer.css")


class Assets:
    """The assets that the renderer may fetch: the logo, by its own address. Everything else is refused."""

    _fail_on_errors = False  # read by WeasyPrint: refused assets are left out of the page

    def __init__(self, logo: bytes = b"") -> None:
        self.logo = logo
        self.refused: list[str] = []

    def __call__(self, url: str, *args: Any, **kwargs: Any) -> Any:
        from weasyprint.urls import URLFetcherResponse

        if url == LOGO and self.logo:
            return URLFetcherResponse(url, self.logo)
        self.refused.append(url)
        raise Refused(url[:200])


def offer_pdf(
    content: dict[str, Any], *, logo: bytes = b"", is_draft: bool = False, version: int | None = None
) -> bytes:
    """Return a version's content as a PDF, the same bytes for the same content; a draft is marked on every page.

    Raises :class:`BusinessRuleError`: ``pdf_unavailable`` where the server lacks the renderer's libraries.
    """
    with translation.override(content["language"]):
        context = {
            "offer": shown(content),
            "language": content["language"],
            "logo": LOGO if logo else "",
            "is_draft": is_draft,
            "version": version,
        }
        html = render_to_string("offers/pdf/offer.html", context)
    return render(html, Assets(logo))


def render(html: str, assets: Assets) -> bytes:
    """Return HTML with the style of :data:`STYLES` as a PDF. Raises ``pdf_unavailable``."""
    return pdf.render(html, _styles(), assets)


@cache
def _styles() -> str:
    return STYLES.read_text()
