"""The reasons of an evaluation in words, in the language of the page, from the structure that is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.conditions.fields import fields
from core.conditions.operands import Choices, Names, Rows, either
from core.conditions.tree import Rule, rules_of
from core.formatting import date_text, number_text
from core.metrics import Unit
from segmentation.criteria.conditions import METRIC
from segmentation.criteria.enums import Comparison, Outcome
from segmentation.criteria.figures import figure, unit_of
from segmentation.criteria.foreseen import unforeseen_names, windows_of
from segmentation.criteria.models import SegmentRule
from segmentation.criteria.store import StoredRule, stored_rules
from segmentation.schemes.models import Segment


@dataclass(frozen=True)
class Reasons:
    """Why a customer is given its segment: what speaks for it, what is not known, what will change it."""

    why: tuple[str, ...]
    unknown: tuple[str, ...]
    outcome: str
    change: str
    share: int

    @property
    def sentence(self) -> str:
        """The reasons as one line: *Ordered in 12 months: 42,000 €; not known: personnel; would become …*."""
        first, *others = self.why or (self.outcome,)
        parts = [", ".join((first, *map(_inside, others)))]
        if self.unknown:
            parts.append(_("not known: %(names)s") % {"names": ", ".join(self.unknown)})
        if self.change:
            parts.append(self.change)
        return "; ".join(parts)

    @property
    def share_text(self) -> str:
        return _("%(share)d %% of the criteria could be evaluated") % {"share": self.share}


def value_text(code: str, value: Any) -> str:
    """Return a value of a metric with its unit or in the words of its scale."""
    metric = figure(code)
    number = Decimal(str(value))
    if metric and metric.words:
        return metric.words(number)
    if metric and metric.unit == Unit.YES:
        return _("yes") if number else _("no")
    unit = unit_of(code)
    whole = number == number.to_integral_value()
    text = number_text(number, 0 if whole else None)
    return f"{text}\N{NO-BREAK SPACE}{unit}" if unit else text


class Wording:
    """Words the reasons of many evaluations: each version and the segments are read once."""

    def __init__(self, criteria_ids: Iterable[int]) -> None:
        found = SegmentRule.objects.filter(criteria__in=set(criteria_ids))
        rows = list(found.select_related("segment", "segment__scheme"))
        self._rules: dict[tuple[int, int], StoredRule] = {
            (row.criteria_id, row.segment_id): rule for row, rule in zip(rows, stored_rules(rows), strict=True)
        }
        self._blind: dict[int, str] = {}
        schemes = {row.segment.scheme_id for row in rows}
        self._segments: dict[int, Segment] = {one.pk: one for one in Segment.objects.filter(scheme__in=schemes)}

    def segment(self, pk: int | None) -> Segment | None:
        return self._segments.get(pk) if pk else None

    def of(self, criteria: int, segment: int | None, reasons: Mapping[str, Any], outcome: str, share: int) -> Reasons:
        return Reasons(
            why=tuple(self._why(criteria, segment, reasons.get("why") or {})),
            unknown=tuple(dict.fromkeys(self._unknown(criteria, key) for key in reasons.get("unknown") or ())),
            outcome=self._outcome(outcome, segment),
            change=self._change(criteria, reasons),
            share=share,
        )

    def of_row(self, row: Any) -> Reasons:
        """Return the reasons of an :class:`Evaluation`."""
        return self.of(row.criteria_id, row.segment_id, row.reasons, row.outcome, row.known_share)

    def _why(self, criteria: int, segment: int | None, why: Mapping[str, Any]) -> Iterable[str]:
        stored = self._rules.get((criteria, segment or 0))
        parts = {str(rule.id): rule for rule in rules_of(stored.tree)} if stored else {}
        for part in sorted(why, key=int):
            if stored and part in parts:
                yield _held(parts[part], why[part], stored.names)

    def _unknown(self, criteria: int, key: str) -> str:
        metric = figure(key)
        if metric:
            return _inside(str(metric.label))
        if key in ("place", "form"):
            return _("municipality") if key == "place" else _("organisation form")
        segment, _dot, part = key.partition(".")
        stored = self._rules.get((criteria, int(segment) if segment.isdecimal() else 0))
        rule = next((rule for rule in rules_of(stored.tree) if str(rule.id) == part), None) if stored else None
        return _inside(_condition(rule, stored.names)) if rule and stored else key

    def _outcome(self, outcome: str, segment: int | None) -> str:
        if outcome == Outcome.YES:
            return _("all others")
        if outcome == Outcome.TOO_LITTLE:
            return _("too little is known to suggest a segment")
        return str(Outcome(outcome).label) if outcome in Outcome.values else ""

    def _change(self, criteria: int, reasons: Mapping[str, Any]) -> str:
        waits, lapse = reasons.get("next"), reasons.get("lapse")
        if waits:
            to = self.segment(waits.get("segment"))
            words = {"segment": to or _("without a segment"), "day": _day(waits["on"])}
            return _("could become %(segment)s from %(day)s, when the shortest time is over") % words
        if lapse:
            to = self.segment(lapse.get("segment"))
            codes = lapse.get("by") or ()
            names = either(_inside(str(one.label)) for one in map(figure, codes) if one)
            words = {"segment": to or _("without a segment"), "day": _day(lapse["on"]), "what": names}
            if all(map(windows_of, codes)):
                text = _("would become %(segment)s on %(day)s if nothing is added to: %(what)s")
            else:
                text = _("would become %(segment)s on %(day)s if nothing happens before: %(what)s")
            return text % words + self._not_foreseen(criteria)
        return ""

    def _not_foreseen(self, criteria: int) -> str:
        """Return what of a version may change earlier without being foreseen, in brackets."""
        if criteria not in self._blind:
            trees = [rule.tree for (version, _segment), rule in self._rules.items() if version == criteria]
            self._blind[criteria] = ", ".join(map(_inside, unforeseen_names(trees)))
        names = self._blind[criteria]
        return " " + _("(not foreseen: %(names)s)") % {"names": names} if names else ""


def _held(rule: Rule, value: Any, names: Names) -> str:
    """Return a condition that is met, with the value that meets it; of value figures only that it is met."""
    if rule.field != METRIC:
        return _condition(rule, names)
    code = str(rule.values.get("metric", ""))
    metric = figure(code)
    label = str(metric.label) if metric else code
    if value is True or (metric and metric.is_value):
        return _("%(name)s: as the criteria ask") % {"name": label}
    text = f"{label}: {value_text(code, value)}"
    if rule.values.get("op") == Comparison.TOP:
        share = number_text(Decimal(str(rule.values.get("enter") or 0)).normalize() + 0)
        text += " " + _("(in the top %(share)s %%)") % {"share": share}
    return text


def _condition(rule: Rule, names: Names) -> str:
    """Return a condition on classes, contacts or places in words."""
    field = fields().get(rule.field)
    if field is None:
        return rule.field
    named = [one for one in field.operands if isinstance(one, Rows | Choices)]
    return f"{field.label}: {' '.join(one.text(rule.values.get(one.name), names) for one in named)}"


def _inside(label: str) -> str:
    """Return a label as it is inside a sentence: *Personnel* → *personnel*, but *NPS* stays."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _day(text: str) -> str:
    return date_text(dt.date.fromisoformat(text))
