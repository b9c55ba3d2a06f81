"""The builder of a rule: that of selections, with the metrics as buttons and a score that has its threshold at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.conditions.builder import Builder
from core.conditions.fields import Section, fields
from core.conditions.forms import new_rule
from core.conditions.tree import Group, Rule, next_id, rules_of, walk
from core.metrics import Unit
from segmentation.criteria.checks import threshold_fault
from segmentation.criteria.conditions import METRIC, SCORE, SUBJECT, THRESHOLD
from segmentation.criteria.enums import Comparison
from segmentation.criteria.figures import figure, figures


@dataclass(frozen=True)
class MetricEntry:
    """A button of the list of conditions: a condition on a metric. ``title`` is the metric's definition."""

    key: str
    label: Any
    title: Any


@dataclass(frozen=True)
class MetricSection:
    label: str
    entries: list[Any] = field(default_factory=list)


class CriteriaBuilder(Builder):
    """A rule being built; ``hidden`` metrics are not offered."""

    def __init__(
        self, user: Any, tree: Group | None = None, data: Any = None, *, hidden: frozenset[str] = frozenset()
    ) -> None:
        self.hidden = hidden
        super().__init__(SUBJECT, user, tree, data)

    def add(self, key: str, into: int) -> None:
        """Add a condition on a metric (``criteria.metric:code``), another one, or a score with its threshold."""
        name, _colon, code = key.partition(":")
        if name == METRIC and code:
            self._add_metric(code, into)
            return
        super().add(key, into)
        new = next((node for node in walk(self.tree) if node.id == self.new), None)
        if isinstance(new, Group) and new.relation == SCORE and not new.parts:
            score = new.id
            self._put(new_rule(next_id(self.tree), fields()[THRESHOLD]), score)

    def _add_metric(self, code: str, into: int) -> None:
        metric = figure(code)
        if metric is None or code in self.hidden:
            return
        op = Comparison.YES if metric.unit == Unit.YES else Comparison.AT_LEAST
        self._put(new_rule(next_id(self.tree), fields()[METRIC], {"metric": code, "op": op.value}), into)

    @property
    def into(self) -> int:
        """A score that was just added takes the conditions that follow."""
        new = next((node for node in walk(self.tree) if node.id == self.new), None)
        for node in walk(self.tree):
            if isinstance(node, Group) and node.relation == SCORE and new in node.parts and _is_threshold(new):
                return node.id
        return super().into

    @property
    def sections(self) -> list[Any]:
        """Return the metrics under their headings, then the other conditions."""
        listed: dict[str, MetricSection] = {}
        for code, metric in figures().items():
            if code not in self.hidden:
                heading = str(metric.section.label)
                section = listed.setdefault(heading, MetricSection(heading))
                section.entries.append(MetricEntry(f"{METRIC}:{code}", metric.label, metric.definition))
        return [*listed.values(), *map(_without_metric, super().sections)]

    def is_complete(self) -> bool:
        """Return whether every condition is filled in and its thresholds fit; a rule may have none ("all others")."""
        whole = super().is_complete() or not rules_of(self.tree)
        for number, form in self.forms.items():
            wrong = threshold_fault(Rule(number, form.condition.key, form.values)) if form.is_valid() else ""
            if wrong:
                form.add_error("leave" if form.values.get("leave") else "enter", wrong)
                whole = False
        return whole


def _is_threshold(node: Any) -> bool:
    return isinstance(node, Rule) and node.field == THRESHOLD


def _without_metric(section: Section) -> Section:
    """Leave out what the list has in another form or adds automatically."""
    return Section(section.label, [one for one in section.entries if one.key not in (METRIC, THRESHOLD)])
