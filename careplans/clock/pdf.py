"""The annual clock as PDF: the wheel on a separate page, then the tables."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from careplans.clock.rows import Clock
from careplans.clock.tables import STATE_ROWS, months_table, rows_table
from careplans.clock.wheel import Wheel
from core import clock
from core.exceptions import BusinessRuleError
from core.pdf import render

STYLES, WHEEL = (Path(__file__).with_name(name) for name in ("print.css", "wheel.css"))


def clock_html(shown: Clock) -> str:
    """Return the pages to print."""
    context = {
        "language": get_language() or "fi", "organisation": settings.ORGANISATION, "today": clock.user_today(),
        "title": _("Annual clock %(year)d: %(title)s") % {"year": shown.year, "title": shown.title},
        "clock": shown, "svg": Wheel(shown).drawn(_styles(WHEEL)), "rows": rows_table(shown),
        "months": months_table(shown), "states": STATE_ROWS,
        "has_models": len({row.origin for row in shown.rows}) > 1,
    }  # fmt: skip
    return render_to_string("careclock/clock_pdf.html", context)


def clock_pdf(shown: Clock) -> HttpResponse:
    """Answer a clock as PDF; 503 where the server cannot make one."""
    try:
        pdf = render(clock_html(shown), _styles(STYLES))
    except BusinessRuleError as error:
        return HttpResponse(str(error), status=503, content_type="text/plain; charset=utf-8")
    name = f"{slugify(_('Annual clock'))}-{shown.year}-{slugify(shown.title)[:60]}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


@cache
def _styles(path: Path) -> str:
    return path.read_text()
