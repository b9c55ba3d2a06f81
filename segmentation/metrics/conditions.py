"""Conditions of selections on the metrics that no other condition asks; *not known* is an operator."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.db.models.lookups import Exact, GreaterThanOrEqual, IsNull, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from core.conditions.fields import Asked, ConditionField
from core.conditions.kinds import EMPTY, FILLED, operator, operator_words
from core.conditions.operands import Choice, Number, Rows
from core.metrics import Metric, Unit, fixed_metrics
from segmentation.metrics.columns import figure
from segmentation.metrics.models import CustomerMetrics, OwnMetric

LOOKUPS: dict[str, Any] = {"at_least": GreaterThanOrEqual, "at_most": LessThanOrEqual, "equals": Exact}
LOWEST = -1_000_000_000
YES_NO = (("1", _("yes")), ("0", _("no")))
ABOUT: dict[str, Any] = {"subject": "customer", "section": _("Metrics"), "order": 55}


def known(asked: Asked, test: Any) -> Q:
    """Return the condition that there is a row of metrics that passes a test. No row: not known."""
    return Q(Exists(CustomerMetrics.objects.filter(test, customer=asked.outer)))


def compared(asked: Asked, code: str, number: Any) -> Q:
    """Return the condition on a figure; one that is not known is neither at least nor at most anything."""
    value = figure(code)
    if asked["op"] in (EMPTY, FILLED):
        is_known = known(asked, IsNull(value, False))
        return ~is_known if asked["op"] == EMPTY else is_known
    return known(asked, LOOKUPS[asked["op"]](value, number))


def metric_field(metric: Metric) -> ConditionField:
    """Return the condition on a declared metric."""
    return ConditionField(
        name=f"metric_{metric.code}",
        label=metric.label,
        operands=_yes_operands(metric) if metric.unit == Unit.YES else _number_operands(metric),
        condition=lambda asked: compared(asked, metric.code, asked["number"]),
        words=operator_words,
        permission="metrics.use_value" if metric.is_value else "",
        **ABOUT,
    )


def _number_operands(metric: Metric) -> tuple[Any, ...]:
    number = Number(
        name="number",
        label=metric.unit.label,
        lowest=LOWEST,
        is_money=metric.unit == Unit.EUROS,
        is_decimal=metric.unit.digits > 0,
        shown_if=("op", tuple(LOOKUPS)),
    )
    return operator(*LOOKUPS, EMPTY, FILLED), number


def _yes_operands(metric: Metric) -> tuple[Any, ...]:
    answer = Choice(name="number", label=metric.label, choices=YES_NO, default="1", shown_if=("op", ("equals",)))
    return operator("equals", EMPTY, FILLED), answer


def _comparable() -> QuerySet[OwnMetric]:
    """Return the own metrics by which everyone may look for customers."""
    return OwnMetric.objects.filter(retired_at__isnull=True, is_value=False)


def _own(asked: Asked) -> Q:
    """Match by the first of the own metrics that pass: several are alternatives."""
    found = Q(pk__in=[])
    for own in _comparable().filter(pk__in=asked["rows"]):  # one may have become a value figure since it was chosen
        found |= compared(asked, own.metric_code, asked["number"])
    return found


def own_field() -> ConditionField:
    """Return the condition on an own metric, chosen among those that are no value figures."""
    return ConditionField(
        name="own_metric",
        label=_("Own metric"),
        operands=(
            Rows(
                name="rows", label=_("Own metrics"), model=OwnMetric, rows=_comparable,
            ),
            operator(*LOOKUPS, EMPTY, FILLED),
            Number(
                name="number", label=_("Value"), lowest=LOWEST, is_decimal=True, shown_if=("op", tuple(LOOKUPS))
            ),
        ),
        condition=_own,
        words=lambda said: f"{said.texts['rows']}: {_own_words(said)}",
        **ABOUT,
    )  # fmt: skip


def _own_words(said: Any) -> str:
    number = said.texts.get("number", "")
    return said.texts["op"] if said["op"] in (EMPTY, FILLED) else f"{said.texts['op']} {number}"


def condition_fields() -> tuple[ConditionField, ...]:
    asked = (metric for metric in fixed_metrics().values() if metric.is_asked and not metric.is_helper)
    return (*(metric_field(metric) for metric in asked), own_field())
