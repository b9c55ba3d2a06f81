"""The one place that reads the time.

All code asks here, and SQL gets the answer as a parameter: the database's ``now()`` is the time at which its
transaction began, so what the program has just dated would still lie in the future for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils import timezone

_frozen: dt.datetime | None = None


def now() -> dt.datetime:
    """Return the present time, in UTC."""
    return _frozen or timezone.now()


def today() -> dt.date:
    """Return the date in the organisation's time zone: what is valid, due or begins on a day is judged by it."""
    return day_of(now())


def day_of(at: dt.datetime) -> dt.date:
    """Return the date of a moment in the organisation's time zone."""
    return timezone.localtime(at, timezone.get_default_timezone()).date()


def beginning_of(day: dt.date) -> dt.datetime:
    """Return the moment at which a date begins in the organisation's time zone."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()), timezone.get_default_timezone())


def user_today() -> dt.date:
    """Return the date in the time zone now active: the user's own day, for calendars and words such as "today"."""
    return timezone.localtime(now()).date()


def year_earlier(day: dt.date) -> dt.date:
    """Return the same day of the year before; of the 29th of February, the 28th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


@contextmanager
def frozen(at: dt.datetime | dt.date) -> Iterator[None]:
    """Let it be this moment for the whole process (of a day: noon in the organisation's time zone).

    For tests and for commands that work as of another day, never for a server: threads share it. Django's own times
    (``auto_now_add``, sessions, tokens) are still the computer's.
    """
    global _frozen
    if not isinstance(at, dt.datetime):
        at = dt.datetime.combine(at, dt.time(12))
    if timezone.is_naive(at):
        at = timezone.make_aware(at, timezone.get_default_timezone())
    before, _frozen = _frozen, at.astimezone(dt.UTC)
    try:
        yield
    finally:
        _frozen = before
