""" "How a rule is evaluated" (docs/criteria.md) in plain Python, one customer at a time, to compare the SQL with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from typing import Any

from core.conditions.tree import Group, Rule, rules_of

Answer = bool | None


@dataclass
class Person:
    """What is known of a customer on a day: values by metric (None or missing: unknown), classes, municipality."""

    pk: int
    values: Mapping[str, Decimal | None] = field(default_factory=dict)
    nodes: frozenset[int] = frozenset()
    place: int | None = None
    standing: int | None = None
    since: dt.date | None = None
    #: The version that gave the standing segment.
    criteria: int | None = None


@dataclass(frozen=True)
class One:
    """A segment in order of precedence with its rule."""

    pk: int
    minimum_days: int
    tree: Group | None


@dataclass(frozen=True)
class Result:
    segment: int | None
    since: dt.date | None
    share: Decimal
    outcome: str


def both(answers: Sequence[Answer]) -> Answer:
    """all: no if any is no, else unknown if any is unknown, else yes."""
    return False if False in answers else None if None in answers else True


def either(answers: Sequence[Answer]) -> Answer:
    """any: yes if any is yes, else unknown if any is unknown, else no."""
    return True if True in answers else None if None in answers else False


def opposite(answer: Answer) -> Answer:
    return None if answer is None else not answer


@dataclass
class World:
    """All active customers, against which shares of the top are ranked; the branch (and whether it gives several)."""

    people: Sequence[Person]
    branches: Mapping[int, tuple[int, bool]] = field(default_factory=dict)

    def ranked(self, code: str) -> list[Decimal]:
        known = (person.values.get(code) for person in self.people)
        return sorted((value for value in known if value is not None), reverse=True)

    def is_top(self, code: str, share: Decimal, value: Decimal) -> bool:
        """Rank ≤ share of the customers with a known value, rounded up; equal values have the same rank."""
        ranked = self.ranked(code)
        return ranked.index(value) + 1 <= ceil(share * len(ranked) / 100)

    def answer(self, rule: Rule, person: Person, *, stays: bool) -> Answer:
        given = rule.values
        if rule.field == "criteria.classes":
            return self._classes(given["rows"], person)
        if rule.field == "criteria.place":
            return None if person.place is None else person.place in given["rows"]
        value = person.values.get(given["metric"])
        if value is None:
            return None
        if given["op"] in ("yes", "no"):
            return (value != 0) == (given["op"] == "yes")
        threshold = Decimal(given["leave"] if stays and given.get("leave") else given["enter"])
        if given["op"] == "top":
            return self.is_top(given["metric"], threshold, value)
        return value >= threshold if given["op"] == "at_least" else value <= threshold

    def _classes(self, rows: Sequence[int], person: Person) -> Answer:
        if person.nodes & set(rows):
            return True
        held = {self.branches[node][0] for node in person.nodes}
        needed = {self.branches[node][0] for node in rows if not self.branches[node][1]}
        return False if needed <= held else None

    def node(self, node: Any, person: Person, *, stays: bool) -> Answer:
        if isinstance(node, Rule):
            return self.answer(node, person, stays=stays)
        if node.relation == "score":
            return self._score(node, person, stays=stays)
        answers = [self.node(part, person, stays=stays) for part in node.parts]
        if node.join == "all":
            return both(answers)
        return either(answers) if node.join == "any" else opposite(either(answers))

    def _score(self, group: Group, person: Person, *, stays: bool) -> Answer:
        """Yes if the least possible sum reaches the threshold, no if the greatest does not, else unknown."""
        limit = next(part for part in group.parts if isinstance(part, Rule) and part.field == "criteria.threshold")
        threshold = Decimal(limit.values["leave"] if stays and limit.values.get("leave") else limit.values["enter"])
        least = most = Decimal(0)
        for part in group.parts:
            if isinstance(part, Rule) and part is not limit:
                answer = self.answer(part, person, stays=stays)
                weight = Decimal(part.values.get("weight", "1"))
                least += weight if answer else 0
                most += 0 if answer is False else weight
        return True if least >= threshold else False if most < threshold else None

    def share(self, ones: Sequence[One], person: Person) -> Decimal:
        """The weight of the version's conditions answered yes or no ÷ weight of all, in per cent."""
        known = whole = Decimal(0)
        for one in ones:
            for rule in rules_of(one.tree) if one.tree else ():
                if rule.field != "criteria.threshold":
                    weight = Decimal(rule.values.get("weight", "1"))
                    whole += weight
                    known += 0 if self.answer(rule, person, stays=False) is None else weight
        return known * 100 / whole if whole else Decimal(100)

    def evaluate(
        self, ones: Sequence[One], person: Person, day: dt.date, *, minimum_known: int, criteria: int
    ) -> Result:
        share = self.share(ones, person)
        answers = {
            one.pk: self.node(one.tree, person, stays=one.pk == person.standing) if one.tree else None for one in ones
        }
        kept = Result(person.standing, person.since, share, "share")
        if share < minimum_known:
            return kept
        chosen = next(
            (one.pk for one in ones if answers[one.pk] or (answers[one.pk] is None and one.pk == person.standing)), None
        )
        if chosen != person.standing and self._is_bound(ones, person, day, criteria):
            return Result(person.standing, person.since, share, "minimum")
        since = person.since if chosen == person.standing else day
        outcome = "none" if chosen is None else "yes" if answers[chosen] else "unknown"
        return Result(chosen, since, share, outcome)

    def _is_bound(self, ones: Sequence[One], person: Person, day: dt.date, criteria: int) -> bool:
        """The shortest time in the segment left; the first evaluation of a new version is not bound by it."""
        if person.standing is None or person.since is None or person.criteria != criteria:
            return False
        minimum = next((one.minimum_days for one in ones if one.pk == person.standing), 0)
        return day < person.since + dt.timedelta(days=minimum)
