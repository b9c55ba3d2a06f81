"""Changing the status: starting, closing, and going back with a reason."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log import validators
from activities.log.enums import TRANSITIONS, ActivityStatus
from activities.log.models import Activity, StatusChange
from activities.log.services.activities import save
from activities.log.services.contact_dates import contact_dates_refresh
from activities.log.services.reminders import mentions_notify, reminders_follow
from core import clock
from core.exceptions import BusinessRuleError
from core.richtext import clean
from core.services import lock
from core.status import StatusMachine

#: How long users may undo their own change of status without a reason.
UNDO_WITHIN = dt.timedelta(minutes=15)


class ActivityStatusMachine(StatusMachine[Activity]):
    """The statuses of activities (rules 12 and 13)."""

    transitions = TRANSITIONS
    history = StatusChange
    owner = "activity"

    def enter(self, activity: Activity, status: str, *, at: dt.datetime, reason: str) -> None:
        activity.closed_at = at if status == ActivityStatus.DONE else None
        validators.check_resolved(activity, activity.keywords.all())
        validators.check_own_status(activity)

    def save(self, activity: Activity) -> None:
        save(activity)

    def follow(self, activity: Activity) -> None:
        contact_dates_refresh([activity.customer_id])
        reminders_follow([activity.pk])


ACTIVITY_STATUS = ActivityStatusMachine()


@transaction.atomic
def activity_set_status(
    *,
    activity: Activity,
    status: ActivityStatus,
    user: User | None = None,
    reason: str = "",
    settlement: str = "",
    memo: str | None = None,
) -> Activity:
    """Move an activity to ``status``, with the resolution or memo when given; return the changed activity.

    The change is saved with ``user`` and ``reason``; going back needs a reason. Setting the present status changes
    nothing, so that two users who close the same activity both succeed. Raises :class:`BusinessRuleError`:
    ``status_not_allowed``, ``reason_required``, ``customer_passive``, ``settlement_required``.
    """
    activity = lock(activity)
    if activity.status == status:
        return activity
    ACTIVITY_STATUS.check(activity, status)
    validators.check_going_back(activity, status, reason)
    validators.check_customer(activity.type, activity.customer)
    old_memo = activity.memo
    activity.settlement = settlement.strip() or activity.settlement
    activity.memo = activity.memo if memo is None else clean(memo)
    ACTIVITY_STATUS.write(activity, status, user=user, reason=reason)
    if user:
        mentions_notify(activity=activity, user=user, old_memo=old_memo)
    return activity


@transaction.atomic
def activity_status_undo(*, activity: Activity, user: User) -> Activity:
    """Undo the last step forward, when it is ``user``'s own and recent; return the changed activity.

    A second call changes nothing, because the last step is then one back. Raises
    :class:`BusinessRuleError`: ``nothing_to_undo``, ``customer_passive``.
    """
    activity = lock(activity)
    last = activity.status_changes.first()
    if last is None or last.user_id != user.pk or last.at < clock.now() - UNDO_WITHIN:
        message = _("It can no longer be undone. Reopen the activity and give the reason.")
        raise BusinessRuleError("nothing_to_undo", message, field="status")
    if validators.goes_back(last.from_status, last.to_status):
        return activity
    validators.check_customer(activity.type, activity.customer)
    return ACTIVITY_STATUS.take_back(activity, last, user=user)
