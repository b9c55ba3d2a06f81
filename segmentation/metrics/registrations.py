"""What metrics declare for other apps: the tab, navigation and commands, conditions, refreshing after commits."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from core.conditions.fields import ConditionField
from core.registry import Command, NavItem, Panel, Tab
from segmentation.metrics import own, profit
from segmentation.metrics.conditions import condition_fields
from segmentation.metrics.models import CustomerMetrics, MetricHistory, OwnMetricReference
from segmentation.metrics.scores import SCORE_METRICS  # noqa: F401 - declared
from segmentation.metrics.services.refresh import metrics_queue

METRIC_SOURCES = (*own.METRIC_SOURCES, *profit.METRIC_SOURCES)
METRICS = (*own.METRICS, *profit.METRICS)
METRIC_MAKERS = own.METRIC_MAKERS
METRIC_REFRESHES = (metrics_queue,)
CONDITION_REFERENCES = (OwnMetricReference,)


class _Conditions:
    """The conditions on all metrics, made when they are first asked for: by then every app has declared its own."""

    def __iter__(self) -> Iterator[ConditionField]:
        return iter(condition_fields())


CONDITION_FIELDS = _Conditions()
#: The figures keep nothing.
FREE_REFERENCES = ((CustomerMetrics, "customer"), (MetricHistory, "customer"))

TABS = (
    Tab(
        place="customer",
        name="metrics",
        label=_("Metrics"),
        url_name="metrics:customer_tab",
        permission="metrics.view_metrics",
        order=52,
        rare=True,
    ),
)
PANELS = (
    Panel(
        place="order",
        name="order_cost",
        label=_("Direct cost"),
        url_name="metrics:order_cost",
        permission="metrics.view_order_cost",
        order=60,
        aside=True,
    ),
)
NAV = (
    NavItem(
        name="metrics",
        label=_("Metrics"),
        url_name="metrics:list",
        permission="metrics.view_metrics",
        icon="list-numbers",
        section="customers",
        part="segmentation",
        order=57,
    ),
)
COMMANDS = (
    Command.opening(NAV[0], keywords="mittarit tunnusluvut puuttuvat tiedot missing information"),
    Command(
        name="metric_definitions",
        label=_("Metric definitions"),
        url_name="metrics:definitions",
        permission="metrics.view_metrics",
        icon="list-numbers",
        order=57,
    ),
    Command(
        name="metric_settings",
        label=_("Metric settings"),
        url_name="metrics:settings",
        permission="metrics.edit_settings",
        icon="settings",
        order=211,
    ),
)
