"""SQL of rules. NULL is unknown: all is AND, any is OR, none is NOT OR, and PostgreSQL's own logic does the rest.

A statement has levels, each a query around the one before: the *facts* of a customer (values of metrics, what classes
it has), the *answers* of the conditions to enter (``a…``) and to stay (``z…``), and what is made of them. ``OFFSET 0``
keeps a level from being computed again for each use in the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeGuard

from core.conditions.tree import Group, Join, Rule, rules_of
from segmentation.criteria.classes import NamedClasses
from segmentation.criteria.conditions import CLASSES, CONTACTS, FORM, METRIC, PLACE, SCORE, THRESHOLD
from segmentation.criteria.enums import Comparison
from segmentation.criteria.figures import VALUES_TABLE, figure, is_never_unknown

UNKNOWN = "NULL::boolean"


@dataclass(frozen=True)
class Answer:
    """The columns of a condition's answers; ``key`` says what is not known where it is unknown."""

    part: int
    enter: str
    stay: str
    weight: Decimal
    key: str
    value: str  # the column of the value that the reasons name, or "" for yes


@dataclass(frozen=True)
class Written:
    """A rule as SQL: yes, no or unknown to enter and to stay, and its conditions."""

    tree: Group
    enter: str
    stay: str
    answers: tuple[Answer, ...]


@dataclass
class Writer:
    """Collects the columns and the parameters of a statement.

    ``cuts`` has the value that a share of the customers reaches, by metric and share (:func:`tops_of`); ``hidden`` the
    metrics that the scheme may not use, which are unknown to it.
    """

    classes: NamedClasses
    cuts: Mapping[tuple[str, str], Decimal | None] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    facts: dict[str, str] = field(default_factory=dict)  # column by SQL
    answers: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)

    def parameter(self, value: Any) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"%({name})s"

    def column(self, of: dict[str, str], sql: str, letter: str) -> str:
        """Return the name of a column with this SQL; the same SQL is one column."""
        return of.setdefault(sql, f"{letter}{len(of)}")

    # Rules

    def rule(self, tree: Group, prefix: str = "") -> Written:
        """Write a rule; ``prefix`` keeps the conditions of rules apart in what is not known."""
        answers = tuple(self._answer(rule, prefix) for rule in rules_of(tree) if rule.field != THRESHOLD)
        enter = self.expression(tree, {answer.part: answer.enter for answer in answers}, stays=False)
        stay = self.expression(tree, {answer.part: answer.stay for answer in answers}, stays=True)
        return Written(tree, enter, stay, answers)

    def expression(self, group: Group, answers: Mapping[int, str], *, stays: bool) -> str:
        """Return a group as SQL over the answers of its conditions."""
        if group.relation == SCORE:
            return self._score(group, answers, stays=stays)
        parts = [
            self.expression(part, answers, stays=stays) if isinstance(part, Group) else answers.get(part.id, UNKNOWN)
            for part in group.parts
        ]
        return joined(group.join, parts)

    def _score(self, group: Group, answers: Mapping[int, str], *, stays: bool) -> str:
        """Return yes where the least possible sum reaches the threshold, no where the greatest does not."""
        enter, leave = next((thresholds(part.values) for part in group.parts if _is_threshold(part)), (None, None))
        threshold = leave if stays else enter
        if threshold is None:
            return UNKNOWN
        parts = [(answers[rule.id], weight_of(rule)) for rule in rules_of(group) if rule.id in answers]
        limit = self.parameter(threshold)
        least = " + ".join(f"CASE WHEN {answer} THEN {weight:f} ELSE 0 END" for answer, weight in parts) or "0"
        most = " + ".join(f"CASE WHEN NOT {answer} THEN 0 ELSE {weight:f} END" for answer, weight in parts) or "0"
        return f"(CASE WHEN {least} >= {limit} THEN true WHEN {most} < {limit} THEN false END)"

    # Conditions

    def _answer(self, rule: Rule, prefix: str) -> Answer:
        writers = {
            METRIC: self._metric,
            CLASSES: self._classes,
            CONTACTS: self._contacts,
            PLACE: self._place,
            FORM: self._form,
        }
        write = writers.get(rule.field)
        enter, stay, key, value = write(rule) if write else (UNKNOWN, UNKNOWN, "", "")
        weight = weight_of(rule)
        return Answer(
            rule.id, self.column(self.answers, enter, "a"), self.column(self.answers, stay, "a"), weight,
            key or f"{prefix}.{rule.id}", value,
        )  # fmt: skip

    def _metric(self, rule: Rule) -> tuple[str, str, str, str]:
        code, op = rule.values.get("metric", ""), rule.values.get("op")
        metric = figure(code)
        if metric is None or code in self.hidden:
            return UNKNOWN, UNKNOWN, code, ""
        stored = f"(m.values->>{self._code(code)})::numeric"
        if is_never_unknown(metric):  # a customer that is newer than the figures has none of them
            stored = f"CASE WHEN m.customer_id IS NULL THEN 0 ELSE {stored} END"
        value = self.column(self.facts, stored, "f")
        said = "" if metric.is_value else value  # everyone reads reasons, but not what a customer is worth
        if op in (Comparison.YES, Comparison.NO):
            test = f"({value} {'<>' if op == Comparison.YES else '='} 0)"
            return test, test, code, said
        enter, leave = thresholds(rule.values)
        if enter is None or leave is None:
            return UNKNOWN, UNKNOWN, code, said
        return self._compared(value, code, op, enter), self._compared(value, code, op, leave), code, said

    def _compared(self, value: str, code: str, op: Any, threshold: Decimal) -> str:
        if op == Comparison.TOP:
            cut = self.cuts.get((code, str(threshold)))
            return UNKNOWN if cut is None else f"({value} >= {self.parameter(cut)})"
        return f"({value} {'<=' if op == Comparison.AT_MOST else '>='} {self.parameter(threshold)})"

    def _code(self, code: str) -> str:
        """Return the parameter of a metric's code, the same one each time, so that its column is one."""
        name = f"code_{code.replace('-', '_')}"
        self.parameters[name] = code
        return f"%({name})s"

    def _classes(self, rule: Rule) -> tuple[str, str, str, str]:
        """Return whether the customer has one of the classes. Without any class of a branch that gives one, unknown."""
        ids = rule.values.get("rows") or ()
        nodes = sorted(self.classes.below(ids))
        if not nodes:
            return UNKNOWN, UNKNOWN, "", ""
        found = self._has(nodes)
        of_one = [branch for branch, is_multiple in self.classes.branches(ids).items() if not is_multiple]
        known = [self._has_any(branch) for branch in of_one]
        sql = f"CASE WHEN {found} THEN true WHEN {' AND '.join(known) or 'true'} THEN false END"
        return f"({sql})", f"({sql})", "", ""

    def _has(self, nodes: list[int]) -> str:
        return self._in(
            "SELECT k.customer_id FROM customers_customerclassification k "
            f"WHERE {{within}} AND k.node_id = ANY({self.parameter(nodes)})"
        )

    def _has_any(self, branch: int) -> str:
        return self._in(
            "SELECT k.customer_id FROM customers_customerclassification k "
            "JOIN customers_classificationnode n ON n.id = k.node_id "
            f"WHERE {{within}} AND n.branch_id = {self.parameter(branch)}"
        )

    def _in(self, rows: str) -> str:
        return self.column(self.facts, f"c.id IN ({rows.format(within=WITHIN.format(column='k.customer_id'))})", "f")

    def _contacts(self, rule: Rule) -> tuple[str, str, str, str]:
        """Return whether somebody who works for the customer on the day has one of the roles or classes."""
        nodes = sorted(self.classes.below(rule.values.get("rows") or ()))
        if not nodes:
            return UNKNOWN, UNKNOWN, "", ""
        ids = self.parameter(nodes)
        found = self._in(
            "SELECT k.customer_id FROM customers_position k WHERE {within} "
            'AND (k."start" IS NULL OR k."start" <= %(day)s) AND (k."end" IS NULL OR k."end" >= %(day)s) '
            f"AND (k.role_id = ANY({ids}) OR k.contact_id IN "
            f"(SELECT contact_id FROM customers_contactclassification WHERE node_id = ANY({ids})))"
        )
        return found, found, "", ""

    def _place(self, rule: Rule) -> tuple[str, str, str, str]:
        ids = rule.values.get("rows") or ()
        if not ids:
            return UNKNOWN, UNKNOWN, "place", ""
        found = f"({self.column(self.facts, 'c.municipality_id', 'f')} = ANY({self.parameter(list(ids))}))"
        return found, found, "place", ""

    def _form(self, rule: Rule) -> tuple[str, str, str, str]:
        forms = rule.values.get("forms") or ()
        if not forms:
            return UNKNOWN, UNKNOWN, "form", ""
        column = self.column(self.facts, "nullif(c.organisation_form, '')", "f")
        found = f"({column} = ANY({self.parameter(list(forms))}))"
        return found, found, "form", ""

    # Levels

    def facts_sql(self, columns: Iterable[str] = (), joins: str = "", values: str = "") -> str:
        """Return the query of the facts of active customers with ids in ``%(first)s … %(last)s``."""
        listed = ["c.id AS customer_id", *columns, *(f"{sql} AS {name}" for sql, name in self.facts.items())]
        source = values or f"LEFT JOIN {VALUES_TABLE} m ON m.customer_id = c.id"
        return (
            f"SELECT {', '.join(listed)} FROM customers_customer c {source} {joins} "
            f"WHERE c.state = 'active' AND {WITHIN.format(column='c.id')} OFFSET 0"
        )

    def answers_sql(self, facts: str) -> str:
        """Return the query of the answers around that of the facts."""
        listed = ["*", *(f"{sql} AS {name}" for sql, name in self.answers.items())]
        return f"SELECT {', '.join(listed)} FROM ({facts}) facts OFFSET 0"


def weight_of(rule: Rule) -> Decimal:
    """Return the weight of a condition: 1 unless set."""
    return Decimal(str(rule.values.get("weight") or 1))


def _is_threshold(part: Any) -> TypeGuard[Rule]:
    return isinstance(part, Rule) and part.field == THRESHOLD


WITHIN = "{column} BETWEEN %(first)s AND %(last)s"


def joined(join: Join, parts: list[str]) -> str:
    """Return the parts of a group as one condition; nothing to hold is yes, nothing that may hold is no."""
    if not parts:
        return "false" if join == Join.ANY else "true"
    if join == Join.NONE:
        return f"(NOT ({' OR '.join(parts)}))"
    return f"({(' AND ' if join == Join.ALL else ' OR ').join(parts)})"


def thresholds(values: Mapping[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    """Return the thresholds to enter and to stay; one that is left out to stay is that to enter."""
    enter, leave = values.get("enter"), values.get("leave")
    if enter in (None, ""):
        return None, None
    return Decimal(str(enter)), Decimal(str(enter if leave in (None, "") else leave))
