"""Rules in words, for the pages of a version and for comparing two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.conditions.fields import Said, fields, names_for
from core.conditions.tree import Group, Node, Rule
from core.conditions.words import Words
from core.formatting import number_text
from segmentation.criteria.conditions import METRIC, SCORE, THRESHOLD, threshold_words
from segmentation.criteria.store import StoredRule
from segmentation.schemes.models import Segment


def rule_words(rule: StoredRule) -> Words:
    """Return a rule as lines inside each other; without conditions it is *all others*."""
    if not rule.tree.parts:
        return Words(_("all others"))
    return _Writer(rule).lines(rule.tree)


class _Writer:
    def __init__(self, rule: StoredRule) -> None:
        self.names = rule.names

    def lines(self, node: Node, *, points: bool = False) -> Words:
        if isinstance(node, Rule):
            return Words(self.condition(node, points=points))
        if node.relation == SCORE:
            return self._score(node)
        if len(node.parts) == 1 and node.join != "none":
            return self.lines(node.parts[0])
        return Words(str(node.join.label), tuple(self.lines(part) for part in node.parts))

    def _score(self, group: Group) -> Words:
        limit = next((part for part in group.parts if isinstance(part, Rule) and part.field == THRESHOLD), None)
        head = _("score %(threshold)s points of these") % {"threshold": threshold_words(limit.values) if limit else "…"}
        rest = tuple(self.lines(part, points=True) for part in group.parts if part is not limit)
        return Words(head, rest)

    def condition(self, rule: Rule, *, points: bool = False) -> str:
        field = fields().get(rule.field)
        if field is None:
            return _("a condition that is not known any more (%(name)s)") % {"name": rule.field}
        values: Mapping[str, Any] = {one.name: rule.values.get(one.name) for one in field.asked(rule.values)}
        said = Said(str(field.label), values, names_for(values, field.operands, self.names))
        try:
            words = field.words(said)
        except (KeyError, TypeError, ValueError, ArithmeticError):  # not filled in yet
            words = "…"
        text = words if rule.field == METRIC else f"{field.label}: {words}".rstrip(": ")
        return text + self._weight(rule, points)

    def _weight(self, rule: Rule, points: bool) -> str:
        weight = rule.values.get("weight")
        if points:
            return " " + _("(%(points)s p.)") % {"points": _number(weight or 1)}
        return " " + _("(weight %(weight)s)") % {"weight": _number(weight)} if weight and str(weight) != "1" else ""


def _number(value: Any) -> str:
    text = str(value)
    return number_text(int(text)) if text.isdecimal() else text.replace(".", _decimal_sign())


def _decimal_sign() -> str:
    return number_text(1.5, 1)[1]


@dataclass(frozen=True)
class Compared:
    """The rule of a segment in two versions, in words."""

    segment: Segment
    left: Words | None
    right: Words | None

    @property
    def is_same(self) -> bool:
        return self.left == self.right


def compare(left: list[StoredRule], right: list[StoredRule]) -> list[Compared]:
    """Return the rules of two versions side by side, in order of precedence."""
    by_left, by_right = ({rule.segment.pk: rule for rule in rules} for rules in (left, right))
    segments = {rule.segment.pk: rule.segment for rule in [*left, *right]}
    return [
        Compared(
            segment,
            rule_words(by_left[pk]) if pk in by_left else None,
            rule_words(by_right[pk]) if pk in by_right else None,
        )
        for pk, segment in sorted(segments.items(), key=lambda item: (item[1].order, item[0]))
    ]
