"""Parsers of cell texts: numbers and dates in Finnish and English form, yes and no, addresses.

Each parser returns a JSON value or raises ``ValidationError`` with a code of :mod:`imports.problems`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator

from core.dates import FIRST_DAY, LAST_DAY
from core.import_kinds import Parser
from core.numbers import parse_decimal
from core.phones import clean_phone
from core.text import one_line, visible
from customers.validators import clean_business_id
from imports.problems import invalid

_YES = frozenset({"1", "true", "yes", "y", "kyllä", "kylla", "k", "joo", "x", "on", "tosi"})
_NO = frozenset({"0", "false", "no", "n", "ei", "e", "-", "off", "epätosi"})
_DATES = (
    (re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?$"), (1, 2, 3)),
    (re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?: .*)?$"), (3, 2, 1)),
    (re.compile(r"^(\d{1,2})-(\d{1,2})-(\d{4})$"), (3, 2, 1)),
    (re.compile(r"^(\d{4})(\d{2})(\d{2})$"), (1, 2, 3)),
    (re.compile(r"^(\d{1,2})[-.](\d{1,2})[-.](\d{2})$"), (3, 2, 1)),
)
#: Years of two digits up to this one are of this century.
_LAST_SHORT_YEAR = 69
_EUROS_BEFORE = re.compile(r"^([-−(]?)\s*(?:€|eur\b)\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"\(([^()+-]+)\)")
_email = EmailValidator()
#: Addresses that the validator accepts, without its detours.
_ORDINARY_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,20}"
)
_url = URLValidator(schemes=["http", "https"])


def line(limit: int) -> Parser:
    """Return the text on one line."""

    def parse(value: str) -> str:
        return _short(one_line(value), limit)

    return parse


def paragraphs(limit: int) -> Parser:
    """Return the text with its line breaks."""

    def parse(value: str) -> str:
        value = unicodedata.normalize("NFC", visible(value)).replace("\r\n", "\n").replace("\r", "\n").strip()
        return _short(value, limit)

    return parse


def _short(value: str, limit: int) -> str:
    if len(value) > limit:
        raise invalid("too_long", limit=limit)
    return value


def decimal(value: str, *, whole: bool = False) -> Decimal:
    """Return the number (see :func:`core.numbers.parse_decimal`)."""
    try:
        return parse_decimal(value, whole=whole)
    except ValueError as error:
        raise invalid("number", value) from error


def whole_number(low: int, high: int, factor: Decimal = Decimal(1)) -> Parser:
    def parse(value: str) -> int:
        number = decimal(value, whole=True) * factor
        if number != number.to_integral_value():
            raise invalid("whole_number", value)
        return int(_within(number, value, low, high))

    return parse


def money(high: int, factor: Decimal = Decimal(1), *, low: int | None = None) -> Parser:
    """Return a parser of amounts between ``low`` (or ``-high``) and ``high``, kept as text with two decimals.

    Brackets make an amount negative, as accountants write it.
    """

    def parse(value: str) -> str:
        text = _EUROS_BEFORE.sub(r"\1", visible(value).strip())
        negative = _BRACKETS.fullmatch(text)
        number = (decimal(f"-{negative[1]}" if negative else text) * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)
        return str(_within(number, value, -high if low is None else low, high))

    return parse


def _within(number: Decimal, value: str, low: int, high: int) -> Decimal:
    if not low <= number <= high:
        raise invalid("range", value, low=low, high=high)
    return number


def year(value: str) -> int:
    """Return a year, or the year of a date."""
    if re.fullmatch(r"\d{4}(\.0)?", value.strip()):
        return int(_within(Decimal(value.strip()[:4]), value, 1000, 2100))
    return _day(value).year


def date(value: str) -> str:
    """Return a date in ISO form. Accepts 2026-11-21, 21.11.2026, 21-11-2026, 20261121, 21-11-26, 21.11.26.

    The years are those of the forms: the moment of a day near the year 1 cannot be read again.
    """
    day = _day(value)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise invalid("range", value, low=FIRST_DAY.isoformat(), high=LAST_DAY.isoformat())
    return day.isoformat()


def _day(value: str) -> dt.date:
    text = value.strip()
    for pattern, (y, m, d) in _DATES:
        if match := pattern.match(text):
            try:
                return dt.date(_full_year(match[y]), int(match[m]), int(match[d]))
            except ValueError:
                break
    raise invalid("date", value)


def _full_year(digits: str) -> int:
    if len(digits) > 2:
        return int(digits)
    return int(digits) + (2000 if int(digits) <= _LAST_SHORT_YEAR else 1900)


def boolean(value: str) -> bool:
    word = value.strip().casefold()
    if word not in _YES | _NO:
        raise invalid("boolean", value)
    return word in _YES


def email(value: str) -> str:
    text = one_line(value).removeprefix("mailto:")
    try:
        if not _ORDINARY_EMAIL.fullmatch(text):
            _email(text)
    except ValidationError as error:
        raise invalid("email", value) from error
    return _short(text, 254)


def website(value: str) -> str:
    """Return a web address, with ``https://`` added if the scheme is missing."""
    text = value.strip()
    text = text if "://" in text else f"https://{text}"
    try:
        _url(text)
    except ValidationError as error:
        raise invalid("url", value) from error
    return _short(text, 300)


@lru_cache(maxsize=10_000)
def phone(value: str) -> str:
    """Return a phone number in E.164 form."""
    return clean_phone(value.strip())


def business_id(value: str) -> str:
    """Return a business ID; also accepts a VAT number (FI12345671)."""
    text = value.strip().upper()
    return clean_business_id(text[2:] if text.startswith("FI") else text)


def choice(choices: Any) -> Parser:
    """Return an enum value given as value or as label in either language."""

    def parse(value: str) -> str:
        from imports.lookups import labels_of

        found = labels_of(choices).get(one_line(value).casefold())
        if found is None:
            raise invalid("choice", value)
        return found

    return parse
