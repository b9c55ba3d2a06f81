"""Internal events of the demo: since two years, most of them held; the care team has its meeting."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.db.models import OuterRef, Subquery
from django.db.models.functions import TruncDate

from accounts.models import Role, Team, User
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Participation
from activities.log.services.whole_days import days_between
from careplans.adherence.occurrences import Occurrence, State
from careplans.clock.defaults import events_add
from careplans.clock.generation import work_refresh
from careplans.clock.internal import internal_read
from careplans.clock.models import InternalAction, InternalWork
from careplans.work.enums import WorkState
from core import clock
from demo.loading.caremodels import SINCE

#: How many of a hundred were held.
HELD = 82


def rhythm_load() -> None:
    """Let the events of an educational institution have been done since two years."""
    today = clock.today()
    since = today - dt.timedelta(days=SINCE)
    events_add()
    InternalAction.objects.filter(last=None).update(first=since)
    team = Team.objects.filter(kind="care").order_by("pk").first()
    for action in InternalAction.objects.filter(code="account_team_meeting") if team else ():
        action.responsible.all().delete()
        action.responsible.create(team=team, order=1)
    people = list(
        User.objects.filter(is_demo=True, username__in=("keymanager", "management", "manager")).order_by("pk")
    )
    if people:
        _held(people, today)
    work_refresh()
    opened = Activity.objects.filter(internal_work__state=WorkState.OPEN)
    opened.update(is_demo=True)
    about = Activity.objects.filter(pk=OuterRef("activity"))
    Participation.objects.filter(activity__in=opened).update(
        start_at=Subquery(about.values("start")), due_at=Subquery(about.values("end"))
    )


def rhythm_remove() -> None:
    """Let the events begin on the day on which they were added, and forget what the demo has entered of them."""
    InternalWork.objects.filter(activity=None).delete()
    InternalAction.objects.filter(first__lt=TruncDate("created_at")).update(first=TruncDate("created_at"))
    keepers = Role.objects.filter(name="key_account_manager").first()
    for action in InternalAction.objects.filter(responsible=None, person=None) if keepers else ():
        action.responsible.create(group=keepers, order=1)


def _held(people: list[User], today: dt.date) -> None:
    """Enter most of the past times as done, on a day of their time."""
    dice, internal = Random(7), internal_read(today, today)
    for code, action in internal.actions.items():
        past = [one for one in internal.evaluation.occurrences[code] if one.state is State.MISSED]
        for one in past:
            if dice.randrange(100) < HELD:
                _enter(action, one, dice, dice.choice(people))


def _enter(action: InternalAction, one: Occurrence, dice: Random, person: User) -> None:
    assert action.activity_type is not None  # noqa: S101 - the defaults have one
    span = min((one.last - one.first).days, 60)
    day = one.last - dt.timedelta(days=dice.randrange(span + 1))
    start, end = days_between(day, day)
    act = Activity.objects.create(
        type=action.activity_type, title=action.name_fi, start=start, end=end, is_all_day=True,
        status=ActivityStatus.DONE, closed_at=start, created_by=person, place=action.place, is_demo=True,
    )  # fmt: skip
    Participation.objects.create(activity=act, user=person, start_at=start)  # triggers rest
    InternalWork.objects.create(
        code=action.code, kind=one.key.kind.value, start=one.key.start, due=one.due, last=one.last, activity=act,
        state=WorkState.DONE, closed_on=day, person=person, written_title=act.title, written_day=day,
    )  # fmt: skip
