"""Calendar files for tests, on a frozen day: Saturday 28 November 2026 at noon in Helsinki."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from activities.calendar.ical.text import decode
from activities.calendar.services.file_plan import Plan, Types, import_plan
from activities.calendar.services.files import import_run
from activities.log.models import Activity
from activities.log.tests.factories import activity_type

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = dt.datetime(2026, 11, 28, 12, tzinfo=HELSINKI)


def types() -> Types:
    return Types(activity_type("meeting"), activity_type("internal_meeting"))


def event(*lines: str, uid: str = "1@x", title: str = "Planning") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{title}", *lines, "END:VEVENT"])


def ics(*parts: str, method: str = "") -> str:
    heads = ["BEGIN:VCALENDAR", "VERSION:2.0", *([f"METHOD:{method}"] if method else [])]
    return "\r\n".join([*heads, *parts, "END:VCALENDAR", ""])


def plans(user, content: str | bytes) -> list[Plan]:
    return import_plan(user=user, text=_text(content), types=types())


def imported(user, content: str | bytes) -> dict[str, int]:
    return dict(import_run(user=user, text=_text(content), types=types()))


def _text(content: str | bytes) -> str:
    return decode(content) if isinstance(content, bytes) else content


def starts(title: str = "") -> list[str]:
    """Return the starts of the activities in Helsinki, such as ``Tue 8.12. 10:00``, with a title the ones of it."""
    rows = Activity.objects.order_by("start")
    rows = rows.filter(title=title) if title else rows
    return [when(row.start) for row in rows]


def when(time: dt.datetime) -> str:
    local = time.astimezone(HELSINKI)
    return f"{local:%a} {local.day}.{local.month}. {local:%H:%M}"
