"""Plans as PDF: the internal one, of one customer or of many, and the customer's edition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language

from careplans.content.composing import plan_pages
from careplans.content.edition import our_name, shown
from core.pdf import render
from customers.models import Customer

STYLES = Path(__file__).with_name("plan.css")


def plans_pdf(customers: Iterable[Customer], day: dt.date) -> bytes:
    """Return the plans of customers, for internal use only, each from a new page. Raises ``pdf_unavailable``."""
    return render(plans_html(customers, day), _styles())


def plans_html(customers: Iterable[Customer], day: dt.date) -> str:
    return _html("carecontent/plan_pdf.html", pages=plan_pages(customers, day), day=day)


def edition_pdf(content: dict[str, Any], language: str) -> bytes:
    """Return the customer's edition that a link has stored. Raises ``pdf_unavailable``."""
    return render(edition_html(content, language), _styles())


def edition_html(content: dict[str, Any], language: str) -> str:
    with translation.override(language):
        return _html("carecontent/edition_pdf.html", edition=shown(content))


def _html(template: str, **context: Any) -> str:
    about = {"language": get_language() or "fi", "organisation": our_name()}
    return render_to_string(template, about | context)


@cache
def _styles() -> str:
    return STYLES.read_text()
