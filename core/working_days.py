"""Working days: weekends and Finnish public holidays are none (rule 14)."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import holidays
from django.conf import settings
from django.utils import timezone

ONE_DAY = dt.timedelta(days=1)
SATURDAY = 5
END_OF_OFFICE_HOURS = dt.time(16, 0)
#: Midsummer Eve and Christmas Eve are no public holidays by law, but hardly anybody is at work.
EVES = {(12, 24)}


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[dt.date]:
    return frozenset(holidays.country_holidays("FI", years=year))


def _is_eve(day: dt.date) -> bool:
    """The eve of Midsummer is the Friday between 19 and 25 June."""
    is_midsummer_eve = day.month == 6 and 19 <= day.day <= 25 and day.weekday() == SATURDAY - 1
    return is_midsummer_eve or (day.month, day.day) in EVES


def is_working_day(day: dt.date) -> bool:
    """Return whether people are at work on ``day``; on the two eves by the setting ``WORK_ON_EVES``."""
    if day.weekday() >= SATURDAY:
        return False
    return settings.WORK_ON_EVES if _is_eve(day) else day not in _holidays(day.year)


def working_days_after(day: dt.date, count: int) -> dt.date:
    """Return the ``count``-th working day after ``day``, which itself is not counted."""
    while count > 0:
        day += ONE_DAY
        count -= is_working_day(day)
    return day


def answer_due(received_at: dt.datetime) -> dt.datetime:
    """Return the time by which feedback received at ``received_at`` has to be answered.

    It is the end of office hours of the last of ``FEEDBACK_ANSWER_DAYS`` working days, in the organisation's time zone.
    """
    zone = timezone.get_default_timezone()
    last = working_days_after(received_at.astimezone(zone).date(), settings.FEEDBACK_ANSWER_DAYS)
    return dt.datetime.combine(last, END_OF_OFFICE_HOURS, zone)
