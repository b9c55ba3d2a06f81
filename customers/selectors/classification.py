"""Queries of the classification tree: branches by target, trees with counts of use, paths, assigned classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.db.models.functions import Substr

from core.trees import paths_as_text
from customers.enums import BranchTarget
from customers.models import (
    ClassificationBranch,
    ClassificationNode,
    Contact,
    ContactClassification,
    Customer,
    CustomerClassification,
    Position,
)

CLASS_PREFIX = "class-"
STEP = ClassificationNode.steplen


@dataclass(frozen=True)
class Uses:
    """How often a class is assigned to active customers and contacts or used as a role in positions.

    ``inactive`` are inactive customers: lists and figures leave them out, but the class cannot be deleted.
    """

    customers: int = 0
    contacts: int = 0
    positions: int = 0
    inactive: int = 0

    @property
    def active(self) -> int:
        return self.customers + self.contacts + self.positions

    @property
    def total(self) -> int:
        return self.active + self.inactive


@dataclass
class TreeItem:
    """A node with its children; ``total`` counts each customer and contact of the subtree once."""

    node: ClassificationNode
    total: Uses
    children: list[TreeItem] = field(default_factory=list)
    is_first: bool = True
    is_last: bool = True


def branches_for(target: Customer | Contact) -> QuerySet[ClassificationBranch]:
    """Return the branches with classes for customers or for contacts (rule 11)."""
    own = BranchTarget.CUSTOMERS if isinstance(target, Customer) else BranchTarget.CONTACTS
    return ClassificationBranch.objects.filter(target__in=(own, BranchTarget.BOTH))


#: Uses of classes: rows, their link to the class, the counted field, the name of the count.
USES: tuple[tuple[QuerySet[Any], str, str, str], ...] = (
    (CustomerClassification.objects.filter(customer__state="active"), "node", "customer", "customers"),
    (CustomerClassification.objects.filter(customer__state="passive"), "node", "customer", "inactive"),
    (ContactClassification.objects.all(), "node", "contact", "contacts"),
    (Position.objects.all(), "role", "pk", "positions"),
)


def uses_by_node(nodes: QuerySet[ClassificationNode]) -> dict[int, Uses]:
    """Return how often each of ``nodes`` itself is used, in one query."""
    return _collect_uses(
        rows.order_by()
        .filter(**{f"{link}__in": nodes.order_by().values("pk")})
        .values_list(link)
        .annotate(kind=Value(kind), n=Count("pk"))
        for rows, link, _what, kind in USES
    )


def _collect_uses(counts: Iterable[Any]) -> dict[Any, Uses]:
    """Run queries of (key, kind, number) as one and return the uses by key."""
    counts_by_key: dict[Any, dict[str, int]] = defaultdict(dict)
    first, *others = counts
    for key, kind, n in first.union(*others, all=True):
        counts_by_key[key][kind] = n
    return {key: Uses(**kinds) for key, kinds in counts_by_key.items()}


def subtree_uses(node: ClassificationNode) -> Uses:
    """Return the uses of a subtree; each customer or contact counts once."""
    found = _collect_uses(_counts_by_path(node.depth, {"path__startswith": node.path}))
    return found.get(node.path, Uses())


def _subtree_uses_by_path(branch: ClassificationBranch, depth: int) -> dict[str, Uses]:
    """Return the uses of every subtree of a branch by path, in one query."""
    return _collect_uses(
        counts
        for level in range(1, depth + 1)
        for counts in _counts_by_path(level, {"branch": branch}, is_deepest=level == depth)
    )


def _counts_by_path(level: int, within: dict[str, Any], *, is_deepest: bool = False) -> Iterator[Any]:
    """Yield counts by the path up to ``level``; the deepest level needs no distinct count."""
    for counted, link, what, kind in USES:
        nodes = {f"{link}__{name}": value for name, value in {**within, "depth__gte": level}.items()}
        rows = counted.order_by().filter(**nodes).values_list(Substr(f"{link}__path", 1, level * STEP))
        yield rows.annotate(kind=Value(kind), n=Count(what, distinct=not is_deepest))


def tree_of(branch: ClassificationBranch) -> list[TreeItem]:
    """Return the branch's nodes as a tree with counts of use, in two queries."""
    nodes = list(branch.nodes.all())
    totals = _subtree_uses_by_path(branch, max((node.depth for node in nodes), default=1))
    top: list[TreeItem] = []
    above: dict[str, TreeItem] = {}
    for node in nodes:
        above[node.path] = item = TreeItem(node, totals.get(node.path, Uses()))
        parent = above.get(node.path[:-STEP])
        _append(parent.children if parent else top, item)
    return top


def _append(siblings: list[TreeItem], item: TreeItem) -> None:
    if siblings:
        siblings[-1].is_last = False
        item.is_first = False
    siblings.append(item)


@dataclass(frozen=True)
class AssignedClasses:
    """The assigned classes of one branch."""

    branch: ClassificationBranch
    assignments: list[CustomerClassification | ContactClassification]
    texts: list[str]

    @property
    def field(self) -> str:
        """The name under which the classes of the branch are edited in place."""
        return f"{CLASS_PREFIX}{self.branch.code}"


def classes_of(target: Customer | Contact) -> list[AssignedClasses]:
    """Return every branch that fits ``target`` with its assigned classes, in at most three queries."""
    assignments = list(target.classifications.select_related("node__branch", "assigned_by").order_by("node__path"))
    texts = paths_as_text(assignment.node for assignment in assignments)
    by_branch: dict[int, list[Any]] = defaultdict(list)
    for assignment in assignments:
        by_branch[assignment.node.branch_id].append(assignment)
    return [
        AssignedClasses(
            branch, by_branch[branch.pk], [texts[assignment.node_id] for assignment in by_branch[branch.pk]]
        )
        for branch in branches_for(target)
    ]
