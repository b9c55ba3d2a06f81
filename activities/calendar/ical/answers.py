"""Reader of the answers that calendar programs send to invitations."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from icalendar import Calendar

from activities.calendar.enums import Answer
from core import clock

ANSWERS = {"ACCEPTED": Answer.ACCEPTED, "DECLINED": Answer.DECLINED, "TENTATIVE": Answer.TENTATIVE}
MAX_CHARS = 200_000


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
