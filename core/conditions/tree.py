"""The tree of a condition, and how it is read from JSON and written to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from dataclasses import field as attribute
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

DEEPEST = 6
MOST_NODES = 60


class Join(TextChoices):
    ALL = "all", gettext_lazy("all of these hold")
    ANY = "any", gettext_lazy("at least one of these holds")
    NONE = "none", gettext_lazy("none of these holds")


class TreeError(ValueError):
    """The JSON of a tree cannot be read; the message is for the user."""


@dataclass(frozen=True)
class Rule:
    """One condition: the key of its field and the values of its operands (what JSON can hold)."""

    id: int
    field: str
    values: dict[str, Any] = attribute(default_factory=dict)


@dataclass(frozen=True)
class Group:
    """Conditions together. With a ``relation`` they hold for the same related row, such as one contact."""

    id: int
    join: Join = Join.ALL
    parts: tuple[Rule | Group, ...] = ()
    relation: str = ""


Node = Rule | Group


def walk(node: Node) -> Iterator[Node]:
    """Yield the node and all below it, in order."""
    yield node
    if isinstance(node, Group):
        for part in node.parts:
            yield from walk(part)


def rules_of(node: Node) -> list[Rule]:
    return [found for found in walk(node) if isinstance(found, Rule)]


def next_id(root: Node) -> int:
    return max(node.id for node in walk(root)) + 1


def added(root: Group, into: int, part: Node) -> Group:
    """Return the tree with ``part`` as the last one of the group ``into`` (of the root if there is no such group)."""
    known = {node.id for node in walk(root) if isinstance(node, Group)}
    return _added(root, into if into in known else root.id, part)


def _added(group: Group, into: int, part: Node) -> Group:
    parts = tuple(_added(child, into, part) if isinstance(child, Group) else child for child in group.parts)
    return replace(group, parts=(*parts, part) if group.id == into else parts)


def removed(root: Group, gone: int) -> Group:
    """Return the tree without the node ``gone`` and all below it; the root stays."""
    parts = (removed(part, gone) if isinstance(part, Group) else part for part in root.parts if part.id != gone)
    return replace(root, parts=tuple(parts))


def without_empty(group: Group) -> Group:
    """Return the tree without groups that have no conditions."""
    parts = (without_empty(part) if isinstance(part, Group) else part for part in group.parts)
    return replace(group, parts=tuple(part for part in parts if isinstance(part, Rule) or part.parts))


def write(node: Node) -> dict[str, Any]:
    """Return the node as JSON."""
    if isinstance(node, Rule):
        return {"id": node.id, "field": node.field, "values": node.values}
    related = {"relation": node.relation} if node.relation else {}
    return {"id": node.id, "join": node.join.value, **related, "parts": [write(part) for part in node.parts]}


def read(data: Any) -> Group:
    """Return the tree of JSON; nodes without ``id`` get one. Raise :class:`TreeError` if it cannot be read."""
    reader = _Reader()
    root = reader.node(data, 1)
    if not isinstance(root, Group):
        raise TreeError(_("A condition begins with a group: join and parts."))
    return reader.numbered(root)


def too_large_text() -> str:
    """Return how large a condition may be."""
    text = _("A condition has at most %(nodes)d parts, at most %(depth)d inside each other.")
    return text % {"nodes": MOST_NODES, "depth": DEEPEST}


class _Reader:
    def __init__(self) -> None:
        self.ids: set[int] = set()
        self.count = 0

    def node(self, data: Any, depth: int) -> Node:
        self.count += 1
        if self.count > MOST_NODES or depth > DEEPEST:
            raise TreeError(too_large_text())
        if not isinstance(data, dict):
            raise TreeError(_("Each part of a condition is an object."))
        return self.group(data, depth) if "join" in data else self.rule(data)

    def group(self, data: dict[str, Any], depth: int) -> Group:
        _check_names(data, {"id", "join", "relation", "parts"})
        if data["join"] not in Join.values:
            raise TreeError(_("join is all, any or none."))
        parts, relation = data.get("parts", []), data.get("relation", "")
        if not isinstance(parts, list) or not isinstance(relation, str):
            raise TreeError(_("parts is a list, relation is a text."))
        own = self.id(data)
        return Group(own, Join(data["join"]), tuple(self.node(part, depth + 1) for part in parts), relation)

    def rule(self, data: dict[str, Any]) -> Rule:
        _check_names(data, {"id", "field", "values"})
        values = data.get("values", {})
        if not isinstance(data.get("field"), str) or not isinstance(values, dict):
            raise TreeError(_("field is a text, values is an object."))
        return Rule(self.id(data), data["field"], dict(values))

    def id(self, data: dict[str, Any]) -> int:
        """Return the part's own id, 0 where it has none yet."""
        found = data.get("id", 0)
        if type(found) is not int or not 0 <= found < 30_000 or (found and found in self.ids):
            raise TreeError(_("id is a number that no other part has."))
        self.ids.add(found)
        return found

    def numbered(self, root: Group) -> Group:
        """Return the tree with ids for the parts that have none."""
        free = iter(number for number in range(1, 2 * MOST_NODES + 2) if number not in self.ids)

        def give(node: Node) -> Node:
            named = replace(node, id=node.id or next(free))
            return replace(named, parts=tuple(map(give, named.parts))) if isinstance(named, Group) else named

        numbered = give(root)
        assert isinstance(numbered, Group)  # noqa: S101 - as the root was
        return numbered


def _check_names(data: dict[str, Any], known: set[str]) -> None:
    unknown = sorted(set(data) - known)
    if unknown:
        raise TreeError(_("A part of a condition has no “%(name)s”.") % {"name": str(unknown[0])[:60]})
