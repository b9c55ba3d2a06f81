"""The classes that rules name, with all below them: two queries for any number of conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q

from core.conditions.tree import Group, rules_of
from customers.models import ClassificationNode
from segmentation.criteria.conditions import CLASSES, CONTACTS


class NamedClasses:
    """The classes named in ``trees``; :meth:`below` answers without asking the database."""

    def __init__(self, trees: Iterable[Group]) -> None:
        ids = {
            pk
            for tree in trees
            for rule in rules_of(tree)
            if rule.field in (CLASSES, CONTACTS)
            for pk in rule.values.get("rows") or ()
        }
        self._below: dict[int, set[int]] = defaultdict(set)
        self._branch: dict[int, tuple[int, bool]] = {}
        self._names: dict[int, str] = {}
        if ids:
            self._read(ids)

    def _read(self, ids: set[int]) -> None:
        nodes = list(ClassificationNode.objects.filter(pk__in=ids).select_related("branch").order_by())
        for node in nodes:
            self._branch[node.pk] = (node.branch_id, node.branch.is_multiple)
            self._names[node.pk] = node.branch.name
        below = reduce(or_, (Q(path__startswith=node.path) for node in nodes), Q(pk__in=[]))
        for pk, path in ClassificationNode.objects.filter(below).order_by().values_list("pk", "path"):
            for node in nodes:
                if path.startswith(node.path):
                    self._below[node.pk].add(pk)

    def below(self, ids: Iterable[int]) -> set[int]:
        """Return the classes and all below them."""
        return set().union(*(self._below[pk] for pk in ids if pk in self._branch))

    def branches(self, ids: Iterable[int]) -> dict[int, bool]:
        """Return whether each branch of the classes gives a customer several."""
        return dict(self._branch[pk] for pk in ids if pk in self._branch)

    def by_branch(self, ids: Iterable[int]) -> dict[tuple[int, bool], set[int]]:
        """Return the classes with those below them by their branch."""
        found: dict[tuple[int, bool], set[int]] = defaultdict(set)
        for pk in ids:
            if pk in self._branch:
                found[self._branch[pk]] |= self._below[pk]
        return dict(found)

    def branch_names(self, ids: Iterable[int]) -> list[str]:
        return list(dict.fromkeys(self._names[pk] for pk in ids if pk in self._names))
