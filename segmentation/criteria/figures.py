"""The metrics that conditions may name, as the apps declare them (``core.metrics``)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.metrics import Metric, Missing, Unit, fixed_metrics, shown_metrics

#: The table with the values of each customer: ``values`` as JSON by code; a metric that is not in it is unknown.
VALUES_TABLE = "metrics_customermetrics"
SIGNS = {Unit.EUROS: "€", Unit.PERCENT: "%", Unit.HOURS: "h"}
WORDS: dict[Unit, Any] = {Unit.DAYS: _("days"), Unit.MONTHS: _("months"), Unit.YEARS: _("years")}


def figures() -> dict[str, Metric]:
    """Return all metrics by code, in order."""
    return shown_metrics()


def figure(code: str) -> Metric | None:
    """Return a metric. Only those that administrators keep are read from the database."""
    found = fixed_metrics().get(code) or shown_metrics().get(code)
    return found if found and not found.is_helper else None


def is_never_unknown(metric: Metric) -> bool:
    """Return whether no data means 0: figures of our own registers, but not what is made of others by dividing."""
    return metric.missing == Missing.ZERO and bool(metric.source)


def unit_of(code: str) -> str:
    """Return the sign or the word after a value of a metric, "" for plain numbers."""
    metric = figure(code)
    return str(SIGNS.get(metric.unit) or WORDS.get(metric.unit, "")) if metric else ""


def value_codes() -> frozenset[str]:
    """Return the metrics that say what a customer is worth to us."""
    return frozenset(code for code, metric in figures().items() if metric.is_value)
