"""The deeper conditions of a list, which its filters cannot say: kept as a selection without a name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from core import clock
from core.conditions.kinds import IS
from core.conditions.tree import Group, Join, Rule
from core.numbers import parse_id
from customers.selections import store
from customers.selections.enums import SUBJECTS, SelectionOf
from customers.selections.filters import may_use
from customers.selections.from_filters import CONDITIONS, filters_of_tree, renumbered
from customers.selections.models import Selection, SelectionReference
from customers.selections.services import selection_create

#: Conditions that no saved view has are forgotten after this time.
KEPT = dt.timedelta(days=30)
SELECTION_FIELDS = {f"{subject}.selection" for subject in SUBJECTS.values()}
#: What of a list stays when its conditions change.
LOOKS = ("sort", "columns", "widths", "group_by", "view")
LIST_NAMES = {SelectionOf.CUSTOMERS.value: "customers:list", SelectionOf.CONTACTS.value: "customers:contacts"}


def list_of(of: str) -> str:
    """Return the address of the list of customers or contacts."""
    return reverse(LIST_NAMES[of])


def conditions_apply(*, of: str, tree: Group, query: str, request: HttpRequest) -> str:
    """Return the address of a list with a condition: its filters as far as they say it, the rest as one more.

    ``query`` is what the list showed before: its order, columns and the like stay. The rest is kept as a selection
    without a name, unless the list has the same one already.
    """
    before = QueryDict(query)
    said, rest = filters_of_tree(of, tree, request)
    after = QueryDict(mutable=True)
    for name in LOOKS:
        if name in before:
            after.setlist(name, before.getlist(name))
    if before.get("state") == "all":
        after["state"] = "all"
    for name, values in said.lists():
        after.setlist(name, values)
    if rest.parts:
        after[CONDITIONS] = str(_kept(of, rest, before.get(CONDITIONS), request.user).pk)
    text = after.urlencode()
    return f"{list_of(of)}?{text or 'view=all'}"


def _kept(of: str, tree: Group, asked: str | None, user: Any) -> Selection:
    """Return the selection of ``tree``: the one that the list had if it says the same, else a new one.

    It includes inactive rows if a selection that it names does: they stay when the list is saved.
    """
    inactive = includes_inactive(tree)
    pk = parse_id(asked)
    if pk is not None:
        had = Selection.objects.filter(may_use(user), pk=pk, of=of, is_unnamed=True).first()
        if had is not None and had.includes_inactive == inactive and renumbered(store.read(had).tree) == tree:
            return had
    return selection_create(user=user, of=of, tree=tree, is_unnamed=True, includes_inactive=inactive)


def includes_inactive(tree: Group) -> bool:
    """Return whether a condition has the rows of a selection, at any depth, that includes inactive ones."""
    rules = [rule for rule in _positive(tree) if rule.field in SELECTION_FIELDS and rule.values.get("op") == IS]
    named = {pk for rule in rules for pk in rule.values.get("rows") or ()}
    return bool(named) and Selection.objects.filter(pk__in=named, includes_inactive=True).exists()


def _positive(group: Group) -> Iterator[Rule]:
    """Yield the conditions of a tree that choose rows, rather than leave them out."""
    if group.join == Join.NONE:
        return
    for part in group.parts:
        if isinstance(part, Group):
            yield from _positive(part)
        else:
            yield part


def conditions_sweep() -> int:
    """Delete the conditions that no saved view has and that nobody made lately; return how many."""
    in_views = SelectionReference.objects.filter(view__isnull=False, target__isnull=False).values("target")
    old = Selection.objects.filter(is_unnamed=True, created_at__lt=clock.now() - KEPT).exclude(pk__in=in_views)
    return int(old.delete()[1].get(Selection._meta.label, 0))
