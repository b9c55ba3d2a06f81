"""Planning one's own work from care plans: setting days and times for many, spreading what has no set day yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
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
    """Return the user's open work, that of ``ids``, with what the page shows of it, the first due first."""
    rows = CareWork.objects.visible_to(user).filter(person=user, state=WorkState.OPEN, activity__status__in=UNFINISHED)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return list(rows.select_related("customer__municipality", "activity__type").order_by("due", "pk")[:MOST])


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
            _move_to(act, day, user)
            continue
        end = start + dt.timedelta(minutes=act.type.duration)
        activity_move(activity=act, user=user, start=start, end=end)
        start = end
    CareWork.objects.filter(pk__in=[work.pk for work in works]).update(is_confirmed=True, is_scheduled=True)
    plans_changed(sorted({work.customer_id for work in works}))
    return works


def _move_to(act: Activity, day: dt.date, user: User) -> None:
    """Move an activity to a day; one with a time keeps it."""
    if act.is_all_day:
        start, end = days_between(day, day)
        activity_move(activity=act, user=user, start=start, end=end, is_all_day=True)
        return
    local = timezone.localtime(act.start)
    start = timezone.make_aware(dt.datetime.combine(day, local.time()))
    activity_move(activity=act, user=user, start=start, end=act.end and start + (act.end - act.start))


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
        if work.written_day is not None:
            calendars.take_away(user.pk, work.written_day)
    return [(work, calendars.place(user.pk, work.first, work.last)) for work in free]


@transaction.atomic
def works_spread(*, user: User, ids: Collection[int]) -> list[CareWork]:
    """Spread own work evenly; its days are still not set. Raises ``nothing_chosen``."""
    moved = []
    for work, day in spread_days(user, _chosen(user, ids)):
        if day == work.written_day:
            continue
        start, end = days_between(day, day)
        act = work.activity
        assert act is not None  # noqa: S101 - own_work has those with one
        was_written = act.version == work.written_version
        act = activity_move(activity=act, user=user, start=start, end=end, is_all_day=True)
        work.written_day = day
        work.written_version = act.version if was_written else work.written_version
        moved.append(work)
    CareWork.objects.bulk_update(moved, ["written_day", "written_version"])
    return moved


def _chosen(user: User, ids: Collection[int]) -> list[CareWork]:
    works = own_work(user, ids)
    if not works:
        raise BusinessRuleError("nothing_chosen", _("Choose the work first."))
    list(CareWork.objects.filter(pk__in=[work.pk for work in works]).order_by("pk").select_for_update())
    return works
