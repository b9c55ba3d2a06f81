"""Reader of the answers that other programs send to invitations (METHOD:REPLY)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from icalendar import Calendar

from activities.calendar.enums import Answer
from activities.calendar.ical.people import emails_of
from activities.calendar.ical.text import unfold
from core import clock

ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "DECLINED": Answer.DECLINED, "TENTATIVE": Answer.TENTATIVE}
MAX_CHARS = 200_000


@dataclass(frozen=True)
class Reply:
    """An answer; ``emails`` are the addresses under which the person takes part."""

    uid: str
    emails: tuple[str, ...]
    answer: Answer
    sequence: int
    stamp: dt.datetime


def read_replies(text: str) -> list[Reply]:
    """Return the answers of a METHOD:REPLY; an empty list for any other or unreadable text."""
    if len(text) > MAX_CHARS:
        return []
    try:
        calendar = Calendar.from_ical(_without_zones(text))
        if str(calendar.get("METHOD", "")).upper() != "REPLY":
            return []
        replies = [_reply(event) for event in calendar.walk("VEVENT")[:10]]
    except (ValueError, IndexError, KeyError, AttributeError, TypeError, RecursionError):
        return []
    return [reply for reply in replies if reply]


def _without_zones(text: str) -> str:
    """Return the text without names of zones, which an answer does not need and the library would work out and keep."""
    return "\r\n".join(line for line in unfold(text).split("\n") if not line.lstrip().upper().startswith("TZID"))


def _reply(event: Any) -> Reply | None:
    attendee = event.get("ATTENDEE")
    attendee = attendee[0] if isinstance(attendee, list) else attendee
    answer = ANSWERS.get(str(attendee.params.get("PARTSTAT", "")).upper()) if attendee is not None else None
    if answer is None:
        return None
    return Reply(
        uid=str(event.get("UID", "")),
        emails=tuple(emails_of(attendee)),
        answer=answer,
        sequence=int(event.get("SEQUENCE", 0)),
        stamp=stamp_of(event) or clock.now(),
    )


def stamp_of(event: Any) -> dt.datetime | None:
    """Return the event's DTSTAMP, None if there is none that can be read."""
    stamp = event.get("DTSTAMP")
    time = getattr(stamp[0] if isinstance(stamp, list) else stamp, "dt", None)
    if not isinstance(time, dt.datetime):
        return None
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)
