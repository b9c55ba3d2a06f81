"""A tree in words, in the language that is active."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from core.conditions.fields import Said, fields, names_for, relations
from core.conditions.operands import Names, Rows, either, name_of
from core.conditions.tree import Group, Join, Node, Rule, rules_of


@dataclass(frozen=True)
class Words:
    """What a part of a condition says; ``head`` is the line before the parts of a group."""

    head: str
    parts: tuple[Words, ...] = ()

    @property
    def text(self) -> str:
        return self.head


def rows_in(tree: Node) -> dict[type[Model], set[int]]:
    """Return the keys of the rows that the tree names, by model."""
    found: dict[type[Model], set[int]] = defaultdict(set)
    for rule in rules_of(tree):
        field = fields().get(rule.field)
        for operand in field.operands if field else ():
            if isinstance(operand, Rows):
                found[operand.model].update(rule.values.get(operand.name) or ())
    return found


def names_in(tree: Node) -> dict[tuple[type[Model], Any], str]:
    """Return the names of the rows that the tree names, one query for each model."""
    names: dict[tuple[type[Model], Any], str] = {}
    for model, ids in rows_in(tree).items():
        rows = model._base_manager.filter(pk__in=ids) if ids else ()
        names |= {(model, row.pk): name_of(row) for row in rows}
    return names


def sentence(tree: Node, subject: str, names: Names) -> str:
    """Return the whole condition as one line."""
    return _Writer(names).flat(tree, subject, is_top=True)


def outline(tree: Node, subject: str, names: Names) -> Words:
    """Return the condition as lines inside each other."""
    return _Writer(names).lines(tree, subject)


class _Writer:
    def __init__(self, names: Names) -> None:
        self.names = names

    def lines(self, node: Node, subject: str) -> Words:
        if isinstance(node, Rule):
            return Words(self.rule(node))
        target, heading = _inside(node, subject)
        head = f"{heading}: {node.join.label}" if heading else str(node.join.label)
        return Words(head, tuple(self.lines(part, target) for part in node.parts))

    def flat(self, node: Node, subject: str, *, is_top: bool = False) -> str:
        if isinstance(node, Rule):
            return self.rule(node)
        target, heading = _inside(node, subject)
        text = self.joined(node, [self.flat(part, target) for part in node.parts])
        if heading:
            return f"{heading} ({text})"
        return text if is_top or len(node.parts) == 1 or node.join == Join.NONE else f"({text})"

    def joined(self, group: Group, parts: list[str]) -> str:
        if group.join == Join.ANY:
            return either(parts)
        if group.join == Join.NONE:
            return _("none of these: %(parts)s") % {"parts": "; ".join(parts)}
        if len(parts) < 2:
            return "".join(parts)
        return _("%(parts)s and %(last)s") % {"parts": "; ".join(parts[:-1]), "last": parts[-1]}

    def rule(self, rule: Rule) -> str:
        field = fields().get(rule.field)
        if field is None:
            return _("a condition that is not known any more (%(name)s)") % {"name": rule.field}
        values: Mapping[str, Any] = {
            operand.name: rule.values.get(operand.name) for operand in field.asked(rule.values)
        }
        said = Said(str(field.label), values, names_for(values, field.operands, self.names))
        try:
            return f"{field.label}: {field.words(said)}".rstrip(": ")
        except (KeyError, TypeError, ValueError):  # not filled in yet
            return f"{field.label}: …"


def _inside(group: Group, subject: str) -> tuple[str, str]:
    """Return what the parts of a group are about, and the words before it where that is a related row."""
    relation = relations().get(f"{subject}.{group.relation}") if group.relation else None
    return (relation.target, str(relation.heading)) if relation else (subject, "")
