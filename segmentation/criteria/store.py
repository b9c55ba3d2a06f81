"""Keeping the rules of a version: the structure as JSON, the rows that it names as foreign keys; what has gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Model

from core.conditions import tree as trees
from core.conditions.fields import fields
from core.conditions.operands import Names, Rows, name_of
from core.conditions.tree import Group
from core.conditions.words import names_in
from customers.models import ClassificationNode, Municipality
from customers.selections.store import gone, retired
from segmentation.criteria.models import CriteriaVersion, RuleClass, RuleMunicipality, SegmentRule
from segmentation.schemes.models import Segment

REFERENCES: dict[type[Model], Any] = {ClassificationNode: RuleClass, Municipality: RuleMunicipality}
EMPTY = {"id": 1, "join": "all", "parts": []}


@dataclass(frozen=True)
class StoredRule:
    """A segment's rule with the names of what it names, and what of it has gone, in words by the id of the part."""

    segment: Segment
    tree: Group
    names: Names = field(default_factory=dict)
    faults: tuple[tuple[int, str], ...] = ()


def rules_of_version(criteria: CriteriaVersion) -> list[StoredRule]:
    """Return the rules in order of precedence, in a constant number of queries."""
    rows = list(SegmentRule.objects.filter(criteria=criteria).select_related("segment", "segment__scheme"))
    return stored_rules(rows)


def stored_rules(rows: Iterable[SegmentRule]) -> list[StoredRule]:
    rows = list(rows)
    named = {row.pk: _Named() for row in rows}
    for model, reference in REFERENCES.items():
        for link in reference.objects.filter(rule__in=named).select_related("target").order_by("pk"):
            named[link.rule_id].add(model, link)
    return [_stored(row, named[row.pk]) for row in rows]


class _Named:
    """The rows that one rule names."""

    def __init__(self) -> None:
        self.values: dict[tuple[int, str], list[int]] = defaultdict(list)
        self.names: dict[tuple[type[Model], Any], str] = {}
        self.faults: list[tuple[int, str]] = []

    def add(self, model: type[Model], link: Any) -> None:
        if link.target is None:
            self.faults.append((link.part, gone(model, _as_fault(link)).text))
            return
        self.values[link.part, link.operand].append(link.target.pk)
        self.names[model, link.target.pk] = name_of(link.target)
        self.faults += [(link.part, fault.text) for fault in retired(model, _as_fault(link))]


def _as_fault(link: Any) -> Any:
    """Return a reference as the faults of selections read it: its ``rule`` is the part of the condition."""
    return _Link(rule=link.part, label=link.label, target=link.target)


@dataclass(frozen=True)
class _Link:
    rule: int
    label: str
    target: Any

    @property
    def names(self) -> tuple[str, str]:
        """What the condition named; a merge of classes changes the rules, so that nothing is named as before it."""
        return self.label, ""


def _stored(row: SegmentRule, named: _Named) -> StoredRule:
    tree = _filled(trees.read(row.condition or EMPTY), named.values)
    return StoredRule(row.segment, tree, named.names, tuple(named.faults))


def _filled(group: Group, values: Mapping[tuple[int, str], list[int]]) -> Group:
    parts: list[Any] = []
    for part in group.parts:
        if isinstance(part, Group):
            parts.append(_filled(part, values))
        else:
            own = {operand: sorted(ids) for (number, operand), ids in values.items() if number == part.id}
            parts.append(replace(part, values={**part.values, **own}))
    return replace(group, parts=tuple(parts))


def rule_write(criteria: CriteriaVersion, segment: Segment, tree: Group) -> SegmentRule:
    """Keep the rule of a segment in a version, with the rows that it names."""
    named = dict(_named_rows(tree))
    row, _added = SegmentRule.objects.update_or_create(
        criteria=criteria, segment=segment, defaults={"condition": trees.write(_bare(tree, set(named)))}
    )
    names = names_in(tree)
    for model, reference in REFERENCES.items():
        reference.objects.filter(rule=row).delete()
        reference.objects.bulk_create(
            reference(rule=row, part=part, operand=operand, target_id=pk, label=names.get((model, pk), "")[:250])
            for (part, operand), (of_model, ids) in named.items()
            if of_model is model
            for pk in ids
        )
    return row


def _named_rows(tree: Group) -> Iterable[tuple[tuple[int, str], tuple[type[Model], list[int]]]]:
    for rule in trees.rules_of(tree):
        known = fields().get(rule.field)
        for operand in known.operands if known else ():
            if isinstance(operand, Rows):
                yield (rule.id, operand.name), (operand.model, rule.values.get(operand.name) or [])


def _bare(group: Group, named: set[tuple[int, str]]) -> Group:
    """Return the tree without the values that are kept as foreign keys."""
    parts: list[Any] = []
    for part in group.parts:
        if isinstance(part, Group):
            parts.append(_bare(part, named))
        else:
            kept = {name: value for name, value in part.values.items() if (part.id, name) not in named}
            parts.append(replace(part, values=kept))
    return replace(group, parts=tuple(parts))
