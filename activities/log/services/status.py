"""Changing the status: starting, closing one or many, and going back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log import validators
from activities.log.enums import TRANSITIONS, UNFINISHED, ActivityStatus
from activities.log.models import Activity, StatusChange
from activities.log.plugs import kinds_going_on
from activities.log.services.activities import save
from activities.log.services.effects import contact_dates_refresh, mentions_notify, reminders_follow
from core import clock
from core.exceptions import BusinessRuleError
from core.richtext import clean, from_text
from core.services import lock
from core.status import StatusMachine, check_reason

#: How long users may undo their own change of status without a reason.
UNDO_WITHIN = dt.timedelta(minutes=15)
BATCH = 1_000


class ActivityStatusMachine(StatusMachine[Activity]):
    """The statuses of activities (rules 12 and 13)."""

    transitions = TRANSITIONS
    history = StatusChange
    owner = "activity"

    def enter(self, activity: Activity, status: str, *, at: dt.datetime, reason: str) -> None:
        activity.closed_at = at if status == ActivityStatus.DONE else None
        validators.check_may_be_done(activity)
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
    ``status_not_allowed``, ``reason_required``, ``customer_passive``, ``settlement_required``, ``not_begun``,
    ``report_required``.
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


@dataclass
class Closing:
    """The result of closing many: how many were closed, and the ids of those left open, by reason."""

    closed: int = 0
    already: list[int] = field(default_factory=list)
    unsettled: list[int] = field(default_factory=list)
    coming: list[int] = field(default_factory=list)
    going_on: dict[str, list[int]] = field(default_factory=dict)  # by the names of plugs.GoingOn
    foreign: list[int] = field(default_factory=list)
    at: dt.datetime = field(default_factory=clock.now)

    def add(self, other: Closing) -> None:
        self.closed += other.closed
        for name in ("already", "unsettled", "coming", "foreign"):
            getattr(self, name).extend(getattr(other, name))
        for name, ids in other.going_on.items():
            self.going_on.setdefault(name, []).extend(ids)

    @property
    def left_open(self) -> list[int]:
        """The ids of those that need their own actions before they may be closed."""
        return [*self.unsettled, *self.coming, *(pk for ids in self.going_on.values() for pk in ids)]


def activities_close(*, user: User, ids: Collection[int], reason: str) -> Closing:
    """Mark these activities done with one explanation, which is saved with each; return the result.

    Left as they are: done ones, those that ``user`` may not close (or see), negative feedback without a resolution
    (rule 12), those that have not begun, and those that only their own actions close, such as leads. The explanation
    becomes the report of visits that have none (rule 13). Each thousand has a separate transaction.
    Raises :class:`BusinessRuleError`: ``reason_required``.
    """
    reason = check_reason(reason, longest=500)
    result, ordered = Closing(), sorted(set(ids))
    for start in range(0, len(ordered), BATCH):
        result.add(close_batch(user=user, ids=ordered[start : start + BATCH], reason=reason, at=result.at))
    return result


@transaction.atomic
def close_batch(*, user: User, ids: list[int], reason: str, at: dt.datetime) -> Closing:
    """Close one batch; activities are locked in order, so that a second user who closes the same finds them done."""
    result = Closing(at=at)
    allowed = Activity.objects.visible_to(user).closable_by(user).filter(pk__in=ids)
    statuses = dict(
        Activity.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=allowed.values("pk"))
        .order_by("pk")
        .values_list("pk", "status")
    )
    result.foreign = [pk for pk in ids if pk not in statuses]
    result.already = [pk for pk, status in statuses.items() if status not in UNFINISHED]
    unfinished = Activity.objects.filter(pk__in=statuses.keys() - set(result.already))
    result.unsettled = list(unfinished.unresolved().values_list("pk", flat=True))
    for kind in kinds_going_on():
        result.going_on[kind.name] = list(unfinished.filter(kind.condition).values_list("pk", flat=True))
    coming = unfinished.filter(start__gt=at).exclude(pk__in=result.left_open)
    result.coming = list(coming.values_list("pk", flat=True))
    left = {*result.already, *result.left_open}
    write_closed({pk: status for pk, status in statuses.items() if pk not in left}, user, reason, at)
    result.closed = len(statuses) - len(left)
    return result


def write_closed(statuses: dict[int, str], user: User, reason: str, at: dt.datetime) -> None:
    """Write that locked activities (id: present status), which may be closed, are done."""
    unreported = [row.pk for row in _visits(statuses) if validators.needs_report(row.type, row.memo)]
    Activity.objects.filter(pk__in=unreported).update(memo=from_text(reason))
    write_many(statuses, ActivityStatus.DONE, user, reason, at)


def write_many(statuses: dict[int, str], status: str, user: User | None, reason: str, at: dt.datetime) -> None:
    """Write that locked activities (id: present status) have another status, with their history."""
    closed_at = None if status in UNFINISHED else at
    rows = Activity.objects.filter(pk__in=statuses)
    rows.update(status=status, closed_at=closed_at, updated_at=at, version=F("version") + 1)
    StatusChange.objects.bulk_create(
        StatusChange(activity_id=pk, from_status=old, to_status=status, reason=reason, user=user, at=at)
        for pk, old in statuses.items()
    )
    _refresh_customers(statuses)


def _visits(ids: Collection[int]) -> QuerySet[Activity]:
    return Activity.objects.filter(pk__in=ids, type__needs_goal=True).select_related("type")


def _refresh_customers(statuses: Collection[int]) -> None:
    customers = Activity.objects.filter(pk__in=statuses, customer__isnull=False)
    contact_dates_refresh(list(customers.values_list("customer_id", flat=True).distinct()))
