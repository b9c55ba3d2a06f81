"""Writing hours of work, and copying a week's own work to the next."""

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
MOST_A_DAY = 24
SALT, UNDO_SECONDS = "activities.hours.copy", 3_600


@dataclass(frozen=True)
class Entry:
    """What someone wrote into a cell, and what it said before."""

    type: ActivityType
    customer: Customer | None
    cell: Cell
    was: Decimal
    hours: Decimal


@transaction.atomic
def hours_enter(*, user: User, entries: Iterable[Entry]) -> int:
    """Write the hours into the activities of the cells; return how many cells changed.

    A cell of one activity gives it the hours; an empty cell logs an activity of the row's type and customer on that
    day. Raises :class:`BusinessRuleError` with the cell's name as its field: ``hours_stale`` (changed since
    it was read), ``hours_of_several``, ``hours_too_many``, and what :func:`activity_log` and :func:`activity_change`
    raise.
    """
    changed = [entry for entry in entries if entry.hours != entry.was]
    for entry in changed:
        try:
            _enter(user, entry)
        except BusinessRuleError as error:
            raise BusinessRuleError(error.code, error.message, field=entry.cell.name) from error
    return len(changed)


def _enter(user: User, entry: Entry) -> None:
    cell = entry.cell
    if cell.hours != entry.was:
        raise BusinessRuleError("hours_stale", _("This has changed in the meantime. Check it again."))
    if not 0 <= entry.hours <= MOST_A_DAY:
        raise BusinessRuleError("hours_too_many", _("The hours of a day must be between 0 and 24."))
    if not cell.is_editable:
        raise BusinessRuleError("hours_of_several", _("Several activities add up to this: change them one by one."))
    if cell.activities:
        activity = Activity.objects.select_for_update(of=("self",)).get(pk=cell.activities[0])
        activity_change(activity=activity, user=user, changes={"hours": entry.hours})
    else:
        _log(user, entry)


def _log(user: User, entry: Entry) -> Activity:
    """A new activity stands after the day's other work, so that the calendar shows them one after another."""
    start = _free_from(user, entry.cell.day)
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


def _free_from(user: User, day: dt.date) -> dt.datetime:
    first = timezone.make_aware(dt.datetime.combine(day, dt.time(FIRST_HOUR)))
    last = timezone.make_aware(dt.datetime.combine(day, dt.time(LAST_HOUR)))
    own = _own(user).filter(start__gte=midnight(day), start__lt=midnight(day + DAY), end__isnull=False)
    ends = own.order_by("-end").values_list("end", flat=True).first()
    return min(max(first, ends or first), last)


def _own(user: User) -> QuerySet[Activity]:
    return Activity.objects.filter(participations__user=user)


def copyable(user: User, week: dt.date) -> QuerySet[Activity]:
    """Return the user's work of a week that can be planned again: without a customer, of types that count as work time,
    not of a series (which goes on by itself)."""
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
    """Plan the ``chosen`` activities of the week before ``week`` again, at the same times; return what was made.

    The copies are open and the user's own. What stands there already (same type, title and time) is not made twice.
    """
    shift = dt.timedelta(days=7)
    User.objects.select_for_update().get(pk=user.pk)  # pressed twice at once, the second sees what the first made
    window = week_window(week)
    present = set(
        _own(user).filter(start__gte=window.start, start__lt=window.end).values_list("type", "title", "start")
    )
    made = []
    for row in copyable(user, week - shift).filter(pk__in=chosen):
        start, end = _later(row.start, shift), _later(_end(row), shift)
        if (row.type_id, row.title, start) not in present:
            made.append(_copy(user, row, start, end))
    return made


def _copy(user: User, row: Activity, start: dt.datetime, end: dt.datetime) -> Activity:
    return activity_log(
        user=user,
        type=row.type,
        title=row.title,
        goal=row.goal,
        start=start,
        end=max(start, end),
        place=row.place,
        channel=row.channel,
        status=ActivityStatus.OPEN,
    )


def _end(row: Activity) -> dt.datetime:
    if row.end:
        return row.end
    minutes = int(row.hours * 60) if row.hours is not None else row.type.duration
    return row.start + dt.timedelta(minutes=minutes)


def _later(time: dt.datetime, shift: dt.timedelta) -> dt.datetime:
    """The same time of the clock another week, also over a change of summer time."""
    return timezone.make_aware(timezone.make_naive(time) + shift)


def undo_token(user: User, made: Collection[Activity]) -> str:
    return signing.dumps({"user": user.pk, "made": [row.pk for row in made]}, salt=SALT, compress=True)


def made_by(user: User, token: str) -> QuerySet[Activity]:
    """Return what a copy made that the token tells of, as far as nobody has touched it since; nothing for a token that
    is forged, another's or old."""
    try:
        data = signing.loads(token, salt=SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return Activity.objects.none()
    if data["user"] != user.pk:
        return Activity.objects.none()
    untouched = Activity.objects.filter(version=1, created_by=user, status=ActivityStatus.OPEN)
    return untouched.filter(pk__in=data["made"]).select_related("type").order_by("start", "pk")


@transaction.atomic
def week_copy_undo(*, user: User, token: str) -> int:
    """Take back what a copy has just made; return how many. What has been changed meanwhile stays."""
    rows = list(made_by(user, token).select_for_update(of=("self",)))
    Activity.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


@transaction.atomic
def work_target_set(*, person: User, hours: Decimal | None) -> None:
    """Write how many hours a week ``person`` means to log; None takes the target away."""
    if hours is None:
        WorkTarget.objects.filter(pk=person.pk).delete()
    else:
        WorkTarget.objects.update_or_create(user=person, defaults={"hours": hours})
