"""What was agreed: each thing becomes an open activity of its own, with an owner and a day."""

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
from core import clock
from core.exceptions import BusinessRuleError

#: A thing to do by a day is due at the end of its working day.
DUE_AT = dt.time(16)
WITH_CUSTOMER, WITHOUT_CUSTOMER = "call", "planning"


@dataclass(frozen=True)
class FollowUp:
    """What is to be done, by when, by whom (the user, unless told) and as what (a call, unless told)."""

    title: str
    due: dt.date
    owner: User | None = None
    type: ActivityType | None = None


@transaction.atomic
def follow_ups_log(*, activity: Activity, user: User, agreed: Iterable[FollowUp]) -> list[Activity]:
    """Add an open activity for each thing agreed: same customer and contacts, following ``activity``; return them.

    A visit's goal is what was agreed. Raises :class:`BusinessRuleError` as :func:`activity_log`: all or none are added.
    """
    agreed = list(agreed)
    contacts = list(activity.contacts.all()) if agreed else []
    return [
        activity_log(
            user=user,
            type=type,
            title=one.title,
            goal=one.title if type.needs_goal else "",
            customer=activity.customer,
            start=due_time(one.due),
            status=ActivityStatus.OPEN,
            participants=[one.owner or user],
            contacts=contacts,  # type: ignore[arg-type]
            follows=activity,
        )
        for one in agreed
        for type in [one.type or usual_type(activity)]
    ]


@transaction.atomic
def activity_log_with_follow_ups(
    *, user: User, follow_ups: Iterable[FollowUp] = (), rule: str = "", **content: Any
) -> Activity:
    """Log an activity of ``content`` with what was agreed and, where ``rule`` makes it recur, its series; return it.

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
    """Write ``changes`` as :func:`activity_change` does and log what was agreed; return the new row.

    Raises :class:`BusinessRuleError` as :func:`activity_change` and :func:`follow_ups_log`: all is written or nothing.
    """
    changed = activity_change(activity=activity, user=user, changes=changes, version=version)
    follow_ups_log(activity=changed, user=user, agreed=follow_ups)
    return changed


def due_time(day: dt.date) -> dt.datetime:
    """Return the end of the working day, for a thing to be done still today the end of the day."""
    try:
        due = timezone.make_aware(dt.datetime.combine(day, DUE_AT))
    except (OverflowError, ValueError) as error:
        raise BusinessRuleError("year_out_of_reach", _("This day is too far away."), field="due") from error
    late = day == clock.user_today() and due <= clock.now()
    return due.replace(hour=23, minute=59) if late else due


def usual_type(activity: Activity) -> ActivityType:
    """A call to the customer; without a customer planning. Raises ``type_required`` where neither is in use."""
    code = WITH_CUSTOMER if activity.customer_id else WITHOUT_CUSTOMER
    found = ActivityType.objects.filter(code=code, retired_at__isnull=True).first()
    if found is None:
        raise BusinessRuleError("type_required", _("Choose what kind of activity it becomes."), field="type")
    return found
