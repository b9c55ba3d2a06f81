"""Columns of the lists behind the figures, on screen and in exports."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from core import cells as core_cells
from core.export_sql import path_sql
from core.tables import Column, Table, Total
from customers import cells as customer_cells
from customers.tables import CUSTOMERS
from segmentation.membership.models import Membership
from segmentation.metrics.columns import rounded
from segmentation.portfolio import cells
from segmentation.portfolio.models import ProfitDecision
from segmentation.portfolio.selectors.moves import segment_name, with_neighbours
from segmentation.schemes.models import Segment

_OF_CUSTOMERS = {column.name: column for column in CUSTOMERS.columns}
NAME = Column("name", _("Customer"), sort="sort_key", cell=customer_cells.name, link=True, long=True)
OWNER = Column(
    "owner", _OF_CUSTOMERS["owner"].label, _OF_CUSTOMERS["owner"].value, cell=_OF_CUSTOMERS["owner"].cell, wide=True,
    export=_OF_CUSTOMERS["owner"].export, sql=_OF_CUSTOMERS["owner"].sql,
)  # fmt: skip
GROUP = Column("group", _("Group"), "summary.group", cell=customer_cells.node, long=True, wide=True)
MUNICIPALITY = Column("municipality", _("Municipality"), wide=True)
ORDERED = Column(
    "ordered", _("Orders, 12 months"), "summary.ordered_12_months", sort="summary__ordered_12_months", numeric=True,
    wide=True,
    total=Total("summary__ordered_12_months", _("Orders of all customers that match in 12 months, in euros")),
)  # fmt: skip

FLOW_CUSTOMERS = Table(
    (
        NAME,
        Column("was", _("Segment at first"), "was_name", long=True, sql=lambda user: F("was_name")),
        Column("now", _("Segment at last"), "now_name", long=True, sql=lambda user: F("now_name")),
        OWNER,
        GROUP,
        MUNICIPALITY,
        ORDERED,
    ),
    default_sort="name",
    facts=("was", "now", "owner"),
)


def neighbour(side: str) -> Any:
    """Return the function of a membership that returns the segment on one side, which a page reads for all its rows."""

    def value(row: Any) -> Any:
        found = vars(row).get(f"{side}_segment", row)
        return neighbours_of([row])[row.pk][side] if found is row else found

    return value


def neighbours_of(rows: Sequence[Any]) -> dict[int, dict[str, Segment | None]]:
    """Return the segments before and after each of some memberships. Two queries."""
    found = with_neighbours(Membership.objects.filter(pk__in=[row.pk for row in rows]))
    pairs = {pk: (before, after) for pk, before, after in found.values_list("pk", "before", "after")}
    segments = Segment.objects.in_bulk({pk for pair in pairs.values() for pk in pair if pk})
    return {pk: {"before": segments.get(before), "after": segments.get(after)} for pk, (before, after) in pairs.items()}


def _neighbour_sql(lookup: str, outer: str) -> Any:
    def sql(user: Any) -> Any:
        rows = Membership.objects.filter(
            customer=OuterRef("customer"), scheme=OuterRef("scheme"), **{lookup: OuterRef(outer)}
        )
        return segment_name(rows)

    return sql


MEMBERSHIPS = Table(
    (
        Column(
            "customer", _("Customer"), "customer", cell=cells.customer_segments, link=True, long=True,
            sql="customer.name",
        ),
        Column(
            "before", _("Segment before"), neighbour("before"), long=True, wide=True,
            sql=_neighbour_sql("period__endswith", "period__startswith"),
        ),
        Column("segment", _("Segment"), "segment", long=True),
        Column("began", _("Began"), "start", cell=core_cells.day, sql=lambda user: F("period__startswith")),
        Column("ended", _("Ended"), "end", cell=core_cells.day, sql=lambda user: F("period__endswith")),
        Column(
            "after", _("Segment after"), neighbour("after"), long=True, wide=True,
            sql=_neighbour_sql("period__startswith", "period__endswith"),
        ),
        Column("ended_as", _("End"), "get_ended_as_display", wide=True, shown=False),
        Column("kind", _("How"), "get_kind_display", wide=True),
        Column("reason", _("Reason"), "reason", long=True, wide=True),
        Column("text", _("Explanation"), "text", long=True, wide=True, shown=False),
        Column("decided_by", _("Decided by"), "decided_by", wide=True),
        Column(
            "decided_at", _("Decided"), "decided_at", sort="decided_at", cell=core_cells.day, wide=True, shown=False
        ),
        Column("owner", _("Owner"), "customer.summary.owner", wide=True, shown=False),
    ),
    default_sort="-decided_at",
    facts=("segment", "began", "ended"),
)  # fmt: skip

SEGMENT = Column(
    "segment", _("Segm."), _OF_CUSTOMERS["segment"].value, cell=_OF_CUSTOMERS["segment"].cell,
    sql=_OF_CUSTOMERS["segment"].sql,
)  # fmt: skip


def _figure(name: str, label: Any, code: str, digits: int = 2) -> Column:
    """Return the column of a metric of the customer."""

    def value(row: Any) -> Decimal | None:
        kept = getattr(row, "metrics", None)
        number = kept.values.get(code) if kept else None
        return None if number is None else Decimal(str(number)).quantize(Decimal(1).scaleb(-digits))

    return Column(
        name,
        label,
        value,
        cell=core_cells.whole_euros if digits else core_cells.number,
        numeric=True,
        sql=lambda user: rounded(code, "metrics__values", digits),
    )


MATRIX_CUSTOMERS = Table(
    (
        NAME,
        SEGMENT,
        OWNER,
        _figure("current", _("Profitability in 12 months"), "profit_12"),
        _figure("potential", _("Business potential"), "own_business_potential", 0),
        ORDERED,
        GROUP,
    ),
    default_sort="name",
    facts=("segment", "current", "potential"),
)


def decision_of(row: Any) -> Any:
    """Return the decision about a customer that is in force."""
    if "decision" not in vars(row):
        row.decision = row.profit_decisions.filter(replaced_at__isnull=True).first()
    return row.decision


def decisions_of(rows: Sequence[Any]) -> list[Any]:
    """Give customers their decisions in force; two queries for all."""
    found = ProfitDecision.objects.current().filter(customer__in=[row.pk for row in rows]).select_related("decided_by")
    by_customer = {decision.customer_id: decision for decision in found}
    for row in rows:
        row.decision = by_customer.get(row.pk)
    return list(rows)


def _of_decision(name: str, label: Any, attribute: str, **more: Any) -> Column:
    """Return the column of what was decided about a customer."""

    def value(row: Any) -> Any:
        found = getattr(decision_of(row), attribute, None)
        return found() if callable(found) else found

    def sql(user: Any) -> Any:
        current = ProfitDecision.objects.current().filter(customer=OuterRef("pk"))
        return Subquery(current.values(shown=path_sql(ProfitDecision, attribute))[:1])

    return Column(name, label, value, sql=sql, **more)


UNPROFITABLE = Table(
    (
        NAME,
        SEGMENT,
        OWNER,
        _figure("profit_12", _("Profitability in 12 months"), "profit_12"),
        _figure("profit_before", _("Profitability in the 12 months before"), "profit_before_12"),
        _of_decision("cause", _("Decision: cause"), "get_cause_display", cell=cells.decision),
        _of_decision("action", _("Action"), "action", long=True, wide=True),
        _of_decision("review_on", _("Review on"), "review_on", cell=cells.review, wide=True),
        _of_decision("decided_by", _("Decided by"), "decided_by", wide=True, shown=False),
    ),
    default_sort="name",
    facts=("profit_12", "cause", "owner"),
)
