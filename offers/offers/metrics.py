"""Metrics of offers: how many, their value, and how many become orders."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.metrics import AT_36, IN_12, IN_24, IN_36, Metric, MetricSource, Missing, Unit, helper, listed

METRIC_SOURCES = (
    MetricSource(
        name="offers",
        label=_("Offers by their date; euros without VAT"),
        rows="offers_offer o",
        customer="o.customer_id",
        where="o.date <= %(day)s",
    ),
)
_DECIDED = f"{AT_36.format('o.decided_at')} AND o.decided_at < %(day_end)s"
_OPEN = "o.status IN ('open', 'sent')"


def _rows(months: int | None, **query: Any) -> Any:
    return listed("offers:list", "date_from", "date_to", months, tab="all", **query)


def _offer(code: str, sql: str, label: Any, definition: Any, **about: Any) -> Metric:
    return Metric(code=code, source="offers", sql=sql, label=label, definition=definition, **about)


METRICS = (
    _offer(
        "offers_12", f"count(*) FILTER (WHERE {IN_12.format('o.date')})", _("Offers in 12 months"),
        _("Number of offers dated in the last 12 months, whatever their status."), order=40, rows=_rows(12),
    ),
    _offer(
        "offers_24", f"count(*) FILTER (WHERE {IN_24.format('o.date')})", _("Offers in 24 months"),
        _("Number of offers dated in the last 24 months, whatever their status."), order=41, rows=_rows(24),
    ),
    _offer(
        "offers_36", f"count(*) FILTER (WHERE {IN_36.format('o.date')})", _("Offers in 36 months"),
        _("Number of offers dated in the last 36 months, whatever their status."), order=42, rows=_rows(36),
    ),
    _offer(
        "offered_36", f"coalesce(sum(o.net) FILTER (WHERE {IN_36.format('o.date')}), 0)", _("Offered in 36 months"),
        _("Offers dated in the last 36 months, euros without VAT, whatever their status."), unit=Unit.EUROS, order=43,
        rows=_rows(36),
    ),
    _offer(
        "open_offers", f"count(*) FILTER (WHERE {_OPEN})", _("Open offers"),
        _("Number of offers that the customer has not decided on: drafts and sent ones."), order=44,
        rows=_rows(None, status=["open", "sent"]), is_asked=False,
    ),
    _offer(
        "open_offers_net", f"coalesce(sum(o.net) FILTER (WHERE {_OPEN}), 0)", _("Value of open offers"),
        _("Offers that the customer has not decided on, euros without VAT."), unit=Unit.EUROS, order=45,
        rows=_rows(None, status=["open", "sent"]), is_asked=False,
    ),
    _offer(
        "offers_won_36", f"count(*) FILTER (WHERE o.status = 'order' AND {_DECIDED})",
        _("Offers that became orders in 36 months"),
        _("Number of offers that the customer accepted in the last 36 months."), order=46,
        rows=listed("offers:list", "decided_from", "decided_to", 36, tab="all", status="order"),
    ),
    helper("offers_decided_36", "offers", f"count(*) FILTER (WHERE o.status IN ('order', 'lost') AND {_DECIDED})"),
    Metric(
        code="hit_rate_36", label=_("Offers to orders"),
        definition=_(
            "Offers that became orders ÷ offers decided in the last 36 months, per cent; not known if none was decided."
        ),
        sql="{offers_won_36} * 100.0 / nullif({offers_decided_36}, 0)", unit=Unit.PERCENT, missing=Missing.UNKNOWN,
        order=47,
    ),
)  # fmt: skip
