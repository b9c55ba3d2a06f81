"""Default data: the municipalities of Finland and the classification tree (domain.md §2 and §3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib.auth.models import Group

from core.defaults import read
from customers.models import ClassificationBranch, ClassificationNode, Municipality


def load_municipalities() -> None:
    """Load the municipalities of 2025 with Statistics Finland's codes."""
    Municipality.objects.bulk_create(Municipality(**row) for row in read("customers", "municipalities"))


def load_classification() -> None:
    """Load the branches, their nodes and who may assign them."""
    groups = {group.name: group for group in Group.objects.all()}
    first = ClassificationNode.objects.filter(depth=1).count() + 1
    for order, row in enumerate(read("customers", "classification"), 1):
        rows, names = row.pop("nodes"), row.pop("assigners", [])
        branch = ClassificationBranch.objects.create(**row, order=order * 10)
        branch.assigners.set(groups[name] for name in names)
        pairs = list(_nodes(branch, rows, "", 1, first))
        ClassificationNode.objects.bulk_create(node for node, _names in pairs)
        for node, names in pairs:
            if names:
                node.assigners.set(groups[name] for name in names)
        first += len(rows)


def _nodes(
    branch: ClassificationBranch, rows: list[dict[str, Any]], parent: str, depth: int, first: int
) -> Iterator[tuple[ClassificationNode, list[str]]]:
    """Yield the nodes of ``rows`` and of all below them in tree order, each with the names of its assigners."""
    for step, row in enumerate(rows, first):
        children, assigners = row.pop("children", []), row.pop("assigners", [])
        path = ClassificationNode._get_path(parent, depth, step)
        yield ClassificationNode(branch=branch, path=path, depth=depth, numchild=len(children), **row), assigners
        yield from _nodes(branch, children, path, depth + 1, 1)


SETS: dict[str, Callable[[], None]] = {
    "municipalities": load_municipalities,
    "classification": load_classification,
}
