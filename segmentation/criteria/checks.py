"""What is wrong with the rules of a version, or may be: named for the person who writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core.conditions import tree as trees
from core.conditions.fields import fields
from core.conditions.tree import Group, Rule
from core.metrics import Metric
from segmentation.criteria.conditions import METRIC, SCORE, THRESHOLD
from segmentation.criteria.enums import Comparison, Finding
from segmentation.criteria.figures import figure
from segmentation.criteria.solver import Solver
from segmentation.criteria.sql import thresholds
from segmentation.criteria.store import StoredRule
from segmentation.schemes.enums import ValueMode
from segmentation.schemes.models import Scheme, Segment


@dataclass(frozen=True)
class Found:
    """A finding about the rule of a segment, in words. ``is_fault`` ones keep a version from being sent on."""

    segment: Segment
    kind: Finding
    text: str
    part: int = 0

    @property
    def is_fault(self) -> bool:
        return self.kind in (Finding.CONTRADICTORY, Finding.UNREACHABLE, Finding.GONE, Finding.INCOMPLETE)


def findings(rules: Sequence[StoredRule]) -> list[Found]:
    """Return what can be seen without data: what has gone, is not complete, contradicts itself or is never reached.

    Two queries for the classes, whatever the number of conditions.
    """
    found: list[Found] = []
    whole: list[StoredRule] = []
    for rule in rules:
        own = [*_gone(rule), *incomplete(rule.segment, rule.tree)]
        found += own
        if not any(one.kind == Finding.INCOMPLETE for one in own):
            whole.append(rule)
    solver = Solver(rule.tree for rule in whole)
    for index, rule in enumerate(whole):
        found += _reach(solver, whole[:index], rule, is_last=index == len(whole) - 1)
    return found


def _gone(rule: StoredRule) -> list[Found]:
    found = [Found(rule.segment, Finding.GONE, text, part) for part, text in rule.faults]
    if rule.segment.is_retired:
        text = _("The segment “%(segment)s” is retired: nobody is given it.") % {"segment": rule.segment}
        found.append(Found(rule.segment, Finding.GONE, text))
    for condition in trees.rules_of(rule.tree):
        code = str(condition.values.get("metric", ""))
        metric = figure(code) if condition.field == METRIC and code else None
        if condition.field == METRIC and code and metric is None:
            text = _("There is no metric “%(name)s” any more.") % {"name": code}
            found.append(Found(rule.segment, Finding.GONE, text, condition.id))
        elif metric and metric.is_value and not rule.segment.scheme.is_steered_by_value:
            found.append(Found(rule.segment, Finding.GONE, _without_value(rule.segment.scheme, metric), condition.id))
    return found


def _without_value(scheme: Scheme, metric: Metric) -> str:
    """Return why the scheme may not ask for a value figure."""
    if scheme.value_mode == ValueMode.OFF:
        text = _("The scheme does not use the value of customers: “%(name)s” is not known to it.")
    else:
        text = _(
            "The value of customers is used for development only, and the scheme decides how customers are cared for: "
            "“%(name)s” is not known to it."
        )
    return text % {"name": metric.label}


def incomplete(segment: Segment, tree: Group) -> list[Found]:
    """Return what is missing or does not fit together in a rule."""
    found: list[Found] = []

    def say(part: int, text: str) -> None:
        found.append(Found(segment, Finding.INCOMPLETE, text, part))

    for node in trees.walk(tree):
        if isinstance(node, Group):
            _check_group(node, tree, say)
        else:
            _check_rule(node, say)
    return found


def _check_group(group: Group, tree: Group, say: Any) -> None:
    if group.relation == SCORE:
        limits = [part for part in group.parts if isinstance(part, Rule) and part.field == THRESHOLD]
        if len(limits) != 1:
            say(group.id, _("A score has one threshold."))
        if any(isinstance(part, Group) for part in group.parts):
            say(group.id, _("A score has conditions only, no groups."))
        if len(group.parts) == len(limits):
            say(group.id, _("A score has at least one condition."))
    elif not group.parts and group is not tree:
        say(group.id, _("A group has no conditions."))
    elif any(isinstance(part, Rule) and part.field == THRESHOLD for part in group.parts):
        say(group.id, _("A threshold of a score belongs to a score."))


def _check_rule(rule: Rule, say: Any) -> None:
    known = fields().get(rule.field)
    if known is None:
        say(rule.id, _("The condition “%(name)s” is not known any more.") % {"name": rule.field})
        return
    missing = [
        str(one.label)
        for one in known.asked(rule.values)
        if one.is_needed and rule.values.get(one.name) in (None, "", [])
    ]
    if missing and not known.operand("rows"):  # rows that have gone are a fault of their own
        say(rule.id, _("%(condition)s: fill in %(names)s.") % {"condition": known.label, "names": ", ".join(missing)})
        return
    text = threshold_fault(rule)
    if text:
        say(rule.id, text)


def threshold_fault(rule: Rule) -> str:
    """Return what is wrong with the thresholds of a condition: that to stay may not be harder than that to enter."""
    enter, leave = thresholds(rule.values)
    if enter is None or leave is None:
        return ""
    op = rule.values.get("op", Comparison.AT_LEAST)
    if op == Comparison.TOP:
        if not (0 < enter <= 100 and 0 < leave <= 100):
            return _("A share is over 0 and at most 100 %.")
        return _("The share to stay is at least that to enter.") if leave < enter else ""
    if op == Comparison.AT_MOST:
        return _("The threshold to stay is at least that to enter.") if leave < enter else ""
    if op == Comparison.AT_LEAST and leave > enter:
        return _("The threshold to stay is at most that to enter.")
    return ""


def _reach(solver: Solver, earlier: Sequence[StoredRule], rule: StoredRule, *, is_last: bool) -> list[Found]:
    """Return whether anybody can meet a rule, whether everyone does, and whether an earlier one takes them all."""
    kind = _reach_kind(solver, earlier, rule, is_last)
    if kind is None:
        return []
    texts = {
        Finding.CONTRADICTORY: _("%(segment)s: nobody can meet these conditions, they contradict each other."),
        Finding.CATCH_ALL: _("%(segment)s: all with known values meet these conditions."),
        Finding.UNREACHABLE: _("%(segment)s: whoever meets these conditions is already in an earlier segment."),
    }
    return [Found(rule.segment, kind, texts[kind] % {"segment": rule.segment})]


def _reach_kind(solver: Solver, earlier: Sequence[StoredRule], rule: StoredRule, is_last: bool) -> Finding | None:
    if not solver.possible((rule.tree, True)):
        return Finding.CONTRADICTORY
    if earlier and not solver.possible((rule.tree, True), *((one.tree, False) for one in earlier)):
        return Finding.UNREACHABLE
    if not (is_last and not rule.tree.parts) and not solver.possible((rule.tree, False)):
        return Finding.CATCH_ALL
    return None


def live_finding(segment: Segment, yes: int, *, is_everybody: bool) -> Found | None:
    """Return what the number of customers who meet a rule now says about it."""
    if yes == 0:
        return Found(
            segment, Finding.NOBODY, _("%(segment)s: nobody meets these conditions now.") % {"segment": segment}
        )
    if is_everybody:
        text = _("%(segment)s: everyone meets these conditions now.") % {"segment": segment}
        return Found(segment, Finding.EVERYBODY, text)
    return None
