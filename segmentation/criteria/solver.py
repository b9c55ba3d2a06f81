"""Whether conditions can hold together, by intervals of numbers, sets of classes and least and greatest scores.

What is opaque (more than :data:`MOST_STEPS` cases) is taken as possible: nothing is said that is not certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from core.conditions.tree import Group, Join, Node, Rule
from core.metrics import Missing, Unit
from segmentation.criteria.classes import NamedClasses
from segmentation.criteria.conditions import CLASSES, CONTACTS, FORM, METRIC, PLACE, SCORE, THRESHOLD
from segmentation.criteria.enums import Comparison
from segmentation.criteria.figures import figure
from segmentation.criteria.sql import thresholds

MOST_STEPS = 20_000
INFINITE = Decimal("Infinity")
#: What is never below zero in a register of our own.
COUNTED = (Unit.COUNT, Unit.PERSONS, Unit.HOURS, Unit.DAYS, Unit.MONTHS, Unit.YEARS, Unit.YES)


@dataclass(frozen=True)
class Interval:
    """Numbers from ``low`` to ``high``; an open end is not in it."""

    low: Decimal = -INFINITE
    high: Decimal = INFINITE
    is_low_open: bool = False
    is_high_open: bool = False

    @property
    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.is_low_open or self.is_high_open))

    def within(self, other: Interval) -> Interval:
        low, low_open = max((self.low, self.is_low_open), (other.low, other.is_low_open))
        high, high_closed = min((self.high, not self.is_high_open), (other.high, not other.is_high_open))
        return Interval(low, high, low_open, not high_closed)


@dataclass(frozen=True)
class Membership:
    """What must hold of the classes of one branch: one of each of ``sets``, none of ``out``."""

    is_multiple: bool
    sets: tuple[frozenset[Any], ...] = ()
    out: frozenset[Any] = frozenset()

    @property
    def is_empty(self) -> bool:
        left = [one - self.out for one in self.sets]
        if not left:
            return False
        return not all(left) if self.is_multiple else not frozenset.intersection(*left)


@dataclass(frozen=True)
class State:
    """What has been assumed so far."""

    numbers: Mapping[str, Interval] = field(default_factory=dict)
    classes: Mapping[object, Membership] = field(default_factory=dict)
    scores: Mapping[object, bool] = field(default_factory=dict)


class TooManyCases(Exception):
    """The search was given up."""


class Solver:
    """Searches a case in which conditions hold (or do not)."""

    def __init__(self, trees: Iterable[Group]) -> None:
        self.classes = NamedClasses(trees)
        self.steps = 0

    def possible(self, *wanted: tuple[Node, bool]) -> bool:
        """Return whether there may be a customer with the wanted answer of each node."""
        self.steps = 0
        try:
            return self._search(list(wanted), State())
        except TooManyCases:
            return True

    def _search(self, wanted: list[tuple[Node, bool]], state: State) -> bool:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooManyCases
        if not wanted:
            return True
        (node, holds), rest = wanted[0], wanted[1:]
        if isinstance(node, Rule):
            return any(self._search(rest, case) for case in self._cases(node, holds, state))
        if node.relation == SCORE:
            return any(self._search(rest, case) for case in self._score(node, holds, state))
        if node.join == Join.NONE:
            node, holds = replace(node, join=Join.ANY), not holds
        parts = [(part, holds) for part in node.parts]
        if (node.join == Join.ALL) == holds:
            return self._search([*parts, *rest], state)
        return any(self._search([part, *rest], state) for part in parts)

    # One condition

    def _cases(self, rule: Rule, holds: bool, state: State) -> Iterable[State]:
        if rule.field == METRIC:
            return self._numbers(rule, holds, state)
        if rule.field in (CLASSES, CONTACTS, PLACE, FORM):
            return self._sets(rule, holds, state)
        return [state]

    def _numbers(self, rule: Rule, holds: bool, state: State) -> Iterable[State]:
        code, op = str(rule.values.get("metric", "")), rule.values.get("op")
        name = f"top {code}" if op == Comparison.TOP else code
        for interval in _intervals(op, thresholds(rule.values)[0], holds):
            found = state.numbers.get(name, _all_of(code, op)).within(interval)
            if not found.is_empty:
                yield replace(state, numbers={**state.numbers, name: found})

    def _sets(self, rule: Rule, holds: bool, state: State) -> Iterable[State]:
        groups = self._groups(rule)
        if holds:
            for (key, is_multiple), ids in groups.items():
                before = state.classes.get(key, Membership(is_multiple))
                found = replace(before, sets=(*before.sets, frozenset(ids)))
                if not found.is_empty:
                    yield replace(state, classes={**state.classes, key: found})
            return
        classes = dict(state.classes)
        for (key, is_multiple), ids in groups.items():
            before = classes.get(key, Membership(is_multiple))
            classes[key] = replace(before, out=before.out | ids)
        if not any(found.is_empty for found in classes.values()):
            yield replace(state, classes=classes)

    def _groups(self, rule: Rule) -> dict[tuple[object, bool], set[Any]]:
        ids = rule.values.get("rows") or ()
        if rule.field == PLACE:
            return {("place", False): set(ids)}
        if rule.field == FORM:
            return {("form", False): set(rule.values.get("forms") or ())}
        if rule.field == CONTACTS:
            return {("contacts", True): self.classes.below(ids)}
        return {(branch, several): nodes for (branch, several), nodes in self.classes.by_branch(ids).items()}

    # Scores

    def _score(self, group: Group, holds: bool, state: State) -> Iterable[State]:
        """A score is opaque but for its least and greatest sum, and the same score answers the same."""
        low, high = score_range(group)
        threshold = score_threshold(group)
        if threshold is None or (holds and high < threshold) or (not holds and low >= threshold):
            return
        key = str(replace(group, id=0))
        if state.scores.get(key, holds) == holds:
            yield replace(state, scores={**state.scores, key: holds})


def score_threshold(group: Group) -> Decimal | None:
    found = (part for part in group.parts if isinstance(part, Rule) and part.field == THRESHOLD)
    rule = next(found, None)
    return thresholds(rule.values)[0] if rule else None


def score_range(group: Group) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest sum of a score."""
    rules = (part for part in group.parts if isinstance(part, Rule) and part.field != THRESHOLD)
    return Decimal(0), sum((Decimal(str(rule.values.get("weight") or 1)) for rule in rules), Decimal(0))


def _all_of(code: str, op: object) -> Interval:
    """Return all values that there are: shares from 0 to 100, and no negative ones of own registers."""
    if op == Comparison.TOP:
        return Interval(Decimal(0), Decimal(100), is_low_open=True)
    metric = figure(code)
    return Interval(Decimal(0)) if metric and metric.missing == Missing.ZERO and metric.unit in COUNTED else Interval()


def _intervals(op: object, threshold: Decimal | None, holds: bool) -> list[Interval]:
    zero = Decimal(0)
    if op in (Comparison.YES, Comparison.NO):
        is_zero = (op == Comparison.NO) == holds
        if is_zero:
            return [Interval(zero, zero)]
        return [Interval(high=zero, is_high_open=True), Interval(low=zero, is_low_open=True)]
    if threshold is None:
        return []
    if (op == Comparison.AT_LEAST) == holds:
        return [Interval(low=threshold, is_low_open=op != Comparison.AT_LEAST)]
    return [Interval(high=threshold, is_high_open=op == Comparison.AT_LEAST)]
