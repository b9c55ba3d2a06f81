"""Dates, times and numbers as texts in the reader's language; the same value is put into words once only.

A list shows the same days and numbers again and again, and Django reads the parts of a format each time.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import get_language

KEPT = 4_096
MINUS = "−"


def date_text(value: dt.date | dt.datetime, form: str = "SHORT_DATE_FORMAT") -> str:
    """Return a day or a moment in a named format of the language; moments in the user's time zone."""
    if not isinstance(value, dt.datetime):
        return _date_text(value, form, get_language())
    # Without a zone, two moments are equal only if they read alike.
    return _date_text(local(value).replace(tzinfo=None), form, get_language())


def time_text(value: dt.datetime) -> str:
    """Return the time of day of a moment in the user's time zone."""
    return _time_text(local(value).time(), get_language())


def number_text(value: Any, decimals: int | None = None) -> str:
    """Return a number with the separators of the language, rounded to so many ``decimals`` (half up).

    One below zero has a minus, not a hyphen.
    """
    if isinstance(value, Decimal | float) and decimals is not None:  # Django cuts the decimals off
        value = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    if not isinstance(value, int | Decimal):
        return _number(value, decimals)
    # The text is in the key, because 1 and 1.00 are equal.
    return _number_text(value, str(value), decimals, get_language())


def signed_text(value: Any, decimals: int | None = None) -> str:
    """Return a change with its sign, as :func:`number_text` does the number."""
    text = number_text(value, decimals)
    return text if text.startswith(MINUS) else f"+{text}"


def local(value: dt.datetime) -> dt.datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


@lru_cache(KEPT)
def _date_text(value: dt.date, form: str, language: str | None) -> str:
    return formats.date_format(value, form)


@lru_cache(KEPT)
def _time_text(value: dt.time, language: str | None) -> str:
    return formats.time_format(value, "TIME_FORMAT")


@lru_cache(KEPT)
def _number_text(value: Any, text: str, decimals: int | None, language: str | None) -> str:
    return _number(value, decimals)


def _number(value: Any, decimals: int | None) -> str:
    text = formats.number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return MINUS + text[1:] if text.startswith("-") else text
