"""Reader of calendar files of other programs.

Each event of a file is read separately, so a broken one spoils no other. Only the lines that are needed reach the
library, and the time that a file may take is bounded.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from icalendar import Event

from activities.calendar.ical.extra import MAX_EXTRA, extra_events
from activities.calendar.ical.people import MAX_PEOPLE, emails_of_event
from activities.calendar.ical.replies import stamp_of
from activities.calendar.ical.text import CalendarError, content_lines
from activities.calendar.ical.zones import FileZones
from activities.log.recurrence.rules import MAX_LEFT_OUT, RuleError, parse_rule

MAX_EVENTS = 2_000
TOO_MANY = gettext_lazy("The calendar has more than %d events. Export a shorter period.")
#: The seconds of the processor that reading and planning a file may take.
MAX_SECONDS = 4.0

LONGEST_TITLE, LONGEST_TEXT = 200, 10_000
FIRST_YEAR, LAST_YEAR = 1900, 2200
#: The times of an all-day event, which has none in the file.
DAY_BEGINS, DAY_ENDS = dt.time(8), dt.time(16)

#: The properties that are read, with the number of lines of each that is read.
_READ = {
    **dict.fromkeys(("UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION", "DESCRIPTION"), 1),
    **dict.fromkeys(("STATUS", "SEQUENCE", "DTSTAMP", "RECURRENCE-ID", "ORGANIZER"), 1),
    "RRULE": 2,
    "RDATE": MAX_EXTRA,
    "ATTENDEE": MAX_PEOPLE,
    "EXDATE": MAX_LEFT_OUT,
}
_LONGEST_LINE = 2_000
_NAME = re.compile(r"[A-Za-z-]+")
_ZONE = re.compile(r"(?i);TZID=")
#: Messages about an event that are no events themselves.
_ANSWERS = ("REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH")


class Budget:
    """The processor time that a file may take. ``check`` raises :class:`CalendarError` when it is used up."""

    def __init__(self, seconds: float = MAX_SECONDS) -> None:
        self.end = time.thread_time() + seconds

    def check(self) -> None:
        if time.thread_time() > self.end:
            raise CalendarError(_("The calendar takes too long to read. Export a shorter period."))


@dataclass
class ReadEvent:
    """An event of the file. ``problem`` is the reason why it cannot be imported, ``notes`` list deviations.

    ``recurrence`` is the original time of an occurrence of a series (``recurrence_day`` where the file gives only the
    day), ``is_following`` says that the change holds for all that follow. ``zone`` is that of the start. ``extra`` has
    the times beside the rule, with their ends where they have their own; each is an event too (``is_extra``).
    """

    uid: str = ""
    recurrence: dt.datetime | None = None
    recurrence_day: dt.date | None = None
    is_following: bool = False
    is_cancelled: bool = False
    sequence: int = 0
    stamp: dt.datetime | None = None
    zone: dt.tzinfo = dt.UTC
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    all_day: bool = False
    title: str = ""
    place: str = ""
    text: str = ""
    rule: str = ""
    without: list[dt.date] = field(default_factory=list)
    extra: dict[dt.datetime, dt.datetime | None] = field(default_factory=dict)
    is_extra: bool = False
    is_beside_rule: bool = False  # a time beside a rule, not only beside another time
    emails: list[str] = field(default_factory=list)
    problem: str = ""
    notes: list[str] = field(default_factory=list)

    def original_day(self, zone: dt.tzinfo) -> dt.date | None:
        """Return the day of the series' zone on which its rule has the occurrence; None if it is no occurrence."""
        if self.recurrence_day or self.recurrence is None:
            return self.recurrence_day
        return self.recurrence.astimezone(zone).date()

    @property
    def version(self) -> tuple[int, dt.datetime]:
        """What says which of two versions of an event is the newer one."""
        return self.sequence, self.stamp or dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass
class _Block:
    """The lines of an event with the zones and the METHOD of its calendar; no lines: the event does not end."""

    lines: list[str]
    zones: FileZones
    method: str


def read_calendar(
    text: str, zone: ZoneInfo, budget: Budget | None = None, *, with_answers: bool = False
) -> list[ReadEvent]:
    """Return the events of an iCalendar file; times without a zone are in ``zone``.

    Raises :class:`CalendarError`, also for a file that has only answers, unless ``with_answers``.
    """
    budget = budget or Budget()
    lines = content_lines(text)
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines):
        raise CalendarError(_("This is not a calendar file (.ics)."))
    blocks = list(_blocks(lines, budget))
    if len(blocks) > MAX_EVENTS:
        raise CalendarError(TOO_MANY % MAX_EVENTS)
    if blocks and not with_answers and all(block.method in _ANSWERS for block in blocks):
        raise CalendarError(_("This file is an answer to an invitation. It contains no events of a calendar."))
    events = [_read_event(block, zone, budget) for block in blocks]
    events += extra_events(events, budget.check)
    if len(events) > MAX_EVENTS:
        raise CalendarError(TOO_MANY % MAX_EVENTS)
    return events


def _blocks(lines: list[str], budget: Budget) -> Iterator[_Block]:
    """Yield the lines of each event without its alarms; the zones of the calendar are collected beside them."""
    zones, method = FileZones(budget.check), ""
    open_parts: list[str] = []
    part: list[str] = []
    for line in lines:
        mark = line.strip().upper()
        if mark == "BEGIN:VCALENDAR":
            zones, method = FileZones(budget.check), ""
        elif mark in ("BEGIN:VEVENT", "BEGIN:VTIMEZONE"):
            if open_parts[:1] == ["VEVENT"]:
                yield _Block([], zones, method)
            open_parts, part = [mark[6:]], []
        elif not open_parts:
            method = mark[7:].strip() if mark.startswith("METHOD:") else method
        elif mark == f"END:{open_parts[0]}":
            if open_parts[0] == "VTIMEZONE":
                zones.add(part)
            else:
                yield _Block(part if len(open_parts) == 1 else [], zones, method)
            open_parts = []
        else:
            _collect(line, mark, open_parts, part)
    if open_parts[:1] == ["VEVENT"]:
        yield _Block([], zones, method)


def _collect(line: str, mark: str, open_parts: list[str], part: list[str]) -> None:
    """Add the line to the part: all lines of a zone, those of an event that are outside its alarms."""
    if mark.startswith("BEGIN:"):
        open_parts.append(mark[6:])
    elif mark.startswith("END:") and len(open_parts) > 1 and open_parts[-1] == mark[4:]:
        open_parts.pop()
    elif open_parts[0] == "VEVENT" and len(open_parts) > 1:
        return
    if mark and (open_parts[0] == "VTIMEZONE" or not mark.startswith(("BEGIN:", "END:"))):
        part.append(line)


def _read_event(block: _Block, zone: ZoneInfo, budget: Budget) -> ReadEvent:
    budget.check()
    result = ReadEvent(zone=zone)
    if not block.lines:
        result.problem = _("The event is incomplete in the file.")
        return result
    try:
        lines = list(_needed(block.lines))
        event = Event.from_ical("\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""]))
        _Reader(result, event, zone, block.zones).fill(block.method)
    except RuleError as error:
        _check_event(result)
        result.problem = str(error)
    except CalendarError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        result.problem = result.problem or _("The event cannot be read.")
        result.start = result.end = None
    return result


def _needed(lines: list[str]) -> Iterator[str]:
    """Yield the lines that are read, none of them endless; zones by a name that the library does not look up."""
    numbers: Counter[str] = Counter()
    left_out = 0
    for line in lines:
        match = _NAME.match(line.lstrip())
        name = match[0].upper() if match else ""
        numbers[name] += 1
        if numbers[name] > _READ.get(name, 0):
            continue
        if name == "EXDATE":
            left_out += line.count(",") + 1
            if left_out > MAX_LEFT_OUT:
                raise RuleError(_("More than %d days are left out of the recurrence.") % MAX_LEFT_OUT)
        elif name == "DESCRIPTION":
            line = line[: 4 * LONGEST_TEXT]
        else:
            line = line[:_LONGEST_LINE]
        head, colon, value = line.partition(":")
        yield _ZONE.sub(";X-TZID=", head) + colon + value if name not in ("ATTENDEE", "ORGANIZER") else line


class _Reader:
    """Reads one event of the library into a :class:`ReadEvent`."""

    def __init__(self, result: ReadEvent, event: Any, zone: ZoneInfo, zones: FileZones) -> None:
        self.result, self.event, self.own_zone, self.zones = result, event, zone, zones

    def fill(self, method: str) -> None:
        result, event = self.result, self.event
        result.uid = _one_line(event.get("UID"), 255)
        result.title = _one_line(event.get("SUMMARY"), LONGEST_TITLE) or _("Untitled")
        result.place = _one_line(event.get("LOCATION"), 200)
        result.text = _clean(str(event.get("DESCRIPTION", "")))[:LONGEST_TEXT]
        result.emails = emails_of_event(event)
        result.sequence, result.stamp = _sequence(event.get("SEQUENCE")), stamp_of(event)
        result.is_cancelled = method == "CANCEL" or str(event.get("STATUS", "")).strip().upper() == "CANCELLED"
        self._read_recurrence()
        self._read_times()
        if not result.problem:
            self._read_rule()
        _check_event(result)
        if method in _ANSWERS:
            result.problem = _("This is an answer to an invitation, not an event.")

    def _read_times(self) -> None:
        result, begin = self.result, self._value("DTSTART")
        if begin is None:
            # What is cancelled needs no time: it is known by its identifier.
            result.problem = "" if result.is_cancelled else _("The event has no readable time.")
            return
        result.all_day = not isinstance(begin, dt.datetime)
        result.zone = self.own_zone if result.all_day else self._zone_of("DTSTART", begin)
        result.start = self._aware(begin, result.zone, DAY_BEGINS)
        result.end = self._end(begin)

    def _read_recurrence(self) -> None:
        result, value = self.result, self._value("RECURRENCE-ID")
        if value is None:
            return
        parameters = self.event["RECURRENCE-ID"].params
        result.is_following = str(parameters.get("RANGE", "")).upper() == "THISANDFUTURE"
        if not isinstance(value, dt.datetime):
            result.recurrence_day = value
        zone = self._zone_of("RECURRENCE-ID", value)
        result.recurrence = self._aware(value, zone, DAY_BEGINS)

    def _end(self, begin: Any) -> dt.datetime | None:
        end, length = self._value("DTEND"), self._value("DURATION")
        if self.result.all_day:
            return self._last_day(begin, end, length)
        if isinstance(end, dt.datetime):
            return self._aware(end, self._zone_of("DTEND", end), DAY_ENDS)
        if end is not None:
            return self._aware(end - dt.timedelta(days=1), self.result.zone, DAY_ENDS)
        if isinstance(length, dt.timedelta) and self.result.start:
            # Days go by the clock of the zone, hours by time (RFC 5545 §3.3.6).
            local = self.result.start.astimezone(self.result.zone) + dt.timedelta(days=length.days)
            return local.astimezone(dt.UTC) + dt.timedelta(seconds=length.seconds)
        return None

    def _last_day(self, begin: dt.date, end: Any, length: Any) -> dt.datetime | None:
        """Return the end of the last day of an all-day event; DTEND and DURATION exclude the day they lead to."""
        if isinstance(end, dt.datetime):
            end = end.date() if end.time() == dt.time() else end.date() + dt.timedelta(days=1)
        elif end is None and isinstance(length, dt.timedelta):
            end = begin + dt.timedelta(days=length.days + (length.seconds > 0))
        if end is None or begin <= end <= begin + dt.timedelta(days=1):
            return None
        return self._aware(end - dt.timedelta(days=1), self.own_zone, DAY_ENDS)

    def _read_rule(self) -> None:
        result, event = self.result, self.event
        rules = event.get("RRULE")
        if isinstance(rules, list) or any(name == "RRULE" for name, _error in event.errors):
            raise RuleError(_("The recurrence rule cannot be read."))
        if rules is not None:
            rule = parse_rule(rules.to_ical().decode())
            if result.all_day and rule.until.endswith("Z"):  # a day that has been written as a moment
                until = dt.datetime.fromisoformat(rule.until).astimezone(self.own_zone)
                rule = rule.ending(until.date())
            result.rule = str(rule)
        for group in self._groups("EXDATE"):
            zone = self._named_zone(group.params.get("X-TZID"))
            result.without += [self._left_out_day(value.dt, zone) for value in group.dts]
        self._read_extra()

    def _read_extra(self) -> None:
        """Read the times beside the rule, but for days that are left out."""
        result = self.result
        times: dict[dt.datetime, dt.datetime | None] = {}
        for group in self._groups("RDATE"):
            zone = self._named_zone(group.params.get("X-TZID")) or result.zone
            for value in group.dts:
                first, last = value.dt if isinstance(value.dt, tuple) else (value.dt, None)
                start = self._aware(first, zone, DAY_BEGINS)
                if start != result.start and start.astimezone(result.zone).date() not in result.without:
                    is_length = isinstance(last, dt.timedelta)
                    times[start] = start + last if is_length else last and self._aware(last, zone, DAY_ENDS)
        result.extra = dict(sorted(times.items())[:MAX_EXTRA])
        if len(times) > MAX_EXTRA or any(name == "RDATE" for name, _error in self.event.errors):
            result.notes.append(_("some extra days outside the rule are left out"))

    def _groups(self, name: str) -> list[Any]:
        """Return the lines of a property that has several values in each."""
        found = self.event.get(name)
        return found if isinstance(found, list) else [found] if found is not None else []

    def _left_out_day(self, value: Any, zone: dt.tzinfo | None) -> dt.date:
        """Return the day of an EXDATE, which programs write with or without a time, in the zone of the series."""
        if not isinstance(value, dt.datetime):
            return value
        if value.tzinfo is None and zone is None:
            return value.date()
        aware = value if value.tzinfo else value.replace(tzinfo=zone)
        return aware.astimezone(self.result.zone).date()

    def _value(self, name: str) -> Any:
        values = self.event.get(name)
        return getattr(values[0] if isinstance(values, list) else values, "dt", None)

    def _zone_of(self, name: str, value: Any) -> dt.tzinfo:
        """Return the zone of a property: UTC, the one that it names, or the user's own."""
        if isinstance(value, dt.datetime) and value.tzinfo is not None:
            return dt.UTC
        return self._named_zone(self.event[name].params.get("X-TZID")) or self.own_zone

    def _named_zone(self, name: Any) -> dt.tzinfo | None:
        if not name:
            return None
        zone = self.zones.zone(str(name))
        note = _("unknown time zone “%s”: your own is used") % _one_line(name, 60)
        if zone is None and note not in self.result.notes:
            self.result.notes.append(note)
        return zone

    @staticmethod
    def _aware(value: Any, zone: dt.tzinfo, at: dt.time) -> dt.datetime:
        """Return a time in UTC; a day without a time gets the time ``at``, a time without a zone is in ``zone``."""
        if not isinstance(value, dt.datetime):
            value = dt.datetime.combine(value, at)
        if value.tzinfo is None or value.utcoffset() is None:
            value = value.replace(tzinfo=zone, fold=0)
        return value.astimezone(dt.UTC).replace(microsecond=0)


def _check_event(result: ReadEvent) -> None:
    if not result.uid:
        result.problem = _("The event has no identifier (UID).")
    years = [time.year for time in (result.start, result.end, result.recurrence) if time]
    if any(not FIRST_YEAR <= year <= LAST_YEAR for year in years):
        result.problem = _("The year must be between %(first)d and %(last)d.") % {
            "first": FIRST_YEAR,
            "last": LAST_YEAR,
        }
        result.start = result.end = result.recurrence = result.recurrence_day = None
    if result.start and result.end and result.end < result.start:
        result.problem = _("The end is before the start.")


def _sequence(value: Any) -> int:
    """Return the SEQUENCE, 0 where it is missing or no number."""
    try:
        return min(max(int(value), 0), 2_147_483_647)
    except (TypeError, ValueError):
        return 0


def _one_line(value: Any, max_length: int) -> str:
    return " ".join(_clean(str(value or "")).split())[:max_length]


def _clean(text: str) -> str:
    """Return the text without control characters and surrogates, which the database cannot store."""
    return "".join(char for char in text if (char in "\n\t" or ord(char) >= 32) and not 0xD800 <= ord(char) <= 0xDFFF)
