"""Days and times as people write them, in Finnish and in English: ``27.11.``, ``eilen 13``, ``ma 9``, ``tomorrow``.

One parser for all fields; what it has understood is shown in the field. It reads only what has one meaning: a day
without a year is the one nearest to today, a weekday is the next one, today included. A weekday before a day must be
that day's: ``ma 30.11.``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

#: The time of a day that is given without one, where a time is needed.
MORNING = dt.time(9)

DAYS = {
    "tänään": 0, "tanaan": 0, "today": 0,
    "huomenna": 1, "huominen": 1, "tomorrow": 1, "ylihuomenna": 2, "day after tomorrow": 2, "the day after tomorrow": 2,
    "eilen": -1, "yesterday": -1, "toissapäivänä": -2, "toissapaivana": -2, "day before yesterday": -2,
    "the day before yesterday": -2,
}  # fmt: skip
WEEKDAYS = {
    name: number
    for number, names in enumerate((
        "ma maanantai maanantaina mon monday",
        "ti tiistai tiistaina tue tues tuesday",
        "ke keskiviikko keskiviikkona wed wednesday",
        "to torstai torstaina thu thur thurs thursday",
        "pe perjantai perjantaina fri friday",
        "la lauantai lauantaina sat saturday",
        "su sunnuntai sunnuntaina sun sunday",
    ))
    for name in names.split()
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate((
        "tammi jan january", "helmi feb february", "maalis mar march", "huhti apr april", "touko may", "kesä jun june",
        "heinä jul july", "elo aug august", "syys sep sept september", "loka oct october", "marras nov november",
        "joulu dec december",
    ), start=1)
    for name in names.split()
}  # fmt: skip
NEXT, LAST = frozenset({"ensi", "next", "seuraava"}), frozenset({"viime", "last"})
UNITS = {
    "": 1, "d": 1, "pv": 1, "day": 1, "days": 1, "päivä": 1, "päivää": 1, "päivän": 1,
    "vk": 7, "vko": 7, "w": 7, "week": 7, "weeks": 7, "viikko": 7, "viikkoa": 7, "viikon": 7,
}  # fmt: skip
LONGEST_WAY = 3_660

_TIME = re.compile(
    r"(?:^|\s+|(?<=\d\.)\s*)(?:klo|kl|at|@)?\.?\s*(?P<hour>\d{1,2})(?:[.:](?P<minute>\d{2}))?\s*(?P<half>am|pm)?$"
)
_DATE = re.compile(r"(\d{1,2})[./](\d{1,2})(?:[./](\d{2}|\d{4})?)?")
_NAMED_MONTH = re.compile(r"(\d{1,2})\.? ([a-zäö]+?)(?:kuu(?:ta|n)?)?\.?(?: (\d{4}))?")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_WAY = re.compile(r"(?:\+|in\s+)?(\d{1,4})\s*([a-zäö]*)(?:\s+(?:päästä|kuluttua|from now))?")


@dataclass(frozen=True)
class Understood:
    """A day, and the time of day if one was given."""

    day: dt.date
    time: dt.time | None = None


def parse_day(text: str, today: dt.date) -> dt.date | None:
    """Return the day that ``text`` means on ``today``; None if it means none, or a time too."""
    return _day(_plain(text), today)


def parse_moment(text: str, today: dt.date) -> Understood | None:
    """Return the day and time that ``text`` means on ``today``; a time alone is today's."""
    plain = _plain(text)
    if day := _day(plain, today):
        return Understood(day)
    found = _TIME.search(plain)
    time = _time(found) if found else None
    if found is None or time is None:
        return None
    before = plain[: found.start()].strip()
    day = _day(before, today) if before else today
    return Understood(day, time) if day else None


def _plain(text: str) -> str:
    return " ".join(text.lower().replace(",", " ").split())[:60]


def _time(found: re.Match[str]) -> dt.time | None:
    hour, minute, half = int(found["hour"]), int(found["minute"] or 0), found["half"]
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


def _day(text: str, today: dt.date) -> dt.date | None:
    try:
        return next((day for read in _READERS if (day := read(text, today))), None)
    except (OverflowError, ValueError):  # 31.2., or beyond the calendar
        return None


def _named(text: str, today: dt.date) -> dt.date | None:
    return today + dt.timedelta(days=DAYS[text]) if text in DAYS else None


def _weekday(text: str, today: dt.date) -> dt.date | None:
    """Return the next such weekday, today included; "next" means next week's, "last" the one before today."""
    *before, name = text.removesuffix(".").split() or [""]
    number, which = WEEKDAYS.get(name), " ".join(before)
    if number is None or which not in {"", *NEXT, *LAST}:
        return None
    if which in NEXT:
        return today + dt.timedelta(days=7 - today.weekday() + number)
    ahead = (number - today.weekday()) % 7
    return today + dt.timedelta(days=ahead - 7 if which in LAST else ahead)


def _numeric(text: str, today: dt.date) -> dt.date | None:
    if iso := _ISO.fullmatch(text):
        return dt.date(*map(int, iso.groups()))
    found = _DATE.fullmatch(text)
    return _dated(int(found[1]), int(found[2]), found[3], today) if found else None


def _with_month(text: str, today: dt.date) -> dt.date | None:
    """Return the day of a month that is written as a word: ``27. marraskuuta``, ``27 Nov 2026``."""
    found = _NAMED_MONTH.fullmatch(text)
    month = MONTHS.get(found[2]) if found else None
    return _dated(int(found[1]), month, found[3], today) if found and month else None


def _with_weekday(text: str, today: dt.date) -> dt.date | None:
    """Return the day that follows the name of its weekday, as the program writes it; None if it is another weekday.

    What reads as a time of day is none: ``pe 9.10`` is on Friday at ten past nine, ``pe 9.10.`` in October.
    """
    name, _, rest = text.partition(" ")
    if name not in WEEKDAYS or _TIME.fullmatch(rest):
        return None
    day = _numeric(rest, today) or _with_month(rest, today)
    return day if day and day.weekday() == WEEKDAYS[name] else None


def _dated(day: int, month: int, year: str | None, today: dt.date) -> dt.date | None:
    if year:
        return dt.date(int(year) + (2_000 if len(year) == 2 else 0), month, day)
    return _nearest(day, month, today)


def _nearest(day: int, month: int, today: dt.date) -> dt.date | None:
    """Return the date without a year that is nearest to today: the last one of a year ago is not meant."""
    years = (today.year - 1, today.year, today.year + 1)
    found = [date for year in years if (date := _date(year, month, day))]
    return min(found, key=lambda date: abs(date - today), default=None)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _distance(text: str, today: dt.date) -> dt.date | None:
    """Return the day so far ahead: ``+3``, ``in 2 weeks``, ``2 viikon päästä``; a bare number is none."""
    found = _WAY.fullmatch(text)
    if found is None or (not found[2] and not text.startswith(("+", "in "))) or found[2] not in UNITS:
        return None
    days = int(found[1]) * UNITS[found[2]]
    return today + dt.timedelta(days=days) if days <= LONGEST_WAY else None


_READERS: tuple[Callable[[str, dt.date], dt.date | None], ...] = (
    _named,
    _weekday,
    _numeric,
    _with_month,
    _with_weekday,
    _distance,
)
