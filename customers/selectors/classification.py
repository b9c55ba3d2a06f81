"""Reads of the classification tree: branches that fit, nodes in tree order, paths as text, counts of use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, QuerySet, Value

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

STEP = ClassificationNode.steplen


@dataclass(frozen=True)
class Uses:
    """How often a class is assigned to customers and contacts, and is a contact's role in a position."""

    customers: int = 0
    contacts: int = 0
    positions: int = 0

    @property
    def total(self) -> int:
        return self.customers + self.contacts + self.positions

    def __add__(self, other: Uses) -> Uses:
        return Uses(self.customers + other.customers, self.contacts + other.contacts, self.positions + other.positions)


@dataclass
class Branching:
    """A node with what is below it; ``uses`` is its own and ``total`` includes all below."""

    node: ClassificationNode
    uses: Uses
    total: Uses
    children: list[Branching] = field(default_factory=list)
    is_first: bool = True
    is_last: bool = True


def branches_for(target: Customer | Contact) -> QuerySet[ClassificationBranch]:
    """Return the branches whose classes may be given to a customer or to a contact (rule 11)."""
    own = BranchTarget.CUSTOMERS if isinstance(target, Customer) else BranchTarget.CONTACTS
    return ClassificationBranch.objects.filter(target__in=(own, BranchTarget.BOTH))


def uses_by_node(nodes: QuerySet[ClassificationNode]) -> dict[int, Uses]:
    """Return how often each of ``nodes`` itself is used, in one query."""
    counted = [
        model.objects.order_by()
        .filter(**{f"{column}__in": nodes.order_by().values("pk")})
        .values_list(column)
        .annotate(kind=Value(kind), n=Count("pk"))
        for model, column, kind in (
            (CustomerClassification, "node", "customers"),
            (ContactClassification, "node", "contacts"),
            (Position, "role", "positions"),
        )
    ]
    found: dict[int, dict[str, int]] = defaultdict(dict)
    first: Any = counted[0]
    for pk, kind, n in first.union(*counted[1:], all=True):
        found[pk][kind] = n
    return {pk: Uses(**kinds) for pk, kinds in found.items()}


def subtree_uses(node: ClassificationNode) -> Uses:
    """Return the uses of a node and all below it together."""
    return sum(uses_by_node(ClassificationNode.objects.in_subtree(node)).values(), Uses())


def tree_of(branch: ClassificationBranch) -> list[Branching]:
    """Return the branch's nodes as a tree with counts of use, in two queries."""
    nodes = branch.nodes.all()
    uses = uses_by_node(nodes)
    top: list[Branching] = []
    above: dict[str, Branching] = {}
    for node in nodes:
        own = uses.get(node.pk, Uses())
        above[node.path] = item = Branching(node, own, own)
        parent = above.get(node.path[:-STEP])
        _append(parent.children if parent else top, item)
        while parent:
            parent.total += own
            parent = above.get(parent.node.path[:-STEP])
    return top


def _append(siblings: list[Branching], item: Branching) -> None:
    if siblings:
        siblings[-1].is_last = False
        item.is_first = False
    siblings.append(item)


def paths_as_text(nodes: Iterable[ClassificationNode]) -> dict[int, str]:
    """Return each node's names from the top (*Manufacturing › Metal industry*), in one query for the nodes above."""
    nodes = list(nodes)
    wanted = {node.path[:end] for node in nodes for end in range(STEP, len(node.path), STEP)}
    above = {n.path: n for n in ClassificationNode.objects.filter(path__in=wanted)} if wanted else {}
    return {
        node.pk: " › ".join([above[node.path[:end]].name for end in range(STEP, len(node.path), STEP)] + [node.name])
        for node in nodes
    }


@dataclass(frozen=True)
class Held:
    """The classes of one branch that a customer or a contact has."""

    branch: ClassificationBranch
    assignments: list[CustomerClassification | ContactClassification]
    texts: list[str]


def classes_of(target: Customer | Contact) -> list[Held]:
    """Return every branch that fits ``target`` with the classes it has, in at most three queries."""
    rows = list(target.classifications.select_related("node__branch", "assigned_by").order_by("node__path"))
    texts = paths_as_text(row.node for row in rows)
    by_branch: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_branch[row.node.branch_id].append(row)
    return [
        Held(branch, by_branch[branch.pk], [texts[row.node_id] for row in by_branch[branch.pk]])
        for branch in branches_for(target)
    ]
