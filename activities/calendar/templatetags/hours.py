"""Template filter that formats hours of work."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def hours(value: Decimal | None, empty: str = "") -> str:
    """Format 7.50 as 7,5 or 7.5 by the language; return ``empty`` for no hours."""
    if not value:
        return empty
    text: str = number_format(Decimal(f"{Decimal(value).normalize():f}"))
    return text
