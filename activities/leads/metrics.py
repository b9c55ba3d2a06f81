"""The metric of leads."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.metrics import AT_12, Metric, MetricSource, listed

_12 = AT_12.format("a.start")
METRIC_SOURCES = (
    MetricSource(
        name="leads",
        label=_("Leads by the day when they were opened"),
        rows="leads_lead l JOIN activities_activity a ON a.id = l.activity_id",
        customer="a.customer_id",
        where="a.start < %(day_end)s",
    ),
)
METRICS = (
    Metric(
        code="leads_12",
        label=_("Leads in 12 months"),
        definition=_("Leads opened in the last 12 months, in any state."),
        source="leads",
        sql=f"count(*) FILTER (WHERE {_12})",
        order=50,
        rows=listed("leads:list", "start_from", "start_to", 12, tab="all"),
    ),
    Metric(
        code="mutual_leads_12",
        label=_("Leads with a mutual contact in 12 months"),
        definition=_("Leads opened in the last 12 months that led to a mutual contact or an offer."),
        source="leads",
        sql=f"count(*) FILTER (WHERE {_12} AND l.state IN ('customer', 'offer'))",
        order=51,
        rows=listed("leads:list", "start_from", "start_to", 12, tab="all", state=["customer", "offer"]),
    ),
)
