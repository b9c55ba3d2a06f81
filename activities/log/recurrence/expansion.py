"""Occurrences of a recurrence rule, computed period by period within bounds, so that no rule takes too long.

``dateutil.rrule`` searches up to the year 9999, where a rule that never occurs costs seconds; the tests compare this
module with its results.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

from activities.log.recurrence.rules import Rule

#: How far ahead occurrences are made, and how many at most.
AHEAD = dt.timedelta(days=366)
MAX_OCCURRENCES = 400


def occurrences(
    rule: Rule, start: dt.datetime, zone: ZoneInfo, *, after: dt.datetime, before: dt.datetime
) -> Iterator[dt.datetime]:
    """Yield the times (aware, UTC) from ``after`` (included) to ``before`` (excluded), at most :data:`MAX_OCCURRENCES`.

    Times follow the clock of ``zone``: 9:00 stays 9:00 when summer time begins and ends. A time that does not exist
    moves forward by the skipped hour, one that occurs twice is the first (RFC 5545 §3.3.5). ``start`` always counts.
    """
    times = _all(rule, start.astimezone(zone).replace(tzinfo=None, fold=0), zone, after, before)
    return islice((time for time in times if time >= after), MAX_OCCURRENCES)


def first_match(rule: Rule, start: dt.datetime, zone: ZoneInfo) -> dt.datetime | None:
    """Return the first time of the rule itself from ``start`` on, within two years."""
    local = start.astimezone(zone).replace(tzinfo=None, fold=0)
    bound = local.date() + 2 * AHEAD
    return next((_aware(time, zone) for time in _matching(rule, local, local.date(), bound) if time >= local), None)


def _all(
    rule: Rule, local: dt.datetime, zone: ZoneInfo, after: dt.datetime, before: dt.datetime
) -> Iterator[dt.datetime]:
    """Yield the start and later times; periods before ``after`` are skipped where the rule has no count."""
    skipped_to = local.date() if rule.count else max(local.date(), _day(after, zone, -1))
    for number, time in enumerate(_from_start(rule, local, skipped_to, _day(before, zone, 1)), start=1):
        aware = _aware(time, zone)
        if aware >= before or (rule.count and number > rule.count) or _is_past_until(rule, time, aware):
            return
        yield aware


def _day(time: dt.datetime, zone: ZoneInfo, days: int) -> dt.date:
    return time.astimezone(zone).date() + dt.timedelta(days=days)


def _from_start(rule: Rule, local: dt.datetime, first: dt.date, last: dt.date) -> Iterator[dt.datetime]:
    yield local
    yield from (time for time in _matching(rule, local, first, last) if time > local)


def _aware(local: dt.datetime, zone: ZoneInfo) -> dt.datetime:
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
        return [day for month in range(1, 13) for day in _month(start.year + distance, month)]
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
    """Whether the day matches the start in the parts that the rule omits: weekday, day of the month, month."""
    if rule.freq == "WEEKLY":
        return day.weekday() == start.weekday()
    if rule.freq == "MONTHLY":
        return day.day == start.day
    return rule.freq == "DAILY" or (day.day == start.day and (bool(rule.bymonth) or day.month == start.month))


def _is_nth(rule: Rule, day: dt.date, nth: int) -> bool:
    """Whether the day is the n-th of its weekday in the month, or in the year where the rule names no month."""
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
