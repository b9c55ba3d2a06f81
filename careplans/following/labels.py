"""The names of the rows of figures, and the lists of the occurrences that they count."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Role, Team, User
from careplans.adherence.figures import Pace
from careplans.caremodels.models import CareModel
from careplans.following.adherence import OTHERS, Query
from careplans.following.enums import GroupBy, Reached
from careplans.following.filters import NOBODY
from careplans.plans.selectors import action_names
from customers.enums import ResponsibilityRole
from customers.models import ClassificationNode, Customer
from customers.state_filters import ALL_STATES, may_see_inactive
from segmentation.schemes.models import Segment

_MODELS: dict[str, Any] = {
    GroupBy.TEAM: Team, GroupBy.UNIT: Team, GroupBy.SEGMENT: Segment, GroupBy.GROUP: ClassificationNode,
    GroupBy.MODEL: CareModel,
}  # fmt: skip
NONE = gettext_lazy("none")
#: What the row of those that have none is called.
_WITHOUT: dict[str, Any] = {
    GroupBy.SEGMENT: gettext_lazy("without a segment"),
    GroupBy.GROUP: gettext_lazy("without a group"),
}
_OVER = ("done", "late", "missed")
#: What each figure counts, as filters of the list of occurrences.
COUNTED: dict[str, dict[str, Any]] = {
    "planned": {"state": [*_OVER, "coming"]},
    "due": {"state": list(_OVER)},
    **{name: {"state": name} for name in (*_OVER, "coming")},
    "already_done": {"state": "coming", "completed": "true"},
    "scheduled": {"state": "coming", "scheduled": "true"},
}


def labels_of(query: Query, keys: Collection[Any]) -> dict[Any, Any]:
    """Return what the keys of rows are called: rows of the database where they are some."""
    if query.by == GroupBy.OWNER:
        return _holders({str(key) for key in keys})
    if query.by == GroupBy.ACTION:
        return {**{str(key): str(key) for key in keys}, **action_names(keys)}
    if query.by == GroupBy.CUSTOMER:
        found = dict(Customer.objects.visible_to(query.reader).in_bulk(list(keys)))
        return {key: found.get(key, _("an inactive customer (%d)") % key) for key in keys}
    rows = _MODELS[query.by].objects.in_bulk([key for key in keys if key is not None])
    return {key: rows.get(key, str(_WITHOUT.get(query.by, NONE))) for key in keys}


def _holders(keys: Collection[str]) -> dict[str, Any]:
    users = User.objects.in_bulk([int(key.removeprefix("user:")) for key in keys if key.startswith("user:")])
    teams = Team.objects.in_bulk([int(key.removeprefix("team:")) for key in keys if key.startswith("team:")])
    found: dict[str, Any] = {f"user:{pk}": user for pk, user in users.items()}
    found |= {f"team:{pk}": team for pk, team in teams.items()}
    return {key: found.get(key) or holder_words(key) for key in keys}


def holder_names(keys: Collection[str]) -> dict[str, str]:
    """Return the words for those who have something together, in at most one query."""
    names = [key.removeprefix("group:") for key in keys if key.startswith("group:")]
    groups = {f"group:{one.name}": str(one.label) for one in Role.objects.filter(name__in=names)} if names else {}
    return {key: groups.get(key) or holder_words(key) for key in keys}


def holder_words(key: str) -> str:
    """Return the words for who has something together: a role of several people, a group of users, nobody."""
    kind, _colon, name = key.partition(":")
    if not key:
        return _("nobody")
    if key == OTHERS:
        return _("other people")
    if kind == "role" and name in ResponsibilityRole.values:
        return _("several: %(role)s") % {"role": ResponsibilityRole(name).label}
    if kind == "group":
        role = Role.objects.filter(name=name).first()
        return role.label if role else name
    return key


def row_filters(query: Query, key: Any) -> dict[str, Any] | None:
    """Return the filters of a row's occurrences; None if the reader may not list them."""
    if key == OTHERS:
        return None
    if query.by == GroupBy.OWNER:
        kind, _colon, name = key.partition(":")
        return {"owner": name} if kind == "user" else {"held_by": name} if kind == "team" else {"holder": key or NOBODY}
    if key is None:
        return {"without": query.by}
    return {str(query.by): key}


def list_url(query: Query, name: str = "carefollow:occurrences", **more: Any) -> str:
    """Return the list of the occurrences of the days, the actions and the filters that are asked, or another one."""
    chosen = {name: getattr(value, "pk", value) for name, value in query.chosen.items()}
    asked: dict[str, Any] = {"part": query.part, "last_from": query.first, "last_to": query.last, **chosen, **more}
    if may_see_inactive(query.reader) and "customer" not in asked:
        asked["customer_state"] = ALL_STATES
    return reverse(name, query=asked)


def links_of(query: Query, key: Any = None, *, is_total: bool = False) -> Mapping[str, str]:
    """Return the lists of what the figures of a row count, by the names of the figures."""
    filters: dict[str, Any] | None = {} if is_total else row_filters(query, key)
    if filters is None:
        return {}
    return {name: list_url(query, **filters, **counted) for name, counted in COUNTED.items()}


COUNTED_CUSTOMERS = "carefollow:counted"


def pace_links(query: Query, key: Any = None, *, is_total: bool = False) -> Mapping[str, str]:
    """Return the lists of the customers of a row by their pace."""
    filters: dict[str, Any] | None = {} if is_total else row_filters(query, key)
    if filters is None:
        return {}
    return {pace: list_url(query, COUNTED_CUSTOMERS, **filters, pace=pace) for pace in Pace}


def reach_links(query: Query) -> Mapping[str, str]:
    """Return the lists of the customers of the reach."""
    return {which: list_url(query, COUNTED_CUSTOMERS, reach=which) for which in Reached.values}
