"""When an unfinished activity is overdue: one definition for pages, lists, files, selections and figures."""

from __future__ import annotations

import datetime as dt

from core import clock

#: What begins now, such as a message being sent, is not late at once.
GRACE = dt.timedelta(minutes=1)


def overdue_before() -> dt.datetime:
    """Return the time before which an unfinished activity must have begun to be overdue."""
    return clock.now() - GRACE
