"""Who is in groups and teams, and who is active, has no days: plans follow when it is others than before.

The night compares it with what plans know (:class:`~careplans.plans.models.MemberNote`), and so does a task after each
change of an account or a team; whatever the way in, a page, an import, a command, nothing is missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, Team, TeamMembership, User
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.models import ActionResponsible, StatutoryResponsible
from careplans.plans.models import CustomerActionResponsible, ExceptionResponsible, MemberNote
from careplans.plans.plugs import customers_note
from careplans.plans.services.stays import models_catch_up, models_note
from core import clock
from core.queue import queue_task
from customers.models import Responsibility

#: The key of all active people.
ACTIVE = "active"
#: The group that gets what nobody else has (``careplans.work.generation.holders``).
FALLBACK = "key_account_manager"


def members_queue() -> None:
    """Queue the plans that follow a change of accounts or teams."""
    queue_task("careplans.plans.tasks.refresh_members")


def catch_up() -> None:
    """Note the customers of all that concerns many plans and has changed since the last run."""
    members_follow()
    models_catch_up()


@transaction.atomic
def members_follow() -> None:
    """Note the customers of which a group, a team or somebody responsible is not who it was; nobody the first time.

    Models are noted for :func:`~careplans.plans.services.stays.models_catch_up`, which comes after it.
    """
    before = {note.key: set(note.people) for note in MemberNote.objects.select_for_update().order_by("key")}
    now = members_now()
    changed = {key: people for key, people in now.items() if before.get(key) != people}
    gone = before.keys() - now.keys()
    if before:
        _note_responsible(before.get(ACTIVE, set()) ^ now[ACTIVE])
        others = [key.partition(":") for key in changed.keys() | gone]
        groups = {name for kind, _colon, name in others if kind == "group"}
        _note_named(groups, {int(name) for kind, _colon, name in others if kind == "team"})
    MemberNote.objects.filter(key__in=gone).delete()
    notes = [MemberNote(key=key, people=sorted(people)) for key, people in changed.items()]
    MemberNote.objects.bulk_create(notes, update_conflicts=True, update_fields=["people"], unique_fields=["key"])


def members_now() -> dict[str, set[int]]:
    """Return the active people of every group and team that has any, and all active people."""
    found: dict[str, set[int]] = defaultdict(set)
    active = set(User.objects.filter(is_active=True).values_list("pk", flat=True))
    found[ACTIVE] = active
    for user, name in User.objects.filter(is_active=True, groups__isnull=False).values_list("pk", "groups__name"):
        found[f"group:{name}"].add(user)
    for user, team in TeamMembership.objects.filter(user__is_active=True).values_list("user", "team"):
        found[f"team:{team}"].add(user)
    return dict(found)


def _note_responsible(people: Collection[int]) -> None:
    """Note the customers that one of these people, deactivated or back again, is responsible for."""
    rows = Responsibility.objects.filter(user__in=people).exclude(end__lt=clock.today())  # also from a day to come on
    customers_note(rows.order_by().values_list("customer", flat=True).distinct().iterator(chunk_size=10_000))


def _note_named(groups: Collection[str], teams: Collection[int]) -> None:
    """Note what has one of these groups or teams as responsible: models, single customers, or a task of all."""
    if not groups and not teams:
        return
    if FALLBACK in groups or _named(StatutoryResponsible, groups, teams).exists():
        return models_note(None)
    approved = _named(ActionResponsible, groups, teams).filter(action__version__status=VersionStatus.APPROVED)
    models_note(sorted(set(approved.values_list("action__version__model", flat=True))))
    for model in (CustomerActionResponsible, ExceptionResponsible):
        customers_note(_named(model, groups, teams).values_list("action__customer", flat=True).distinct())


def _named(model: Any, groups: Collection[str], teams: Collection[int]) -> Any:
    rows = model.objects.order_by()
    return rows.filter(group__name__in=groups) | rows.filter(team__in=teams)


def uses_of(row: Role | Team) -> str:
    """Return why a group or team stays: what is responsible by a care model has figures of the past."""
    about = {"group": row} if isinstance(row, Role) else {"team": row}
    approved = ActionResponsible.objects.exclude(action__version__status=VersionStatus.DRAFT).filter(**about)
    others = (StatutoryResponsible, CustomerActionResponsible, ExceptionResponsible)
    if approved.exists() or any(model.objects.filter(**about).exists() for model in others):
        return _(
            "Care plans name it as responsible, and figures of the past are its own: leave it without members instead."
        )
    return ""
