"""Services of hours: entering them, copying a week's own work to the next, the weekly target."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from activities.calendar.models import WorkTarget
from activities.calendar.selectors.calendar import DAY, week_window
from activities.calendar.selectors.hours import Cell
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityType
from activities.log.selectors import midnight
from activities.log.services.activities import activity_change, activity_log
from core import clock
from core.exceptions import BusinessRuleError
from customers.models import Customer

FIRST_HOUR, LAST_HOUR = 8, 22
MAX_HOURS_A_DAY = 24
SALT, UNDO_SECONDS = "activities.hours.copy", 3_600


@dataclass(frozen=True)
class Entry:
    """The hours written into a cell, and the hours before."""

    type: ActivityType
    customer: Customer | None
    cell: Cell
    before: Decimal
    hours: Decimal


@transaction.atomic
def hours_enter(*, user: User, entries: Iterable[Entry]) -> int:
    """Write the hours into the activities of the cells; return the number of changed cells.

    The hours of a cell with one activity are written to it; for an empty cell an activity of the row's type and
    customer is logged. Raises :class:`BusinessRuleError` with the cell's name as its field: ``hours_stale`` (changed
    since it was read), ``hours_of_several``, ``hours_too_many``, and the errors of :func:`activity_log` and
    :func:`activity_change`.
    """
    changed = [entry for entry in entries if entry.hours != entry.before]
    for entry in changed:
        try:
            _enter(user, entry)
        except BusinessRuleError as error:
            raise BusinessRuleError(error.code, error.message, field=entry.cell.name) from error
    return len(changed)


def _enter(user: User, entry: Entry) -> None:
    cell = entry.cell
    if cell.hours != entry.before:
        raise BusinessRuleError("hours_stale", _("This has changed in the meantime. Check it again."))
    if not 0 <= entry.hours <= MAX_HOURS_A_DAY:
        raise BusinessRuleError("hours_too_many", _("The hours of a day must be between 0 and 24."))
    if not cell.is_editable:
        raise BusinessRuleError("hours_of_several", _("Several activities add up to this: change them one by one."))
    if cell.activities:
        activity = Activity.objects.select_for_update(of=("self",)).get(pk=cell.activities[0])
        activity_change(activity=activity, user=user, changes={"hours": entry.hours})
    else:
        _log_hours(user, entry)


def _log_hours(user: User, entry: Entry) -> Activity:
    """Log an activity after the day's other work, so that the calendar shows them one after another."""
    start = _free_start(user, entry.cell.day)
    return activity_log(
        user=user,
        type=entry.type,
        title=str(entry.type),
        customer=entry.customer,
        start=start,
        end=start + dt.timedelta(minutes=int(entry.hours * 60)),
        hours=entry.hours,
        status=ActivityStatus.DONE if start <= clock.now() else None,
    )


def _free_start(user: User, day: dt.date) -> dt.datetime:
    first = timezone.make_aware(dt.datetime.combine(day, dt.time(FIRST_HOUR)))
    last = timezone.make_aware(dt.datetime.combine(day, dt.time(LAST_HOUR)))
    own = _own(user).filter(start__gte=midnight(day), start__lt=midnight(day + DAY), end__isnull=False)
    ends = own.order_by("-end").values_list("end", flat=True).first()
    return min(max(first, ends or first), last)


def _own(user: User) -> QuerySet[Activity]:
    return Activity.objects.filter(participations__user=user)


def copyable(user: User, week: dt.date) -> QuerySet[Activity]:
    """Return the user's activities of a week that can be copied.

    They have no customer, their type counts as work time, and they belong to no series (which continues anyway).
    """
    window = week_window(week)
    return (
        _own(user)
        .filter(participations__start_at__gte=window.start, participations__start_at__lt=window.end)
        .filter(customer__isnull=True, series__isnull=True, type__counts_as_work=True, type__retired_at__isnull=True)
        .select_related("type")
        .order_by("start", "pk")
    )


@transaction.atomic
def week_copy(*, user: User, week: dt.date, chosen: Collection[int]) -> list[Activity]:
    """Copy the ``chosen`` activities of the week before ``week`` to the same times; return the new activities.

    The copies are open and the user's own. An activity with the same type, title and time is not copied again.
    """
    shift = dt.timedelta(days=7)
    # Of two simultaneous requests the second sees the copies of the first.
    User.objects.select_for_update().get(pk=user.pk)
    window = week_window(week)
    present = set(
        _own(user).filter(start__gte=window.start, start__lt=window.end).values_list("type", "title", "start")
    )
    copies = []
    for activity in copyable(user, week - shift).filter(pk__in=chosen):
        start, end = _later(activity.start, shift), _later(_end(activity), shift)
        if (activity.type_id, activity.title, start) not in present:
            copies.append(_copy_activity(user, activity, start, end))
    return copies


def _copy_activity(user: User, activity: Activity, start: dt.datetime, end: dt.datetime) -> Activity:
    return activity_log(
        user=user,
        type=activity.type,
        title=activity.title,
        goal=activity.goal,
        start=start,
        end=max(start, end),
        place=activity.place,
        channel=activity.channel,
        status=ActivityStatus.OPEN,
    )


def _end(activity: Activity) -> dt.datetime:
    if activity.end:
        return activity.end
    minutes = int(activity.hours * 60) if activity.hours is not None else activity.type.duration
    return activity.start + dt.timedelta(minutes=minutes)


def _later(time: dt.datetime, shift: dt.timedelta) -> dt.datetime:
    """Return the time moved by ``shift`` at the same clock time, also across a change of summer time."""
    return timezone.make_aware(timezone.make_naive(time) + shift)


def undo_token(user: User, copies: Collection[Activity]) -> str:
    """Return a signed token with which the user can undo the copying within an hour."""
    return signing.dumps({"user": user.pk, "made": [activity.pk for activity in copies]}, salt=SALT, compress=True)


def copies_of(user: User, token: str) -> QuerySet[Activity]:
    """Return the copies of the token that are still unchanged; none for a forged, expired or another user's token."""
    try:
        data = signing.loads(token, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return Activity.objects.none()
    if data["user"] != user.pk:
        return Activity.objects.none()
    unchanged = Activity.objects.filter(version=1, created_by=user, status=ActivityStatus.OPEN)
    return unchanged.filter(pk__in=data["made"]).select_related("type").order_by("start", "pk")


@transaction.atomic
def week_copy_undo(*, user: User, token: str) -> int:
    """Delete the copies of the token that are still unchanged; return their number."""
    copies = list(copies_of(user, token).select_for_update(of=("self",)))
    Activity.objects.filter(pk__in=[activity.pk for activity in copies]).delete()
    return len(copies)


@transaction.atomic
def work_target_set(*, person: User, hours: Decimal | None) -> None:
    """Set the hours that ``person`` plans to log per week; None removes the target."""
    if hours is None:
        WorkTarget.objects.filter(pk=person.pk).delete()
    else:
        WorkTarget.objects.update_or_create(user=person, defaults={"hours": hours})
