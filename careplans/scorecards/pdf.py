"""A scorecard and the customer strategy as PDF, for internal use only."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpResponse

from careplans.following.pdf import pdf_response

STYLES = Path(__file__).with_name("print.css")


def card_pdf(name: str, **context: Any) -> HttpResponse:
    return pdf_response("scorecards/card_pdf.html", name, {"title": name, **context}, styles=_styles())


def strategy_pdf(name: str, **context: Any) -> HttpResponse:
    return pdf_response("scorecards/strategy_pdf.html", name, {"title": name, **context}, styles=_styles())


@cache
def _styles() -> str:
    return STYLES.read_text()
