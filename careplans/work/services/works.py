"""What people do with generated work: confirm its day, claim it from a list; what follows when they are away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Team, User
from activities.log.enums import UNFINISHED
from activities.log.models import Participation
from careplans.adherence.days import plus_days
from careplans.caremodels.services.models import care_settings
from careplans.plans.plugs import plans_changed
from careplans.work.enums import WorkState
from careplans.work.generation.holders import LAST
from careplans.work.models import Absence, CareWork
from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock
from customers.models import Responsibility


def work_avoid(absences: Sequence[Absence]) -> None:
    """Look again at plans with work on days on which its person is away now (``ABSENCE_FOLLOWERS``)."""
    days = Q()
    for one in absences:
        days |= Q(person=one.person_id, written_day__gte=one.first, written_day__lte=one.last)
    if days:
        found = CareWork.objects.filter(days, state=WorkState.OPEN, is_scheduled=False)
        plans_changed(sorted(set(found.values_list("customer", flat=True))))


@transaction.atomic
def work_confirm(*, work: CareWork, confirmed: bool = True) -> CareWork:
    """Confirm the day of generated work, so that it is scheduled, or take that back. Raises ``closed``."""
    locked = _open(work)
    locked.is_confirmed = confirmed
    act = locked.activity
    is_placed = act is not None and act.is_all_day and clock.day_of(act.start) == locked.written_day
    locked.is_scheduled = confirmed or not is_placed
    locked.save(update_fields=["is_confirmed", "is_scheduled"])
    plans_changed([locked.customer_id])
    return locked


@transaction.atomic
def work_claim(*, work: CareWork, user: User) -> CareWork:
    """Take work from a shared list. Raises ``closed``, ``taken`` and ``not_on_list``."""
    locked = _open(work)
    if locked.person_id == user.pk:
        return locked
    if locked.person is not None:
        raise BusinessRuleError("taken", _("%(person)s has claimed it already.") % {"person": locked.person})
    if not may_claim(user, locked):
        raise BusinessRuleError("not_on_list", _("The work is on other people's list."))
    _give(locked, user.pk)
    plans_changed([locked.customer_id])
    return locked


@transaction.atomic
def work_release(*, work: CareWork, user: User) -> CareWork:
    """Put work that the user has claimed back on its list. Raises ``closed`` and ``not_on_list``."""
    locked = _open(work)
    if locked.person_id != user.pk or not locked.list_key:
        raise BusinessRuleError("not_on_list", _("You have not claimed it from a list."))
    Participation.objects.filter(activity=locked.activity_id, user=user).delete()
    locked.person, locked.listed_on = None, clock.today()
    locked.save(update_fields=["person", "listed_on"])
    plans_changed([locked.customer_id])
    return locked


@transaction.atomic
def works_to_leaders(today: dt.date | None = None) -> int:
    """Give what nobody has claimed for some days to the leaders of the teams; return how much."""
    today = today or clock.today()
    before = plus_days(today, -care_settings().claim_days)
    rows = CareWork.objects.filter(state=WorkState.OPEN, person=None, listed_on__lte=before)
    waiting = rows.filter(list_key__startswith="team:").order_by("pk").select_for_update(skip_locked=True)
    leaders = {
        f"team:{pk}": leader
        for pk, leader in Team.objects.filter(leader__is_active=True).values_list("pk", "leader")
    }  # fmt: skip
    given = [row for row in waiting if row.list_key in leaders]
    for row in given:
        _give(row, leaders[row.list_key] or 0)
    plans_changed(sorted({row.customer_id for row in given}))
    return len(given)


def may_claim(user: User, work: CareWork) -> bool:
    """Return whether the work is on a list of the user."""
    kind, _colon, name = work.list_key.partition(":")
    if kind == "team":
        return bool(user.memberships.filter(team=int(name)).exists())
    if kind == "group":
        is_keeper = work.list_key == LAST and user.has_perm("careplans.manage_plans")
        return is_keeper or bool(user.groups.filter(name=name).exists())
    return Responsibility.objects.current().filter(customer=work.customer_id, role=name, user=user).exists()


def _open(work: CareWork) -> CareWork:
    locked = lock(work)
    if not locked.is_open or locked.activity is None or locked.activity.status not in UNFINISHED:
        raise BusinessRuleError("closed", _("The work is closed already."))
    return locked


def _give(work: CareWork, person: int) -> None:
    assert work.activity_id is not None  # noqa: S101 - open work has its activity
    Participation.objects.get_or_create(activity_id=work.activity_id, user_id=person)
    work.person_id = person
    work.save(update_fields=["person"])
