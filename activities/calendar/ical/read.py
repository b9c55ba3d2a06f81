"""Reader of calendar files of other programs, and of the answers that they send to invitations.

Each event of a file is read separately, so a broken one spoils no other.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from activities.calendar.enums import Answer
from activities.log.recurrence.rules import MAX_LEFT_OUT, RuleError, parse_rule
from core import clock

MAX_BYTES = 2 * 1024 * 1024
MAX_EVENTS = 2_000

LONGEST_TITLE, LONGEST_TEXT = 200, 10_000
FIRST_YEAR, LAST_YEAR = 1900, 2200
#: The times of an all-day event, which has none in the file.
DAY_BEGINS, DAY_ENDS = dt.time(8), dt.time(16)

_FOLD = re.compile(r"\r?\n[ \t]")
_LEFT_OUT = re.compile(r"(?i)(ATTACH|X-ALT-DESC|IMAGE|STYLED-DESCRIPTION)[;:]")
ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "DECLINED": Answer.DECLINED, "TENTATIVE": Answer.TENTATIVE}
MAX_CHARS = 200_000


class CalendarError(ValueError):
    """The file cannot be read as a calendar; the message gives the reason."""


@dataclass
class ReadEvent:
    """An event of the file. ``problem`` is the reason why it cannot be imported, ``notes`` list deviations."""

    uid: str = ""
    recurrence: dt.datetime | None = None
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    all_day: bool = False
    title: str = ""
    place: str = ""
    text: str = ""
    rule: str = ""
    without: list[dt.date] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    problem: str = ""
    notes: list[str] = field(default_factory=list)


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 with a byte order mark, or Windows-1252.

    Raises :class:`CalendarError` if the file is too large.
    """
    if len(content) > MAX_BYTES:
        raise CalendarError(_("The file is larger than 2 MB."))
    for encoding in ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig",):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return content.decode("cp1252", errors="replace")


def read_calendar(text: str, zone: ZoneInfo) -> list[ReadEvent]:
    """Return the events of an iCalendar file; times without a zone are in ``zone``. Raises :class:`CalendarError`."""
    text = _FOLD.sub("", text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n"))
    if not re.search(r"(?im)^BEGIN:VCALENDAR\s*$", text):
        raise CalendarError(_("This is not a calendar file (.ics)."))
    blocks = list(_blocks(text))
    if len(blocks) > MAX_EVENTS:
        raise CalendarError(_("The calendar has more than %d events. Export a shorter period.") % MAX_EVENTS)
    return [
        _read_event(lines, zone) if lines else ReadEvent(problem=_("The event is incomplete in the file."))
        for lines in blocks
    ]


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield the lines of each event without its alarms and attachments; an empty list for an event without an end."""
    lines: list[str] | None = None
    inner: list[str] = []
    for line in text.split("\n"):
        mark = line.strip().upper()
        if mark == "BEGIN:VEVENT":
            if lines is not None:
                yield []
            lines, inner = [], []
        elif lines is None:
            continue
        elif mark == "END:VEVENT":
            yield lines if not inner else []
            lines = None
        elif mark.startswith("BEGIN:"):
            inner.append(mark[6:])
        elif mark.startswith("END:"):
            if inner and inner[-1] == mark[4:]:
                inner.pop()
        elif not inner and not _LEFT_OUT.match(line):
            lines.append(line)
    if lines is not None:
        yield []


def _read_event(lines: list[str], zone: ZoneInfo) -> ReadEvent:
    result = ReadEvent()
    try:
        event = Event.from_ical("\r\n".join(["BEGIN:VEVENT", *filter(str.strip, lines), "END:VEVENT", ""]))
        _fill(result, event, zone)
    except RuleError as error:
        result.problem = str(error)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        result.problem = result.problem or _("The event cannot be read.")
    return result


def _fill(result: ReadEvent, event: Any, zone: ZoneInfo) -> None:
    result.uid = _one_line(event.get("UID"), 255)
    result.title = _one_line(event.get("SUMMARY"), LONGEST_TITLE) or _("Untitled")
    result.place = _one_line(event.get("LOCATION"), 200)
    result.text = _clean(str(event.get("DESCRIPTION", "")))[:LONGEST_TEXT]
    result.emails = _emails(event)
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        result.problem = _("The event has been cancelled.")
        return
    begin = _value(event, "DTSTART")
    if begin is None:
        result.problem = _("The event has no readable time.")
        return
    result.all_day = not isinstance(begin, dt.datetime)
    if not result.all_day and begin.tzinfo is None and event["DTSTART"].params.get("TZID"):
        result.notes.append(_("unknown time zone: your own is used"))
    result.start = _aware(begin, zone, DAY_BEGINS)
    result.end = _end(result, event, begin, zone)
    recurrence = _value(event, "RECURRENCE-ID")
    result.recurrence = _aware(recurrence, zone, DAY_BEGINS) if recurrence is not None else None
    _read_rule(result, event, zone)
    _check_event(result)


def _check_event(result: ReadEvent) -> None:
    if not result.uid:
        result.problem = _("The event has no identifier (UID).")
    years = [time.year for time in (result.start, result.end) if time]
    if any(not FIRST_YEAR <= year <= LAST_YEAR for year in years):
        result.problem = _("The year must be between %(first)d and %(last)d.") % {
            "first": FIRST_YEAR,
            "last": LAST_YEAR,
        }
    if result.start and result.end and result.end < result.start:
        result.problem = _("The end is before the start.")


def _read_rule(result: ReadEvent, event: Any, zone: ZoneInfo) -> None:
    rules = event.get("RRULE")
    if isinstance(rules, list):
        raise RuleError(_("The recurrence rule cannot be read."))
    if any(name == "RRULE" for name, _error in event.errors):
        raise RuleError(_("The recurrence rule cannot be read."))
    if rules is not None:
        result.rule = str(parse_rule(rules.to_ical().decode()))
    if event.get("RDATE") is not None:
        result.notes.append(_("extra days outside the rule are left out"))
    dates = event.get("EXDATE")
    for group in dates if isinstance(dates, list) else [dates] if dates is not None else []:
        result.without += [_left_out_day(value.dt, zone) for value in group.dts]
    if len(result.without) > MAX_LEFT_OUT:
        raise RuleError(_("More than %d days are left out of the recurrence.") % MAX_LEFT_OUT)


def _left_out_day(value: Any, zone: ZoneInfo) -> dt.date:
    """Return the day of an EXDATE, which programs write with or without a time."""
    if not isinstance(value, dt.datetime):
        return value
    return value.date() if value.tzinfo is None else value.astimezone(zone).date()


def _value(event: Any, name: str) -> Any:
    values = event.get(name)
    return getattr(values[0] if isinstance(values, list) else values, "dt", None)


def _end(result: ReadEvent, event: Any, begin: Any, zone: ZoneInfo) -> dt.datetime | None:
    end, length = _value(event, "DTEND"), _value(event, "DURATION")
    if result.all_day:
        last = end - dt.timedelta(days=1) if isinstance(end, dt.date) and not isinstance(end, dt.datetime) else begin
        return _aware(last, zone, DAY_ENDS) if last > begin else None
    if isinstance(end, dt.datetime):
        return _aware(end, zone, DAY_ENDS)
    if isinstance(length, dt.timedelta) and result.start:
        return result.start + length
    return None


def _aware(value: Any, zone: ZoneInfo, at: dt.time) -> dt.datetime:
    """Return a time in UTC; a day without a time gets the time ``at``, a time without a known zone is in ``zone``."""
    if not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, at)
    if value.tzinfo is None or value.utcoffset() is None:
        value = value.replace(tzinfo=zone, fold=0)
    return value.astimezone(dt.UTC).replace(microsecond=0)


def _emails(event: Any) -> list[str]:
    people: list[Any] = []
    for name in ("ORGANIZER", "ATTENDEE"):
        values = event.get(name)
        people += values if isinstance(values, list) else [values] if values is not None else []
    addresses = [email_of(person) for person in people[:200]]
    return list(dict.fromkeys(email for email in addresses if "@" in email and len(email) <= 254))


def _one_line(value: Any, max_length: int) -> str:
    return " ".join(_clean(str(value or "")).split())[:max_length]


def _clean(text: str) -> str:
    """Return the text without control characters and surrogates, which the database cannot store."""
    return "".join(char for char in text if (char in "\n\t" or ord(char) >= 32) and not 0xD800 <= ord(char) <= 0xDFFF)


@dataclass(frozen=True)
class Reply:
    uid: str
    email: str
    answer: Answer
    sequence: int
    stamp: dt.datetime


def read_replies(text: str) -> list[Reply]:
    """Return the answers of a METHOD:REPLY; an empty list for any other or unreadable text."""
    if len(text) > MAX_CHARS:
        return []
    try:
        calendar = Calendar.from_ical(text.replace("\x00", ""))
        if str(calendar.get("METHOD", "")).upper() != "REPLY":
            return []
        replies = [_reply(event) for event in calendar.walk("VEVENT")[:10]]
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError):
        return []
    return [reply for reply in replies if reply]


def _reply(event: Any) -> Reply | None:
    attendee = event.get("ATTENDEE")
    attendee = attendee[0] if isinstance(attendee, list) else attendee
    answer = ANSWERS.get(str(attendee.params.get("PARTSTAT", "")).upper()) if attendee is not None else None
    if answer is None:
        return None
    return Reply(
        uid=str(event.get("UID", "")),
        email=email_of(attendee),
        answer=answer,
        sequence=int(event.get("SEQUENCE", 0)),
        stamp=_stamp(event),
    )


def email_of(person: Any) -> str:
    """Return the e-mail address of an ATTENDEE or ORGANIZER, in lower case."""
    return str(person).strip().lower().removeprefix("mailto:").strip()


def _stamp(event: Any) -> dt.datetime:
    stamp = event.get("DTSTAMP")
    time = stamp.dt if stamp is not None else None
    if not isinstance(time, dt.datetime):
        return clock.now()
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)
