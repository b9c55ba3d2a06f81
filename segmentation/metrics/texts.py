"""Figures in words of the reader's language."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.formatting import number_text
from core.metrics import Metric, Unit

NBSP = "\N{NO-BREAK SPACE}"
SIGNS = {Unit.EUROS: "€", Unit.PERCENT: "%", Unit.HOURS: "h"}


def number_of(value: Any) -> Decimal | None:
    """Return a figure of JSON as a number."""
    return None if value is None else Decimal(str(value))


def value_text(metric: Metric, value: Any) -> str:
    """Return *42 000 €*, *3 years*, *yes* or *7 – what it means*; a value that is not known is *not known*."""
    number = number_of(value)
    if number is None:
        return _("not known")
    if metric.unit == Unit.YES:
        return _("yes") if number else _("no")
    text = plain_number(number, metric.unit.digits)
    if metric.unit in SIGNS:
        return f"{text}{NBSP}{SIGNS[metric.unit]}"
    if metric.words:
        words = metric.words(number)
        return f"{text} – {words}" if words else text
    return _with_unit(metric.unit, number, text)


def plain_number(number: Decimal, digits: int) -> str:
    """Return a number without decimals that say nothing."""
    is_whole = number == number.to_integral_value()
    return number_text(number.quantize(Decimal(1)), 0) if is_whole else number_text(number, max(digits, 1))


def _with_unit(unit: Unit, number: Decimal, text: str) -> str:
    count = int(number)
    words = {
        Unit.DAYS: ngettext("%(number)s day", "%(number)s days", count),
        Unit.MONTHS: ngettext("%(number)s month", "%(number)s months", count),
        Unit.YEARS: ngettext("%(number)s year", "%(number)s years", count),
    }
    return words[unit] % {"number": text} if unit in words else text
