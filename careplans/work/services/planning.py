"""Planning one's own work from care plans: setting days and times for many, spreading what has no set day yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.standing_in import people_ids_of
from activities.log.enums import UNFINISHED
from activities.log.models import Activity
from activities.log.services.activities import activity_move
from activities.log.services.whole_days import days_between
from careplans.adherence.days import plus_days
from careplans.plans.plugs import plans_changed
from careplans.work.enums import WorkState
from careplans.work.generation.days import Calendars, Loads
from careplans.work.models import CareWork
from core import clock
from core.exceptions import BusinessRuleError

#: The most that are planned at once.
MOST = 200
LONGEST = 400


def own_work(user: User, ids: Collection[int] | None = None) -> list[CareWork]:
    """Return the open work of the user and of the people replaced today, the first due first."""
    mine = CareWork.objects.visible_to(user).filter(person__in=people_ids_of(user))
    rows = mine.filter(state=WorkState.OPEN, activity__status__in=UNFINISHED)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return list(rows.select_related("customer__municipality", "activity__type", "person").order_by("due", "pk")[:MOST])


@transaction.atomic
def works_place(*, user: User, ids: Collection[int], day: dt.date, time: dt.time | None = None) -> list[CareWork]:
    """Set the day, and the time if one is given, of own work; return it. Several at a time follow each other.

    Raises ``past_day`` and ``nothing_chosen``, and as :func:`activity_move`.
    """
    if day < clock.today():
        raise BusinessRuleError("past_day", _("Choose today or a coming day."), field="day")
    works = _chosen(user, ids)
    start = None if time is None else timezone.make_aware(dt.datetime.combine(day, time))
    for work in works:
        act = work.activity
        assert act is not None  # noqa: S101 - own_work has those with one
        if start is None:
            work.activity = _move_to(act, day, user)
            continue
        end = start + dt.timedelta(minutes=act.type.duration)
        work.activity = activity_move(activity=act, user=user, start=start, end=end)
        start = end
    CareWork.objects.filter(pk__in=[work.pk for work in works]).update(is_confirmed=True, is_scheduled=True)
    plans_changed(sorted({work.customer_id for work in works}))
    return works


def _move_to(act: Activity, day: dt.date, user: User) -> Activity:
    """Move an activity to a day; one with a time keeps it."""
    if act.is_all_day:
        start, end = days_between(day, day)
        return activity_move(activity=act, user=user, start=start, end=end, is_all_day=True)
    local = timezone.localtime(act.start)
    start = timezone.make_aware(dt.datetime.combine(day, local.time()))
    return activity_move(activity=act, user=user, start=start, end=act.end and start + (act.end - act.start))


@transaction.atomic
def works_confirm(*, user: User, ids: Collection[int]) -> list[CareWork]:
    """Confirm the days of own work. Raises ``nothing_chosen``."""
    works = _chosen(user, ids)
    CareWork.objects.filter(pk__in=[work.pk for work in works]).update(is_confirmed=True, is_scheduled=True)
    plans_changed(sorted({work.customer_id for work in works}))
    return works


def spread_days(user: User, works: Iterable[CareWork]) -> list[tuple[CareWork, dt.date]]:
    """Return an even spread of what has no set day: for each its working day with least to do."""
    today = clock.today()
    calendars = Calendars([user.pk], [], Loads(today, plus_days(today, LONGEST)))
    free = [work for work in works if not work.is_scheduled]
    for work in free:
        if work.written_day is not None and work.person_id == user.pk:
            calendars.take_away(user.pk, work.written_day)
    return [(work, calendars.place(user.pk, work.first, work.last)) for work in free]


@transaction.atomic
def works_spread(*, user: User, ids: Collection[int]) -> list[CareWork]:
    """Spread own work evenly; its days are still not set, but those of work that the user does for somebody away.

    Raises ``nothing_chosen``.
    """
    moved = []
    for work, day in spread_days(user, _chosen(user, ids)):
        if day == work.written_day:
            continue
        start, end = days_between(day, day)
        act = work.activity
        assert act is not None  # noqa: S101 - own_work has those with one
        was_written = act.version == work.written_version
        work.activity = act = activity_move(activity=act, user=user, start=start, end=end, is_all_day=True)
        work.written_day = day
        work.written_version = act.version if was_written else work.written_version
        if work.person_id != user.pk:
            work.is_confirmed = work.is_scheduled = True
        moved.append(work)
    CareWork.objects.bulk_update(moved, ["written_day", "written_version", "is_confirmed", "is_scheduled"])
    plans_changed(sorted({work.customer_id for work in moved if work.is_confirmed}))
    return moved


#: What planning changes of work, which an undo brings back.
PLANNED = ("is_confirmed", "is_scheduled", "written_day", "written_version")


def as_it_was(works: Sequence[CareWork]) -> list[dict[str, Any]]:
    """Return what an undo needs of work that has just been planned: how it was, and the activity's version now."""
    return [{**work.planned_from, "version": work.activity.version} for work in works if work.activity]


@transaction.atomic
def works_back(*, user: User, kept: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """Bring work back to where planning found it. Return how much came back, and how much has changed meanwhile."""
    found = {work.pk: work for work in own_work(user, [one["pk"] for one in kept])}
    list(CareWork.objects.filter(pk__in=found).order_by("pk").select_for_update())
    back = []
    for one in kept:
        work = found.get(one["pk"])
        if work is None or work.activity is None or work.activity.version != one["version"]:
            continue
        _put_back(work, one, user)
        back.append(work)
    plans_changed(sorted({work.customer_id for work in back}))
    return len(back), len(kept) - len(back)


def _put_back(work: CareWork, one: dict[str, Any], user: User) -> None:
    act = work.activity
    assert act is not None  # noqa: S101 - checked by the caller
    if one["was"] != one["version"]:
        start, end = (moment and dt.datetime.fromisoformat(moment) for moment in (one["start"], one["end"]))
        act = activity_move(activity=act, user=user, start=start, end=end, is_all_day=one["is_all_day"])
    day = one["written_day"]
    work.is_confirmed, work.is_scheduled = one["is_confirmed"], one["is_scheduled"]
    work.written_day = dt.date.fromisoformat(day) if day else None
    work.written_version = act.version if one["written_version"] == one["was"] else one["written_version"]
    work.save(update_fields=PLANNED)


def _chosen(user: User, ids: Collection[int]) -> list[CareWork]:
    works = own_work(user, ids)
    if not works:
        raise BusinessRuleError("nothing_chosen", _("Choose the work first."))
    list(CareWork.objects.filter(pk__in=[work.pk for work in works]).order_by("pk").select_for_update())
    for work in works:
        work.planned_from = _planned_from(work)
    return works


def _planned_from(work: CareWork) -> dict[str, Any]:
    act = work.activity
    assert act is not None  # noqa: S101 - own_work has those with one
    return {
        "pk": work.pk, "was": act.version, "start": act.start.isoformat(), "is_all_day": act.is_all_day,
        "end": act.end and act.end.isoformat(), "is_confirmed": work.is_confirmed, "is_scheduled": work.is_scheduled,
        "written_day": work.written_day and work.written_day.isoformat(), "written_version": work.written_version,
    }  # fmt: skip
