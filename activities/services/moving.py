"""Moving an activity in the calendar."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.utils import from_current_timezone
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from activities.models import Activity
from activities.services.activities import activity_change
from crm.exceptions import BusinessRuleError


@transaction.atomic
def activity_move(
    *, activity: Activity, user: User, start: dt.datetime, end: dt.datetime | None, version: int | None = None
) -> Activity:
    """Give the activity another time; return the new row. One of a series moves alone: the others stay.

    Naive times are in the user's own time zone; one that the clock skips or has twice is refused, unless it is the one
    that the activity has already. Raises :class:`BusinessRuleError` as :func:`activity_change` and ``no_such_time``;
    :class:`StaleVersionError` when the row has changed since ``version``.
    """
    changes = {
        "start": _moment(start, activity.start, "start"),
        "end": _moment(end, activity.end, "end") if end else None,
    }
    return activity_change(activity=activity, user=user, changes=changes, version=version)


def _moment(time: dt.datetime, present: dt.datetime | None, field: str) -> dt.datetime:
    if timezone.is_aware(time):
        return time
    if present and timezone.make_naive(present).replace(second=0, microsecond=0) == time.replace(second=0):
        return present
    try:
        return from_current_timezone(time)
    except ValidationError as error:
        message = _("The clock skips this time, or has it twice, when summer time begins or ends.")
        raise BusinessRuleError("no_such_time", message, field=field) from error
