"""The time zones of a calendar file: its own VTIMEZONE, whatever its name, else the zone of that name.

The library's zones are not used for a VTIMEZONE: it walks the rules of one without bounds (FREQ=SECONDLY never ends),
and keeps the zones of one file for the next one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from activities.calendar.ical.text import CalendarError
from activities.log.recurrence.rules import RuleError, occurrences, parse_rule
from activities.log.recurrence.zones import OffsetZone
from core import clock

#: Between these years the changes of a zone are worked out; before and after, the first and the last offset hold.
FIRST, LAST = dt.datetime(1900, 1, 1, tzinfo=dt.UTC), dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
MAX_OBSERVANCES = 200
MAX_LINES = 2_000
LONGEST_LINE = 20_000
DAY = 86_400
#: The years around today in which a zone must agree with the known one of its name to be that one.
YEARS_ALIKE = 15
_YEAR = dt.timedelta(days=366)


class FileZones:
    """The zones of one VCALENDAR: lines of its VTIMEZONEs, read when an event names one."""

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        self.check = check
        self.blocks: dict[str, list[str]] = {}
        self._read: dict[str, dt.tzinfo | None] = {}

    def add(self, lines: list[str]) -> None:
        for line in lines:
            if line.upper().startswith(("TZID:", "TZID;")):
                self.blocks.setdefault(line.partition(":")[2].strip(), lines)
                return

    def zone(self, name: str) -> dt.tzinfo | None:
        """Return the zone of a TZID; None if neither the file nor the world knows it."""
        name = name.strip().strip('"')
        if name not in self._read:
            own = read_zone(name, self.blocks[name], self.check) if name in self.blocks else None
            self._read[name] = own or known_zone(name)
        return self._read[name]


def known_zone(name: str) -> dt.tzinfo | None:
    """Return the zone of the IANA or Windows name, also where a program has put its own prefix before it."""
    parts = name.strip("/").split("/")
    tails = ["/".join(parts[number:]) for number in range(len(parts))] if name.startswith("/") else [name]
    for tail in tails[-4:]:
        if key := _KEYS.get(tail.lower()):
            return ZoneInfo(key)
    return None


_KEYS = {
    **{windows.lower(): key for windows, key in WINDOWS_TO_OLSON.items()},
    **{key.lower(): key for key in available_timezones()},
}


def read_zone(name: str, lines: list[str], check: Callable[[], None] = lambda: None) -> dt.tzinfo | None:
    """Return the zone of a VTIMEZONE; None where it cannot be read. ``check`` may stop it with CalendarError."""
    if len(lines) > MAX_LINES:
        return None
    # Without its TZID the library does not keep the zone.
    lines = [line for line in lines if len(line) <= LONGEST_LINE and not line.upper().startswith("TZID")]
    try:
        component: Any = Timezone.from_ical("\r\n".join(["BEGIN:VTIMEZONE", *lines, "END:VTIMEZONE", ""]))
        parts = [part for part in component.subcomponents if part.name in ("STANDARD", "DAYLIGHT")][:MAX_OBSERVANCES]
        changes = sorted({change for part in parts for change in _changes(part, check)})
    except CalendarError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RuleError):
        return None
    if not changes or any(abs(after) >= DAY for _since, _before, after in changes):
        return None
    first = min(changes)
    offsets = [(first[0] - 1, first[1]), *((since, after) for since, _before, after in changes)]
    zone = OffsetZone(name, offsets)
    return _same_known_zone(name, zone) or zone


def _changes(part: Any, check: Callable[[], None]) -> Iterator[tuple[int, int, int]]:
    """Yield the changes of an observance: a UNIX time, the offset before and the offset after."""
    before, after = (int(part[key].td.total_seconds()) for key in ("TZOFFSETFROM", "TZOFFSETTO"))
    fixed = dt.timezone(dt.timedelta(seconds=before))
    start = _local(part["DTSTART"].dt)
    yield _seconds(start, before), before, after
    rules = part.get("RRULE") or []
    for rule in (rules if isinstance(rules, list) else [rules])[:20]:
        check()
        parsed = parse_rule(rule.to_ical().decode())
        for time in occurrences(parsed, start.replace(tzinfo=fixed), fixed, after=FIRST, before=LAST):
            yield int(time.timestamp()), before, after
    dates = part.get("RDATE") or []
    for group in dates if isinstance(dates, list) else [dates]:
        for value in group.dts[:MAX_OBSERVANCES]:
            moment = value.dt[0] if isinstance(value.dt, tuple) else value.dt
            yield _seconds(_local(moment), before), before, after


def _local(value: Any) -> dt.datetime:
    time = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
    return time.replace(tzinfo=None)


def _seconds(local: dt.datetime, offset: int) -> int:
    return int(local.replace(tzinfo=dt.UTC).timestamp()) - offset


def _same_known_zone(name: str, zone: OffsetZone) -> dt.tzinfo | None:
    """Return the known zone of the name where it agrees with the file's in the years around today."""
    known = known_zone(name)
    if known is None:
        return None
    begin = clock.now() - _YEAR
    times = [begin + dt.timedelta(days=7 * number) for number in range(YEARS_ALIKE * 53)]
    alike = all(time.astimezone(known).utcoffset() == time.astimezone(zone).utcoffset() for time in times)
    return known if alike else None


def kept(zone: dt.tzinfo, start: dt.datetime) -> dt.tzinfo:
    """Return the zone with only the offsets that a series from ``start`` on can need, to be stored with it."""
    if not isinstance(zone, OffsetZone):
        return zone
    since, until = int((start - 2 * _YEAR).timestamp()), int((start + 40 * _YEAR).timestamp())
    earlier = [pair for pair in zone.offsets if pair[0] < since][-1:]
    return OffsetZone(zone.name, [*earlier, *(pair for pair in zone.offsets if since <= pair[0] <= until)])
