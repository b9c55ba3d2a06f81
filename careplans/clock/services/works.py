"""What people do with the work of internal events: they claim it from a list; leaders get what nobody claims."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Team, User
from activities.log.models import Participation
from careplans.adherence.days import plus_days
from careplans.caremodels.services.models import care_settings
from careplans.clock.models import InternalWork
from careplans.work.enums import WorkState
from careplans.work.lists import keys_of
from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock


def may_claim(user: User, work: InternalWork) -> bool:
    """Return whether the work waits on a list of the user."""
    return work.is_open and work.person_id is None and work.list_key in keys_of(user)


@transaction.atomic
def internal_claim(*, work: InternalWork, user: User) -> InternalWork:
    """Take the work of an event from a shared list. Raises ``closed``, ``taken``, ``not_on_list``."""
    locked = lock(work)
    if not locked.is_open or locked.activity_id is None:
        raise BusinessRuleError("closed", _("The work is closed already."))
    if locked.person_id == user.pk:
        return locked
    if locked.person is not None:
        raise BusinessRuleError("taken", _("%(person)s has claimed it already.") % {"person": locked.person})
    if not may_claim(user, locked):
        raise BusinessRuleError("not_on_list", _("The work is on other people's list."))
    _give(locked, user.pk)
    return locked


@transaction.atomic
def internal_release(*, work: InternalWork, user: User) -> InternalWork:
    """Put claimed work back on its list. Raises ``not_on_list``."""
    locked = lock(work)
    if locked.person_id != user.pk or not locked.list_key or not locked.is_open:
        raise BusinessRuleError("not_on_list", _("You have not claimed it from a list."))
    Participation.objects.filter(activity=locked.activity_id, user=user).delete()
    locked.person, locked.listed_on = None, clock.today()
    locked.save(update_fields=["person", "listed_on"])
    return locked


@transaction.atomic
def works_to_leaders(today: dt.date | None = None) -> int:
    """Give what nobody has claimed for some days to the leaders of the teams; return how much."""
    before = plus_days(today or clock.today(), -care_settings().claim_days)
    rows = InternalWork.objects.filter(state=WorkState.OPEN, person=None, listed_on__lte=before)
    leaders = {
        f"team:{pk}": leader
        for pk, leader in Team.objects.filter(leader__is_active=True).values_list("pk", "leader")
    }  # fmt: skip
    given = [row for row in rows.select_for_update(skip_locked=True) if row.list_key in leaders and row.activity_id]
    for row in given:
        _give(row, leaders[row.list_key] or 0)
    return len(given)


def _give(work: InternalWork, person: int) -> None:
    Participation.objects.get_or_create(activity=work.activity, user_id=person)
    work.person_id = person
    work.save(update_fields=["person"])
