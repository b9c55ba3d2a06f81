"""The statement that evaluates a version for a range of customers: what segment the criteria give, and why.

It follows "How a rule is evaluated" word for word; ``tests/reference.py`` says the same in plain Python.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from core.conditions.tree import Group, rules_of
from segmentation.criteria.classes import NamedClasses
from segmentation.criteria.enums import Outcome
from segmentation.criteria.lapses import Lapse, Lapses
from segmentation.criteria.sql import Answer, Writer, Written


@dataclass(frozen=True)
class Standing:
    """Where the standing segment comes from, as SQL: joins to ``c`` (the customer) and columns of them.

    ``segment`` and ``since`` are the standing segment and its day, ``criteria`` the version that gave it (NULL: none
    yet), ``member`` the segment that the customer is in.
    """

    joins: str
    segment: str
    since: str
    criteria: str
    member: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """A segment in order of precedence, with its rule in the version (None: people alone put customers there)."""

    pk: int
    minimum_days: int
    tree: Group | None


class Statement:
    """The SQL of one version. :attr:`sql` takes the parameters with ``first``, ``last`` and ``day``."""

    def __init__(
        self, *, criteria: int, subjects: Sequence[Subject], minimum_known: int, standing: Standing,
        cuts: Mapping[tuple[str, str], Decimal | None], hidden: frozenset[str] = frozenset(), values: str = "",
        parameters: Mapping[str, Any] | None = None, shows_lapse: bool = False,
    ) -> None:  # fmt: skip
        self.subjects, self.standing, self.values = subjects, standing, values
        self.writer = Writer(NamedClasses(one.tree for one in subjects if one.tree is not None), cuts, hidden)
        self.writer.parameters |= {
            **(parameters or {}),
            **standing.parameters,
            "criteria": criteria,
            "minimum_known": minimum_known,
        }
        self.rules: list[Written | None] = [
            None if one.tree is None else self.writer.rule(one.tree, str(one.pk)) for one in subjects
        ]
        trees = [one.tree for one in subjects if one.tree is not None] if shows_lapse else []
        self.lapses = Lapses(trees, hidden)

    def parameters(self, day: dt.date, first: int, last: int) -> dict[str, Any]:
        """Return the parameters for the customers with ids from ``first`` to ``last`` at the end of ``day``."""
        assert self.sql  # noqa: S101 - writing it collects them
        own = {**self.writer.parameters, **self.lapses.parameters_of(day)}
        return {**own, "day": day, "first": first, "last": last}

    @cached_property
    def sql(self) -> str:
        """Return rows of customer_id, member, standing, segment, since, share, outcome, reasons."""
        return (
            "SELECT customer_id, member, standing, segment, "
            "CASE WHEN segment IS NOT DISTINCT FROM standing THEN standing_since ELSE %(day)s::date END AS since, "
            f"share, {self._outcome()} AS outcome, {self._reasons()} AS reasons "
            f"FROM (SELECT *, {self._lapse()} AS lapse FROM ({self._given()}) given OFFSET 0) given"
        )

    # Levels, from the inside out

    def _facts(self) -> str:
        columns = (
            f"{self.standing.segment} AS standing", f"{self.standing.since} AS standing_since",
            f"{self.standing.criteria} AS standing_criteria", f"{self.standing.member} AS member", *self.lapses.columns,
        )  # fmt: skip
        return self.writer.facts_sql(columns, f"{self.standing.joins} {self.lapses.joins}", self.values)

    def _answered(self) -> str:
        """Return the facts, each condition's answer, each rule's answer and the known share."""
        listed = ["*", *(f"{self._rule(index)} AS r{index}" for index in range(len(self.subjects)))]
        listed += [f"{self._share()} AS share", f"{self._minimum_days()} AS minimum_days"]
        return f"SELECT {', '.join(listed)} FROM ({self.writer.answers_sql(self._facts())}) answered OFFSET 0"

    def _rule(self, index: int) -> str:
        """Return a rule's answer: the standing segment's by the thresholds to stay, others' by those to enter."""
        rule, pk = self.rules[index], self.subjects[index].pk
        if rule is None:
            return "NULL::boolean"
        return (
            rule.enter
            if rule.enter == rule.stay
            else f"CASE WHEN standing = {pk} THEN {rule.stay} ELSE {rule.enter} END"
        )

    def _share(self) -> str:
        """Return the weight of the conditions that are known, of all, in per cent (100 without conditions)."""
        return _share_of([(answer.enter, answer.weight) for rule in self.rules if rule for answer in rule.answers])

    def _minimum_days(self) -> str:
        days = "".join(f" WHEN {one.pk} THEN {one.minimum_days}" for one in self.subjects if one.minimum_days)
        return f"CASE standing{days} ELSE 0 END" if days else "0"

    def _chosen(self) -> str:
        """Return the first segment that is yes; the standing one also while it is unknown."""
        whens = [
            f"WHEN r{index} OR (r{index} IS NULL AND standing = {one.pk}) THEN {one.pk}"
            for index, one in enumerate(self.subjects)
        ]
        return f"CASE {' '.join(whens)} END" if whens else "NULL::integer"

    def _given(self) -> str:
        """Return what is given: the chosen segment unless too little is known or the shortest time is not over."""
        chosen = f"SELECT *, {self._chosen()} AS chosen FROM ({self._answered()}) answers OFFSET 0"
        return (
            "SELECT *, CASE WHEN share < %(minimum_known)s THEN standing "
            "WHEN chosen IS DISTINCT FROM standing AND standing_criteria = %(criteria)s "
            "AND %(day)s < standing_since + minimum_days THEN standing ELSE chosen END AS segment "
            f"FROM ({chosen}) chosen OFFSET 0"
        )

    def _outcome(self) -> str:
        known = " ".join(
            f"WHEN segment = {one.pk} AND r{index} THEN '{Outcome.YES}'" for index, one in enumerate(self.subjects)
        )
        return (
            f"CASE WHEN share < %(minimum_known)s THEN '{Outcome.TOO_LITTLE}' "
            f"WHEN segment IS DISTINCT FROM chosen THEN '{Outcome.KEPT_MINIMUM}' "
            f"WHEN segment IS NULL THEN '{Outcome.NONE}' {known} ELSE '{Outcome.KEPT_UNKNOWN}' END"
        )

    def _reasons(self) -> str:
        """Return what speaks for the segment (``why``), what is not known, and what waits for the shortest time."""
        parts = [
            f"'why', {self._why()}",
            f"'unknown', {self._unknown()}",
            "'next', CASE WHEN segment IS DISTINCT FROM chosen AND share >= %(minimum_known)s THEN "
            "jsonb_build_object('segment', chosen, 'on', standing_since + minimum_days) END",
            f"'lapse', {self._change()}",
        ]
        return f"jsonb_strip_nulls(jsonb_build_object({', '.join(parts)}))"

    def _why(self) -> str:
        whens = []
        for one, rule in zip(self.subjects, self.rules, strict=True):
            if rule and rule.answers:
                pairs = ", ".join(f"'{answer.part}', {self._said(one, answer)}" for answer in rule.answers)
                whens.append(f"WHEN {one.pk} THEN nullif(jsonb_strip_nulls(jsonb_build_object({pairs})), '{{}}')")
        return f"CASE segment {' '.join(whens)} END" if whens else "NULL"

    def _said(self, one: Subject, answer: Answer) -> str:
        """Return the value that meets a condition, or yes; nothing where it is not met."""
        held = (
            answer.enter
            if answer.enter == answer.stay
            else (f"(CASE WHEN standing = {one.pk} THEN {answer.stay} ELSE {answer.enter} END)")
        )
        return f"CASE WHEN {held} THEN to_jsonb({answer.value or 'true'}) END"

    def _unknown(self) -> str:
        columns: dict[str, set[str]] = {}
        for answer in (answer for rule in self.rules if rule for answer in rule.answers):
            columns.setdefault(answer.key, set()).add(f"{answer.enter} IS NULL")
        if not columns:
            return "NULL"
        listed = ", ".join(
            f"CASE WHEN {' OR '.join(sorted(tests))} THEN {self.writer.parameter(key)}::text END"
            for key, tests in columns.items()
        )
        return f"to_jsonb(nullif(array_remove(ARRAY[{listed}], NULL), '{{}}'))"

    # What will change by itself

    def _rule_on(self, rule: Written, day: str, *, stays: bool) -> str:
        """Return a rule's answer on a later day if nothing happens until then."""
        answers = {answer.part: answer.stay if stays else answer.enter for answer in rule.answers}
        for part, lapse in self._changing(rule, stays=stays):
            answers[part] = lapse.answer_on(answers[part], day)
        return self.writer.expression(rule.tree, answers, stays=stays)

    def _changing(self, rule: Written, *, stays: bool) -> list[tuple[int, Lapse]]:
        """Return the conditions of a rule that lapse, or begin to hold, without a new event."""
        conditions = {condition.id: condition for condition in rules_of(rule.tree)}
        found = [(answer.part, self.lapses.of(conditions[answer.part], stays=stays)) for answer in rule.answers]
        return [(part, lapse) for part, lapse in found if lapse is not None]

    def _deciding(self, index: int | None) -> list[tuple[Written, bool]]:
        """Return the rules that end a stay: its own, by the thresholds to stay (true), and those of earlier segments.

        Whoever is in no segment enters the first one of which the rule is met.
        """
        earlier = [(rule, False) for rule in self.rules[:index] if rule]
        own = self.rules[index] if index is not None else None
        return [*earlier, (own, True)] if own else earlier

    def _days(self, index: int | None) -> dict[str, str]:
        """Return the columns of the days on which the rules that end a stay may change, with the figures' codes."""
        return {
            column: lapse.code
            for rule, stays in self._deciding(index)
            for _part, lapse in self._changing(rule, stays=stays)
            for column in lapse.columns
        }

    def _ends_on(self, index: int | None, day: str) -> str:
        """Return whether a stay ends on a later day: an earlier segment's rule is met, or its own is not any more."""
        ends = [
            f"coalesce({'NOT ' if stays else ''}{self._rule_on(rule, day, stays=stays)}, false)"
            for rule, stays in self._deciding(index)
        ]
        known = f"({self._share_on(day)} >= %(minimum_known)s) AND " if self.lapses.some_expire else ""
        return f"({known}({' OR '.join(ends)}))"

    def _share_on(self, day: str) -> str:
        """Return the known share on a later day, when own values have expired."""
        found: list[tuple[str, Decimal]] = []
        for rule in filter(None, self.rules):
            changing = dict(self._changing(rule, stays=False))
            for answer in rule.answers:
                lapse = changing.get(answer.part)
                found.append((lapse.answer_on(answer.enter, day) if lapse else answer.enter, answer.weight))
        return _share_of(found)

    def _earliest(self, one: Subject | None) -> str:
        """Return the first day on which a segment may be left: its shortest time is over."""
        if one is None or not one.minimum_days:
            return ""
        return f"CASE WHEN segment = standing THEN standing_since ELSE %(day)s::date END + {one.minimum_days}"

    def _subjects(self) -> list[tuple[int | None, Subject | None, str]]:
        """Return each segment with its condition, and that of no segment, where conditions may end the stay."""
        every: list[tuple[int | None, Subject | None, str]] = [
            (index, one, f"segment = {one.pk}") for index, one in enumerate(self.subjects)
        ]
        return [row for row in [*every, (None, None, "segment IS NULL")] if self._days(row[0])]

    def _lapse(self) -> str:
        """Return the earliest day on which the stay in the segment ends because conditions change by themselves."""
        whens = [f"WHEN {test} THEN {self._first_day(index, one)}" for index, one, test in self._subjects()]
        return f"CASE WHEN share >= %(minimum_known)s THEN CASE {' '.join(whens)} END END" if whens else "NULL::date"

    def _first_day(self, index: int | None, one: Subject | None) -> str:
        earliest, found = self._earliest(one), []
        for column in self._days(index):
            day = f"greatest({column}, {earliest})" if earliest else column
            found.append(f"CASE WHEN {column} > %(day)s AND {self._ends_on(index, day)} THEN {day} END")
        return f"least({', '.join(found)})"

    def _change(self) -> str:
        """Return the day of the change, to which segment, and what would stop it."""
        whens = []
        for index, _one, test in self._subjects():
            days = self._days(index).items()
            codes = {f"CASE WHEN {day} > %(day)s AND {day} <= lapse THEN '{code}' END" for day, code in days}
            by = f"to_jsonb(array_remove(ARRAY[{', '.join(sorted(codes))}]::text[], NULL))"
            whens.append(
                f"WHEN {test} THEN jsonb_build_object('on', lapse, 'segment', {self._next(index)}, 'by', {by})"
            )
        return f"CASE WHEN lapse IS NOT NULL THEN CASE {' '.join(whens)} END END" if whens else "NULL"

    def _next(self, index: int | None) -> str:
        """Return the first other segment of which the rule is met on that day."""
        own = self.subjects[index] if index is not None else None
        whens = [
            f"WHEN {self._rule_on(rule, 'lapse', stays=False)} THEN {one.pk}"
            for one, rule in zip(self.subjects, self.rules, strict=True)
            if rule and one is not own
        ]
        return f"CASE {' '.join(whens)} END" if whens else "NULL::integer"


def _share_of(answers: Sequence[tuple[str, Decimal]]) -> str:
    """Return the weight of the answers that are known, of all, in per cent (100 without any)."""
    total = sum((weight for _answer, weight in answers), Decimal(0))
    if not total:
        return "100::numeric"
    known = " + ".join(f"CASE WHEN {answer} IS NULL THEN 0 ELSE {weight:f} END" for answer, weight in answers)
    return f"(({known}) * 100.0 / {total:f})"
