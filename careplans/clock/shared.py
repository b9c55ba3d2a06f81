"""Groups and teams of internal events: what waits on their lists, in the weekly summary of who may claim it."""

from __future__ import annotations

from collections import defaultdict

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Role, Team, TeamMembership, User
from careplans.clock.models import InternalResponsible, InternalWork
from careplans.following.permissions import holders_of, keepers
from careplans.work.generation.holders import LAST
from careplans.work.weekly import Told

#: As many are told by name.
NAMED = 3


def uses_of(row: Role | Team) -> str:
    """Return why a group or team stays: an internal event would be nobody's."""
    about = {"group": row} if isinstance(row, Role) else {"team": row}
    if InternalResponsible.objects.filter(action__last__isnull=True, **about).exists():
        return _("Internal events name it as responsible: give them to somebody else first.")
    return ""


def listed_url() -> str:
    return reverse("careclock:internal_occurrences", query={"claim": "on"})


def people_of_lists(keys: set[str]) -> dict[int, set[str]]:
    """Return the lists of each person among some, in at most four queries."""
    teams = [int(key.removeprefix("team:")) for key in keys if key.startswith("team:")]
    groups = [key.removeprefix("group:") for key in keys if key.startswith("group:")]
    found: dict[int, set[str]] = defaultdict(set)
    for team, user in TeamMembership.objects.filter(team__in=teams).values_list("team", "user"):
        found[user].add(f"team:{team}")
    of_groups = User.objects.active().filter(groups__name__in=groups).order_by()
    for user, group in of_groups.values_list("pk", "groups__name"):
        found[user].update({f"group:{group}"} & keys)
    for user in keepers() if LAST in keys else ():
        found[user].add(LAST)
    return dict(found)


def listed_told() -> dict[int, Told]:
    """Return what waits on the lists of each person who may log activities, the first ones by name."""
    works = list(InternalWork.objects.listed().order_by("due", "pk"))
    people = people_of_lists({work.list_key for work in works})
    found: dict[int, Told] = {}
    for person in holders_of("activities", "log_activity") & people.keys():
        names = [str(work) for work in works if work.list_key in people[person]]
        found[person] = Told(len(names), names[:NAMED])
    return found
