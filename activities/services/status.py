"""Changing the status: starting, closing, and going back with a reason."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from activities import validators
from activities.enums import TRANSITIONS, ActivityStatus
from activities.models import Activity, StatusChange
from activities.services.contact_dates import contact_dates_refresh
from activities.services.mentions import mentions_notify
from activities.services.reminders import reminders_follow
from activities.services.saving import save
from crm.exceptions import BusinessRuleError
from crm.richtext import clean
from crm.services import lock

#: How long one may take back one's own change without telling why.
UNDO_WITHIN = dt.timedelta(minutes=15)


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
    """Move an activity to ``status`` and, when given, write how it was settled or what was agreed; return the new row.

    The change is kept with ``user`` and ``reason``; going back needs a reason. Setting the status that it already has
    changes nothing: of two who close the same activity both succeed. Raises :class:`BusinessRuleError`:
    ``status_not_allowed``, ``reason_required``, ``customer_passive``, ``settlement_required``.
    """
    row = lock(activity)
    if row.status == status:
        return row
    if status not in TRANSITIONS[ActivityStatus(row.status)]:
        raise BusinessRuleError("status_not_allowed", _("This status cannot follow the present one."), field="status")
    validators.check_reason(row, status, reason)
    return _move(row, status, user=user, reason=reason, settlement=settlement, memo=memo)


@transaction.atomic
def activity_status_undo(*, activity: Activity, user: User) -> Activity:
    """Take back the last step forward, when it is ``user``'s own of a moment ago; return the new row.

    Pressed twice it changes nothing more: the last step is then one back. Raises
    :class:`BusinessRuleError`: ``nothing_to_undo``, ``customer_passive``.
    """
    row = lock(activity)
    last = row.status_changes.first()
    if last is None or last.user_id != user.pk or last.at < timezone.now() - UNDO_WITHIN:
        message = _("This cannot be taken back any more. Reopen the activity and tell why.")
        raise BusinessRuleError("nothing_to_undo", message, field="status")
    if validators.goes_back(last.from_status, last.to_status):
        return row
    return _move(row, ActivityStatus(last.from_status), user=user)


def _move(
    row: Activity,
    status: ActivityStatus,
    *,
    user: User | None,
    reason: str = "",
    settlement: str = "",
    memo: str | None = None,
) -> Activity:
    validators.check_customer(row.type, row.customer)
    old, old_memo = row.status, row.memo
    row.settlement = settlement.strip() or row.settlement
    row.memo = row.memo if memo is None else clean(memo)
    row.status = status
    row.closed_at = timezone.now() if status == ActivityStatus.DONE else None
    validators.check_settled(row, row.keywords.all())
    validators.check_lead(row)
    row.version += 1
    save(row)
    StatusChange.objects.create(activity=row, from_status=old, to_status=status, reason=reason.strip()[:500], user=user)
    contact_dates_refresh([row.customer_id])
    reminders_follow([row.pk])
    if user:
        mentions_notify(activity=row, user=user, old_memo=old_memo)
    return row
