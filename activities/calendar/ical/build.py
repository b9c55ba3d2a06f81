"""Writer of calendars: strict RFC 5545, with lines folded and text escaped by the icalendar library."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from core import clock

PRODUCT = "-//Portaali//Portaali//FI"


@dataclass(frozen=True)
class Person:
    """The organizer or an attendee; ``answer`` is iCalendar's PARTSTAT."""

    name: str
    email: str
    answer: str = "NEEDS-ACTION"


@dataclass(frozen=True)
class Entry:
    """One event of a calendar to write."""

    uid: str
    start: dt.datetime
    end: dt.datetime | None
    summary: str
    stamp: dt.datetime
    sequence: int = 0
    location: str = ""
    description: str = ""
    url: str = ""
    status: str = "CONFIRMED"
    is_all_day: bool = False
    organizer: Person | None = None
    attendees: list[Person] = field(default_factory=list)


def calendar(entries: Iterable[Entry], zone: ZoneInfo, *, name: str = "", method: str = "") -> bytes:
    """Return a VCALENDAR with the zone's VTIMEZONE; ``method`` makes it a message (REQUEST, CANCEL)."""
    result = Calendar()
    result.add("prodid", PRODUCT)
    result.add("version", "2.0")
    result.add("calscale", "GREGORIAN")
    if method:
        result.add("method", method)
    if name:
        result.add("x-wr-calname", vText(_printable(name)))
        result.add("x-wr-timezone", vText(str(zone)))
        result.add("refresh-interval", dt.timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for entry in entries:
        result.add_component(_event(entry, zone))
    result.add_missing_timezones(first_date=dt.date(2000, 1, 1), last_date=dt.date(2038, 1, 1))
    content: bytes = result.to_ical()
    return content


def _event(entry: Entry, zone: ZoneInfo) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.stamp.astimezone(dt.UTC))
    if entry.is_all_day:
        first, last = clock.day_of(entry.start), clock.day_of(entry.end or entry.start)
        event.add("dtstart", first)
        event.add("dtend", last + dt.timedelta(days=1))
    else:
        event.add("dtstart", _time(entry.start, zone))
        if entry.end and entry.end > entry.start:
            event.add("dtend", _time(entry.end, zone))
    event.add("summary", _printable(entry.summary))
    event.add("sequence", entry.sequence)
    event.add("status", entry.status)
    for name, text in (("location", entry.location), ("description", entry.description)):
        if text:
            event.add(name, _printable(text))
    if entry.url:
        event.add("url", entry.url)
    if entry.organizer:
        event.add("organizer", _address(entry.organizer))
    for person in entry.attendees:
        event.add("attendee", _attendee(person))
    return event


def _time(time: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the time in the zone; in UTC if the zone's clock shows it twice, so that it is unambiguous."""
    local = time.astimezone(zone).replace(microsecond=0)
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return local.astimezone(dt.UTC) if is_twice else local


def _address(person: Person) -> vCalAddress:
    address = vCalAddress(f"mailto:{person.email}")
    name = _printable(person.name or person.email).replace('"', "'")  # no quotes or line ends in a parameter
    address.params["CN"] = " ".join(name.split())
    return address


def _attendee(person: Person) -> vCalAddress:
    address = _address(person)
    address.params["CUTYPE"] = "INDIVIDUAL"
    address.params["ROLE"] = "REQ-PARTICIPANT"
    address.params["PARTSTAT"] = person.answer
    address.params["RSVP"] = "TRUE"
    return address


def _printable(text: str) -> str:
    """Return the text without the control characters that a calendar may not contain."""
    allowed = (char for char in text.replace("\r\n", "\n") if char in "\n\t" or (ord(char) >= 32 and char != "\x7f"))
    return "".join(allowed)
