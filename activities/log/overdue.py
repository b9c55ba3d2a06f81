"""When an unfinished activity is overdue: one definition for pages, lists, files, selections and figures."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from core import clock

#: What begins now, such as a message being sent, is not late at once.
GRACE = dt.timedelta(minutes=1)


def overdue_before() -> dt.datetime:
    """Return the time before which an unfinished activity must have begun to be overdue."""
    return clock.now() - GRACE


def began_too_early(path: str = "") -> Q:
    """Return the condition that an unfinished activity is overdue. ``path`` leads to it, with ``__`` at its end."""
    before = overdue_before()
    timed = Q(**{f"{path}is_all_day": False}) | Q(**{f"{path}end__lt": before})
    return Q(**{f"{path}start__lt": before}) & timed
