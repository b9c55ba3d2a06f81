"""The columns of needs and charges, on screen and in exports."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from careplans.content import cells
from careplans.content.charging import with_changes
from careplans.content.models import Charge, NeedCustomer
from careplans.content.selectors import customers_of
from core import cells as core_cells
from core.tables import Column, Table


def _customers(need: Any) -> str:
    return ", ".join(str(one.customer) for one in customers_of(need))


def _customers_sql(user: Any) -> Any:
    rows = NeedCustomer.objects.visible_to(user).filter(need=OuterRef("pk")).order_by().values("need")
    return Subquery(
        rows.annotate(names=StringAgg("customer__name", ", ", order_by="customer__sort_key")).values("names")
    )


NEEDS = Table(
    (
        Column("name", _("Need"), sort="sort_key", link=True, long=True),
        Column("customers", _("Customers"), _customers, cell=cells.customers, long=True, sql=_customers_sql),
        Column("impact", _("Impact"), long=True, wide=True),
        Column("is_budgeted", _("Budgeted"), cell=cells.answer, wide=True),
        Column("fits_environment", _("Fits the environment"), cell=cells.answer, wide=True),
        Column("status", _("Status"), "get_status_display", cell=cells.need_status),
        Column("reason", _("Reason"), long=True, wide=True, shown=False),
    ),
    "name",
    ("customers", "impact", "status"),
)  # fmt: skip


def _change(charge: Any) -> Any:
    if not hasattr(charge, "change"):
        with_changes([charge])
    return charge.change


def _change_sql(user: Any) -> Any:
    before = Charge.objects.filter(
        customer=OuterRef("customer"), year=OuterRef("year") - 1, service__iexact=OuterRef("service")
    )
    return F("amount") - Subquery(before.values("amount")[:1])


CHARGES = Table(
    (
        Column("customer", _("Customer"), "customer", cell=cells.charge_customer, long=True, sql="customer.name"),
        Column("service", _("Service"), long=True),
        Column("year", _("Year"), sort="year"),
        Column("amount", _("Charges, €"), numeric=True, cell=core_cells.euros),
        Column("change", _("Change, €"), _change, numeric=True, cell=cells.change, sql=_change_sql),
        Column("source", _("Source"), wide=True, shown=False),
    ),
    "-year",
    ("service", "year", "amount"),
)
