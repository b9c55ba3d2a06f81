"""What an invitation in a received message says: the text of the activity that the message becomes."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from activities.calendar.ical.read import ReadEvent, read_calendar
from activities.calendar.ical.text import CalendarError

MAX_EVENTS = 5
#: The methods of calendars that say something by themselves; a calendar attached to a letter has none or PUBLISH.
_METHODS = frozenset({"REQUEST", "CANCEL", "COUNTER", "ADD", "REPLY"})
_FOLD = re.compile(r"\r?\n[ \t]")
_METHOD = re.compile(r"(?im)^METHOD:\s*([A-Z]+)\s*$")
_STATUS = re.compile(r"(?im)^STATUS:\s*CANCELLED\s*$\n?")
_ANSWER = re.compile(r"(?im)^ATTENDEE[^\n]*PARTSTAT=\"?([A-Z-]+)")


def invitation_text(text: str, brief: bool) -> str:
    """Return what, when and where the events of a calendar are, as HTML; empty if it has none.

    ``brief`` leaves out their descriptions, and calendars that are only attached to a letter.
    """
    unfolded = _FOLD.sub("", text).replace("\r\n", "\n")
    found = _METHOD.search(unfolded)
    method = found[1].upper() if found else ""
    if brief and method not in _METHODS:
        return ""
    try:
        events = read_calendar(_STATUS.sub("", unfolded), ZoneInfo(settings.TIME_ZONE), with_answers=True)
    except CalendarError:
        return ""
    is_cancelled = method == "CANCEL" or bool(_STATUS.search(unfolded))
    heading = _answer(unfolded) if method == "REPLY" else _("Cancelled") if is_cancelled else _("Invitation")
    return "".join(_event_text(event, heading, brief) for event in events[:MAX_EVENTS] if event.start)


def _answer(text: str) -> str:
    found = _ANSWER.search(text)
    answers = {"ACCEPTED": _("Accepted"), "DECLINED": _("Declined"), "TENTATIVE": _("Tentative")}
    return answers.get(found[1].upper(), _("Answer")) if found else _("Answer")


def _event_text(event: ReadEvent, heading: str, brief: bool) -> str:
    lines = [f"<strong>{escape(heading)}: {escape(event.title)}</strong>", escape(f"{_('When')}: {_when(event)}")]
    lines += [escape("{}: {}".format(_("Where"), event.place))] if event.place else []
    text = "" if brief else "".join(f"<p>{escape(part)}</p>" for part in event.text.split("\n") if part.strip())
    return f"<p>{'<br>'.join(lines)}</p>{text}"


def _when(event: ReadEvent) -> str:
    """Return the time of an event, in the organisation's zone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start = localtime(event.start, zone)
    end = localtime(event.end, zone) if event.end else None
    day, last = date_format(start, "SHORT_DATE_FORMAT"), date_format(end, "SHORT_DATE_FORMAT") if end else ""
    if event.all_day:
        return f"{day}–{last}" if end and last != day else day
    begins = f"{day} {date_format(start, 'TIME_FORMAT')}"
    if end is None:
        return begins
    ends = date_format(end, "TIME_FORMAT")
    return f"{begins}–{ends}" if last == day else f"{begins} – {last} {ends}"
