"""Profitability: revenue − direct cost − hours × cost per hour − share of the service cost. A missing input: unknown.

Work costs what an hour of the first of the person's groups that has a cost costs on the day of the activity. The
service cost of a year is shared by hours: its rate for an hour is computed every night (``services.costs``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from activities.log.metrics import DONE, HOURS
from core.metrics import Metric, MetricSource, Missing, Section, Unit, helper

_DAY = "(a.start AT TIME ZONE %(zone)s)::date"
#: The cost of an hour of each person from a day until another.
_RATES = """(
    SELECT g.user_id, h.valid_from, h.amount,
        lead(h.valid_from, 1, 'infinity') OVER (PARTITION BY g.user_id ORDER BY h.valid_from) AS valid_to
    FROM (
        SELECT DISTINCT ON (ug.user_id) ug.user_id, r.group_ptr_id
        FROM accounts_user_groups ug JOIN accounts_role r ON r.group_ptr_id = ug.group_id
        WHERE EXISTS (SELECT FROM metrics_hourcost c WHERE c.role_id = r.group_ptr_id)
        ORDER BY ug.user_id, r."order", r.group_ptr_id
    ) g JOIN metrics_hourcost h ON h.role_id = g.group_ptr_id
)"""
METRIC_SOURCES = (
    MetricSource(
        name="work_costs",
        label=_("Hours of work, the cost of an hour and the service cost of the year"),
        rows="activities_activity a JOIN activities_activitytype t ON t.id = a.type_id "
        "JOIN activities_participation w ON w.activity_id = a.id "
        f"LEFT JOIN {_RATES} r ON r.user_id = w.user_id AND {_DAY} >= r.valid_from AND {_DAY} < r.valid_to "
        f"LEFT JOIN metrics_servicecost s ON s.year = extract(year FROM {_DAY})",
        customer="a.customer_id",
        where=f"{DONE} AND t.counts_as_work AND {HOURS} > 0 AND a.start >= %(from_36)s",
        is_value=True,
    ),
    MetricSource(
        name="order_costs",
        label=_("Orders that are not cancelled and their direct costs"),
        rows="orders_order o LEFT JOIN metrics_ordercost k ON k.order_id = o.id",
        customer="o.customer_id",
        where="o.status <> 'cancelled' AND o.date <= %(day)s AND o.date > %(since_36)s",
        is_value=True,
    ),
)
#: The periods of which profitability is computed: name, conditions on the day of an order and the start of work.
PERIODS = {
    "12": ("o.date > %(since_12)s", "a.start >= %(from_12)s"),
    "before_12": (
        "o.date > %(since_24)s AND o.date <= %(since_12)s",
        "a.start >= %(from_24)s AND a.start < %(from_12)s",
    ),
    "36": ("true", "true"),
}
LABELS: dict[str, dict[str, Any]] = {
    "12": {
        "direct": _("Direct cost in 12 months"),
        "work": _("Cost of work in 12 months"),
        "service": _("Share of service cost in 12 months"),
        "profit": _("Profitability in 12 months"),
    },
    "before_12": {
        "direct": _("Direct cost in the 12 months before"),
        "work": _("Cost of work in the 12 months before"),
        "service": _("Share of service cost in the 12 months before"),
        "profit": _("Profitability in the 12 months before"),
    },
    "36": {
        "direct": _("Direct cost in 36 months"),
        "work": _("Cost of work in 36 months"),
        "service": _("Share of service cost in 36 months"),
        "profit": _("Profitability in 36 months"),
    },
}
DEFINITIONS: dict[str, Any] = {
    "direct": _(
        "Direct costs of the orders in the period, euros without VAT; not known if the cost of one of them is missing."
    ),
    "work": _(
        "Hours of work in the period × the cost of an hour of the person's group on the day; not known if a cost is "
        "missing."
    ),
    "service": _(
        "The service cost of each year shared by hours of work; not known if the service cost of a year is missing."
    ),
    "profit": _(
        "Orders − direct costs − cost of work − share of service cost in the period, euros; not known if one of them "
        "is not known."
    ),
}
COSTS = ("direct", "work", "service")
ABOUT: dict[str, Any] = {
    "unit": Unit.EUROS, "section": Section.PROFIT, "missing": Missing.UNKNOWN, "is_value": True,
}  # fmt: skip


def _helpers(period: str, ordered: str, worked: str) -> Iterator[Metric]:
    """Yield the known part of each cost, and how many rows have a cost that is not known."""
    parts = {
        "direct": ("order_costs", "k.amount", "k.amount", ordered),
        "work": ("work_costs", f"{HOURS} * r.amount", "r.amount", worked),
        "service": ("work_costs", f"{HOURS} * s.rate", "s.rate", worked),
    }
    for name, (source, cost, missing, when) in parts.items():
        known = f"coalesce(sum({cost}) FILTER (WHERE {when}), 0)"
        unknown = f"count(*) FILTER (WHERE {missing} IS NULL AND {when})"
        yield helper(f"{name}_known_{period}", source, known, is_value=True)
        yield helper(f"{name}_unknown_{period}", source, unknown, is_value=True)


def _metrics(period: str, order: int) -> Iterator[Metric]:
    for number, name in enumerate(COSTS):
        yield Metric(
            code=f"{name}_cost_{period}",
            label=LABELS[period][name],
            definition=DEFINITIONS[name],
            sql=f"CASE WHEN {{{name}_unknown_{period}}} = 0 THEN {{{name}_known_{period}}} END",
            order=order + number + 1,
            **ABOUT,
        )
    costs = " - ".join(f"{{{name}_cost_{period}}}" for name in COSTS)
    yield Metric(
        code=f"profit_{period}",
        label=LABELS[period]["profit"],
        definition=DEFINITIONS["profit"],
        sql=f"{{ordered_{period}}} - {costs}",
        order=order,
        **ABOUT,
    )


METRICS = (
    *(metric for period, whens in PERIODS.items() for metric in _helpers(period, *whens)),
    *(metric for number, period in enumerate(PERIODS) for metric in _metrics(period, 10 * (number + 1))),
    Metric(
        code="unprofitable_years",
        label=_("Unprofitable for two years"),
        definition=_(
            "Yes, if profitability is negative in the last 12 months and in the 12 months before; no, if one of them "
            "is not negative; otherwise not known."
        ),
        sql="CASE WHEN {profit_12} >= 0 OR {profit_before_12} >= 0 THEN false"
        " WHEN {profit_12} < 0 AND {profit_before_12} < 0 THEN true END",
        order=50,
        **ABOUT | {"unit": Unit.YES},
    ),
)
