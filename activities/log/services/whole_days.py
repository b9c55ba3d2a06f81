"""Activities of whole days: from the first minute of the first day to the last one of the last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from activities.log.models import Activity
from core import clock

LAST_MINUTE = dt.time(23, 59)


def fill_days(activity: Activity) -> None:
    """Let an activity of whole days begin with the first minute of its first day and end with the last one."""
    if activity.is_all_day:
        activity.start, activity.end = days_between(*_days(activity))


def days_between(first: dt.date, last: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Return the first minute of a day and the last one of another, in the organisation's time zone."""
    zone = timezone.get_default_timezone()
    begins, ends = dt.datetime.combine(first, dt.time(), zone), dt.datetime.combine(last, LAST_MINUTE, zone)
    return begins, ends


def fit_days(changed: Activity, before: Activity, changes: Mapping[str, Any]) -> None:
    """Keep the whole days of an activity, unless the change gives it a time."""
    if before.is_all_day and "is_all_day" not in changes and days_between(*_days(changed))[0] != changed.start:
        changed.is_all_day = False
    if before.is_all_day and not changed.is_all_day and changed.end == before.end:
        changed.end = None
    fill_days(changed)


def _days(activity: Activity) -> tuple[dt.date, dt.date]:
    first = clock.day_of(activity.start)
    return first, max(first, clock.day_of(activity.end or activity.start))
