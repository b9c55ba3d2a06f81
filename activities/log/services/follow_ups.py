"""Follow-ups: open activities with an owner and a due date, logged together with an activity."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityType
from activities.log.services.activities import activity_change, activity_log
from activities.log.services.series import series_make
from activities.log.validators import FIRST_YEAR, LAST_YEAR
from core import clock
from core.exceptions import BusinessRuleError

#: A follow-up is due at the end of its working day.
DUE_AT = dt.time(16)
WITH_CUSTOMER, WITHOUT_CUSTOMER = "call", "planning"


@dataclass(frozen=True)
class FollowUp:
    """An agreed follow-up. Default owner: the user; default type: a call."""

    title: str
    due: dt.date
    owner: User | None = None
    type: ActivityType | None = None


@transaction.atomic
def follow_ups_log(*, activity: Activity, user: User, agreed: Iterable[FollowUp]) -> list[Activity]:
    """Log an open activity for each follow-up, with the customer and contacts of ``activity``; return them.

    The title is also the goal where the type needs one. Raises :class:`BusinessRuleError` as :func:`activity_log`: all
    or none are added.
    """
    agreed = list(agreed)
    contacts = list(activity.contacts.all()) if agreed else []
    return [
        activity_log(
            user=user,
            type=type,
            title=follow_up.title,
            goal=follow_up.title if type.needs_goal else "",
            customer=activity.customer,
            start=due_time(follow_up.due),
            status=ActivityStatus.OPEN,
            participants=[follow_up.owner or user],
            contacts=contacts,  # type: ignore[arg-type]
            follows=activity,
        )
        for follow_up in agreed
        for type in [follow_up.type or default_type(activity)]
    ]


@transaction.atomic
def activity_log_with_follow_ups(
    *, user: User, follow_ups: Iterable[FollowUp] = (), rule: str = "", **content: Any
) -> Activity:
    """Log an activity with its follow-ups and, with a ``rule``, its series; return the activity.

    Raises :class:`BusinessRuleError` as :func:`activity_log`, :func:`follow_ups_log` and :func:`series_make`: all of
    it is logged or nothing.
    """
    activity = activity_log(user=user, **content)
    follow_ups_log(activity=activity, user=user, agreed=follow_ups)
    if rule:
        series_make(activity=activity, user=user, rule=rule)
        activity.refresh_from_db()
    return activity


@transaction.atomic
def activity_change_with_follow_ups(
    *,
    activity: Activity,
    user: User,
    changes: Mapping[str, Any],
    follow_ups: Iterable[FollowUp] = (),
    version: int | None = None,
) -> Activity:
    """Write ``changes`` as :func:`activity_change` does and log the follow-ups; return the changed activity.

    Raises :class:`BusinessRuleError` as :func:`activity_change` and :func:`follow_ups_log`: all is written or nothing.
    """
    changed = activity_change(activity=activity, user=user, changes=changes, version=version)
    follow_ups_log(activity=changed, user=user, agreed=follow_ups)
    return changed


def due_time(day: dt.date) -> dt.datetime:
    """Return the end of the working day ``day``, or of the whole day when that has passed today."""
    try:
        due = timezone.make_aware(dt.datetime.combine(day, DUE_AT))
    except (OverflowError, ValueError) as error:
        message = _("The year must be between %(first)d and %(last)d.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise BusinessRuleError("year_out_of_reach", message, field="due") from error
    late = day == clock.user_today() and due <= clock.now()
    return due.replace(hour=23, minute=59) if late else due


def default_type(activity: Activity) -> ActivityType:
    """Return the type call, or planning without a customer. Raises ``type_required`` where it is not in use."""
    code = WITH_CUSTOMER if activity.customer_id else WITHOUT_CUSTOMER
    type = ActivityType.objects.filter(code=code, retired_at__isnull=True).first()
    if type is None:
        raise BusinessRuleError("type_required", _("Choose the type of the follow-up."), field="type")
    return type
