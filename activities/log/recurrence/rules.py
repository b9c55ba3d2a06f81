"""Recurrence rules, the supported part of RFC 5545: read, written, and their occurrences.

Occurrences are computed period by period within bounds, so that no rule takes too long. ``dateutil.rrule`` searches up
to the year 9999, where a rule that never occurs costs seconds; the tests compare this module with its results.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from django.utils.translation import gettext as _

MAX_LEFT_OUT = 1_000
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WORKDAYS = (0, 1, 2, 3, 4)
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "BYMONTH", "COUNT", "UNTIL", "WKST"}
LONGEST = 300
MAX_COUNT = 9_999

_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", re.ASCII)
_UNTIL = re.compile(r"\d{8}(T\d{6}Z?)?", re.ASCII)
#: How far ahead occurrences are made, and how many at most.
AHEAD = dt.timedelta(days=366)
MAX_OCCURRENCES = 400


class RuleError(ValueError):
    """The rule is invalid or not supported; the message is for users."""


@dataclass(frozen=True)
class Rule:
    """``byday`` has pairs of an ordinal (0: every) and a weekday (0: Monday); ``until`` is in RFC 5545 format."""

    freq: str
    interval: int = 1
    byday: tuple[tuple[int, int], ...] = ()
    bymonthday: tuple[int, ...] = ()
    bysetpos: tuple[int, ...] = ()
    bymonth: tuple[int, ...] = ()
    count: int | None = None
    until: str = ""
    wkst: int = 0

    @property
    def is_endless(self) -> bool:
        return self.count is None and not self.until

    @property
    def last_day(self) -> dt.date | None:
        """The day of ``until``; for a time in UTC, its day in UTC."""
        return dt.date.fromisoformat(self.until[:8]) if self.until else None

    @property
    def endless(self) -> Rule:
        """The rule without its end."""
        return replace(self, count=None, until="")

    def ending(self, day: dt.date) -> Rule:
        """Return the rule with ``day`` as its last possible day."""
        return replace(self, count=None, until=f"{day:%Y%m%d}")

    def __str__(self) -> str:
        """Return the rule in RFC 5545 format."""
        parts = {
            "FREQ": self.freq,
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYDAY": ",".join(f"{nth or ''}{WEEKDAYS[day]}" for nth, day in self.byday),
            "BYMONTHDAY": _joined(self.bymonthday),
            "BYMONTH": _joined(self.bymonth),
            "BYSETPOS": _joined(self.bysetpos),
            "COUNT": str(self.count) if self.count else "",
            "UNTIL": self.until,
            "WKST": WEEKDAYS[self.wkst] if self.wkst else "",
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def parse_rule(text: str) -> Rule:
    """Read an RRULE, with or without its name. Raises :class:`RuleError`."""
    parts = _parts(text)
    if parts.get("FREQ") not in FREQUENCIES:
        raise RuleError(_("Only daily, weekly, monthly and yearly recurrence is supported."))
    if "COUNT" in parts and "UNTIL" in parts:
        raise RuleError(_("Enter either an end date or a number of occurrences, not both."))
    rule = Rule(
        freq=parts["FREQ"],
        interval=_number(parts.get("INTERVAL", "1"), 1, 999),
        byday=_bydays(parts.get("BYDAY", "")),
        bymonthday=_numbers(parts.get("BYMONTHDAY", ""), 31),
        bysetpos=_numbers(parts.get("BYSETPOS", ""), 366),
        bymonth=_numbers(parts.get("BYMONTH", ""), 12, negative=False),
        count=_number(parts["COUNT"], 1, MAX_COUNT) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else "",
        wkst=_weekday(parts.get("WKST", "MO")),
    )
    _check_supported(rule)
    return rule


def _parts(text: str) -> dict[str, str]:
    text = text.strip().upper().removeprefix("RRULE:").rstrip(";")
    if not text or len(text) > LONGEST:
        raise RuleError(_("The recurrence rule is empty or too long."))
    parts: dict[str, str] = {}
    for piece in text.split(";"):
        name, _equals, value = piece.partition("=")
        if not value or name in parts:
            raise RuleError(_("The recurrence rule cannot be read."))
        if name not in PARTS:
            raise RuleError(_("Unknown part of a recurrence rule: %s.") % name[:30])
        parts[name] = value
    return parts


def _check_supported(rule: Rule) -> None:
    """Raise :class:`RuleError` if RFC 5545 forbids the combination of parts."""
    ordinals = any(nth for nth, _day in rule.byday)
    if ordinals and rule.freq not in ("MONTHLY", "YEARLY"):
        raise RuleError(_("An ordinal weekday is allowed only in a monthly or yearly rule."))
    if rule.bymonthday and rule.freq == "WEEKLY":
        raise RuleError(_("Days of the month are not allowed in a weekly rule."))
    if rule.bysetpos and not (rule.byday or rule.bymonthday or rule.bymonth):
        raise RuleError(_("The recurrence rule cannot be read."))


def _joined(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))


def _number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[+-]?\d{1,5}", text, re.ASCII) or not least <= int(text) <= most:
        raise RuleError(
            _("A number in the recurrence rule is not between %(least)d and %(most)d.") % {"least": least, "most": most}
        )
    return int(text)


def _numbers(text: str, most: int, *, negative: bool = True) -> tuple[int, ...]:
    numbers = [_number(piece, -most if negative else 1, most) for piece in text.split(",")] if text else []
    if 0 in numbers:
        raise RuleError(_("The recurrence rule cannot be read."))
    return tuple(dict.fromkeys(numbers))


def _bydays(text: str) -> tuple[tuple[int, int], ...]:
    matches = [_BYDAY.fullmatch(piece) for piece in text.split(",")] if text else []
    if not all(matches):
        raise RuleError(_("The weekdays of the recurrence rule cannot be read."))
    return tuple(dict.fromkeys(_byday(match) for match in matches if match))


def _byday(match: re.Match[str]) -> tuple[int, int]:
    nth = _number(match[1], -53, 53) if match[1] else 0
    if match[1] and not nth:
        raise RuleError(_("The weekdays of the recurrence rule cannot be read."))
    return nth, WEEKDAYS.index(match[2])


def _weekday(text: str) -> int:
    if text not in WEEKDAYS:
        raise RuleError(_("The weekdays of the recurrence rule cannot be read."))
    return WEEKDAYS.index(text)


def _until(text: str) -> str:
    try:
        if _UNTIL.fullmatch(text):
            dt.datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise RuleError(_("The end date of the recurrence rule cannot be read."))


def occurrences(
    rule: Rule, start: dt.datetime, zone: dt.tzinfo, *, after: dt.datetime, before: dt.datetime
) -> Iterator[dt.datetime]:
    """Yield the times (aware, UTC) from ``after`` (included) to ``before`` (excluded), at most :data:`MAX_OCCURRENCES`.

    Times follow the clock of ``zone``: 9:00 stays 9:00 when summer time begins and ends. A time that does not exist
    moves forward by the skipped hour, one that occurs twice is the first (RFC 5545 §3.3.5). ``start`` always counts.
    """
    times = _all(rule, start.astimezone(zone).replace(tzinfo=None, fold=0), zone, after, before)
    return islice((time for time in times if time >= after), MAX_OCCURRENCES)


def first_match(rule: Rule, start: dt.datetime, zone: dt.tzinfo) -> dt.datetime | None:
    """Return the first time of the rule itself from ``start`` on, within two years."""
    local = start.astimezone(zone).replace(tzinfo=None, fold=0)
    bound = local.date() + 2 * AHEAD
    return next((_aware(time, zone) for time in _matching(rule, local, local.date(), bound) if time >= local), None)


def _all(
    rule: Rule, local: dt.datetime, zone: dt.tzinfo, after: dt.datetime, before: dt.datetime
) -> Iterator[dt.datetime]:
    """Yield the start and later times; periods before ``after`` are skipped where the rule has no count."""
    skipped_to = local.date() if rule.count else max(local.date(), _day(after, zone, -1))
    for number, time in enumerate(_from_start(rule, local, skipped_to, _day(before, zone, 1)), start=1):
        aware = _aware(time, zone)
        if aware >= before or (rule.count and number > rule.count) or _is_past_until(rule, time, aware):
            return
        yield aware


def _day(time: dt.datetime, zone: dt.tzinfo, days: int) -> dt.date:
    return time.astimezone(zone).date() + dt.timedelta(days=days)


def _from_start(rule: Rule, local: dt.datetime, first: dt.date, last: dt.date) -> Iterator[dt.datetime]:
    yield local
    yield from (time for time in _matching(rule, local, first, last) if time > local)


def _aware(local: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    return local.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)


def _is_past_until(rule: Rule, local: dt.datetime, aware: dt.datetime) -> bool:
    if not rule.until:
        return False
    if len(rule.until) == len("20261231"):
        return local.date() > dt.date.fromisoformat(rule.until)
    end = dt.datetime.fromisoformat(rule.until)
    return aware > end if end.tzinfo else local > end


def _matching(rule: Rule, local: dt.datetime, first: dt.date, last: dt.date) -> Iterator[dt.datetime]:
    """Yield the rule's own times from the period of ``first`` to ``last``, in order."""
    for days in _periods(rule, local.date(), first, last):
        chosen = [day for day in days if _fits(rule, day, local.date())]
        for day in _at_positions(rule, chosen):
            yield dt.datetime.combine(day, local.time())


def _periods(rule: Rule, start: dt.date, first: dt.date, last: dt.date) -> Iterator[list[dt.date]]:
    """Yield the days of every ``interval``-th period, counted from the one with ``start``."""
    index = max(0, _distance(rule, start, first) // rule.interval)
    while True:
        days = _days(rule, start, index * rule.interval)
        if not days or days[0] > last:
            return
        yield days
        index += 1


def _distance(rule: Rule, start: dt.date, day: dt.date) -> int:
    """Return how many periods are between the two days."""
    if rule.freq == "YEARLY":
        return day.year - start.year
    if rule.freq == "MONTHLY":
        return (day.year - start.year) * 12 + day.month - start.month
    return (day - start).days // (7 if rule.freq == "WEEKLY" else 1)


def _days(rule: Rule, start: dt.date, distance: int) -> list[dt.date]:
    """Return the days of the period ``distance`` periods after the start's; none beyond the calendar's end."""
    try:
        if rule.freq == "DAILY":
            return [start + dt.timedelta(days=distance)]
        if rule.freq == "WEEKLY":
            monday = start - dt.timedelta(days=(start.weekday() - rule.wkst) % 7) + dt.timedelta(weeks=distance)
            return [monday + dt.timedelta(days=number) for number in range(7)]
        if rule.freq == "MONTHLY":
            year, month = divmod(start.year * 12 + start.month - 1 + distance, 12)
            return _month(year, month + 1)
        return [day for month in sorted(rule.bymonth) or range(1, 13) for day in _month(start.year + distance, month)]
    except (OverflowError, ValueError):
        return []


def _month(year: int, month: int) -> list[dt.date]:
    return [dt.date(year, month, day) for day in range(1, calendar.monthrange(year, month)[1] + 1)]


def _fits(rule: Rule, day: dt.date, start: dt.date) -> bool:
    if rule.bymonth and day.month not in rule.bymonth:
        return False
    if rule.bymonthday and not {day.day, day.day - calendar.monthrange(day.year, day.month)[1] - 1} & {
        *rule.bymonthday
    }:
        return False
    if rule.byday:
        return any(day.weekday() == weekday and _is_nth(rule, day, nth) for nth, weekday in rule.byday)
    return bool(rule.bymonthday) or _fits_start(rule, day, start)


def _fits_start(rule: Rule, day: dt.date, start: dt.date) -> bool:
    """Return whether the day matches the start in the parts that the rule omits: weekday, day of the month, month."""
    if rule.freq == "WEEKLY":
        return day.weekday() == start.weekday()
    if rule.freq == "MONTHLY":
        return day.day == start.day
    return rule.freq == "DAILY" or (day.day == start.day and (bool(rule.bymonth) or day.month == start.month))


def _is_nth(rule: Rule, day: dt.date, nth: int) -> bool:
    """Return whether the day is the n-th of its weekday in the month, or in the year where the rule names no month."""
    if not nth:
        return True
    if rule.freq == "YEARLY" and not rule.bymonth:
        number, length = day.timetuple().tm_yday, 365 + calendar.isleap(day.year)
    else:
        number, length = day.day, calendar.monthrange(day.year, day.month)[1]
    return nth in ((number - 1) // 7 + 1, -((length - number) // 7 + 1))


def _at_positions(rule: Rule, days: list[dt.date]) -> list[dt.date]:
    if not rule.bysetpos:
        return days
    indexes = {position - 1 if position > 0 else len(days) + position for position in rule.bysetpos}
    return [day for index, day in enumerate(days) if index in indexes]
