"""SQL of a tree: one set-based condition on a query set, for the rows that the user may see."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Exists, Q

from core.conditions.fields import Asked, ConditionField, fields, relations
from core.conditions.tree import Group, Join, Node, Rule


class Unreadable(ValueError):
    """A condition of the tree is unknown, incomplete or not allowed: the tree as a whole then lets nothing through."""


def condition_of(tree: Group, subject: str, user: Any, *, within: frozenset[Any] = frozenset()) -> Q:
    """Return the tree as a condition on the rows of ``subject``. Raise :class:`Unreadable` if a part cannot be read.

    ``within`` names what the tree is compiled in, against selections that name each other.
    """
    return _Compiler(user, within).node(tree, subject)


class _Compiler:
    def __init__(self, user: Any, within: frozenset[Any]) -> None:
        self.user, self.within = user, within

    def node(self, node: Node, subject: str) -> Q:
        return self.rule(node, subject) if isinstance(node, Rule) else self.group(node, subject)

    def group(self, group: Group, subject: str) -> Q:
        if not group.relation:
            return self.joined(group, subject)
        relation = relations().get(f"{subject}.{group.relation}")
        if relation is None:
            raise Unreadable(group.relation)
        rows = relation.rows(Asked({}, self.user))
        return Q(Exists(rows.filter(self.joined(group, relation.target)).order_by()))

    def joined(self, group: Group, subject: str) -> Q:
        parts = [self.node(part, subject) for part in group.parts]
        if not parts:
            return Q()
        if group.join == Join.ANY:
            return reduce(or_, parts)
        # Each negation alone: PostgreSQL makes an anti-join of it, and nothing so good of NOT (… OR …).
        return reduce(and_, parts if group.join == Join.ALL else [~part for part in parts])

    def rule(self, rule: Rule, subject: str) -> Q:
        field = fields().get(rule.field)
        if field is None or field.subject != subject or not field.allowed(self.user):
            raise Unreadable(rule.field)
        return field.condition(Asked(loaded(field, rule), self.user, field.prefix, self.within))


def loaded(field: ConditionField, rule: Rule) -> dict[str, Any]:
    """Return the values of a rule for SQL. Raise :class:`Unreadable` if one that is needed is missing."""
    values: dict[str, Any] = {}
    for operand in field.asked(rule.values):
        stored = rule.values.get(operand.name)
        if stored == []:  # all the rows that it named have gone: that never means any
            raise Unreadable(f"{rule.field}: {operand.name}")
        if stored in (None, ""):
            if field.needs(operand, rule.values):
                raise Unreadable(f"{rule.field}: {operand.name}")
            values[operand.name] = None
        else:
            values[operand.name] = operand.loaded(stored)
    return values
