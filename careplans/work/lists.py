"""Shared lists of work: what they are called, and who may claim from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from accounts.models import Role, Team
from careplans.work.generation.holders import LAST
from careplans.work.models import CareWork
from customers.models import Responsibility


def keys_of(user: Any) -> list[str]:
    """Return the lists of the user's teams and groups; who manages plans has that of the key account manager too."""
    teams = [f"team:{pk}" for pk in user.memberships.values_list("team", flat=True)]
    groups = [f"group:{name}" for name in user.groups.values_list("name", flat=True)]
    return [*teams, *groups, *([LAST] if user.has_perm("careplans.manage_plans") else [])]


def listed_for(user: Any) -> Q:
    """Return the condition of the work that the user may claim: of own lists, of a role that he or she has."""
    role = Substr(OuterRef("list_key"), len("role:") + 1)
    held = Responsibility.objects.current().filter(user=user.pk, customer=OuterRef("customer"), role=role)
    by_role = Q(list_key__startswith="role:") & Q(Exists(held))
    return Q(list_key__in=keys_of(user)) | by_role


def on_lists_of(user: Any, rows: Iterable[CareWork]) -> set[int]:
    """Return which of the rows the user may claim, in a constant number of queries."""
    if not user.has_perm("activities.log_activity"):
        return set()
    found = CareWork.objects.filter(listed_for(user), pk__in=[row.pk for row in rows])
    return set(found.values_list("pk", flat=True))


def list_words(keys: Collection[str]) -> dict[str, str]:
    """Return the names of lists, in two queries."""
    teams = [key.removeprefix("team:") for key in keys if key.startswith("team:")]
    groups = [key.removeprefix("group:") for key in keys if key.startswith("group:")]
    found = {f"team:{team.pk}": str(team) for team in Team.objects.filter(pk__in=teams)} if teams else {}
    if groups:
        found |= {f"group:{role.name}": str(role.label) for role in Role.objects.filter(name__in=groups)}
    roles = {"role:owner": _("owners"), "role:deputy": _("deputies"), "role:other": _("other responsible persons")}
    return {**roles, **found}


def list_choices() -> list[tuple[str, str]]:
    """Return the lists on which work waits, for a filter."""
    keys = list(CareWork.objects.filter(state="open", person=None).values_list("list_key", flat=True).distinct()[:200])
    words = list_words(keys)
    return sorted(((key, words.get(key, key)) for key in keys), key=lambda one: one[1])
