"""The columns of care plans and of approvals, on screen and in exports."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careplans.plans import cells
from careplans.plans.models import ModelStay, PlanApproval, PlanUpdate
from careplans.plans.selectors import with_plans
from core import cells as core_cells
from core.export_sql import joined, path_sql
from core.tables import Column, Table
from customers import cells as customer_cells
from customers.tables import LETTERS, owner_sql, segment_letter


def _known(row: Any) -> Any:
    """Return a customer with what the list shows of its plan; a page reads it for all of its rows at once."""
    if not hasattr(row, "plan_models"):
        with_plans([row])
    return row


def _models_sql(user: Any) -> Any:
    rows = ModelStay.objects.filter(customer=OuterRef("pk"), last__isnull=True)
    return joined(rows.order_by("model__order", "model"), path_sql(ModelStay, "model"))


def _waiting_sql(user: Any) -> Any:
    return Exists(PlanApproval.objects.waiting().filter(customer=OuterRef("pk")))


def _updated_sql(user: Any) -> Any:
    return PlanUpdate.objects.filter(customer=OuterRef("pk")).order_by("-day").values("day")[:1]


PLANS = Table(
    (
        Column("name", _("Customer"), sort="sort_key", cell=cells.plan_link, long=True),
        Column("segment", _("Segm."), segment_letter, cell=customer_cells.segment,
               sql=lambda user: Left("summary__segment__code", LETTERS)),
        Column("group", _("Group"), "summary.group", cell=customer_cells.node, long=True, wide=True, shown=False),
        Column("models", _("Care models"), lambda row: ", ".join(map(str, _known(row).plan_models)), long=True,
               sql=_models_sql),
        Column("waiting", _("Approval"), lambda row: _known(row).plan_waits, cell=cells.waiting, sql=_waiting_sql),
        Column("owner", _("Owner"), "summary.owner", cell=customer_cells.owner, wide=True,
               export=customer_cells.owner_text, sql=lambda user: owner_sql()),
        Column("last_contact", pgettext_lazy("column", "Last contact"), "summary.last_contact_at",
               sort="summary__last_contact_at", cell=core_cells.ago, wide=True),
        Column("updated", _("Plan reviewed"), lambda row: _known(row).plan_updated, cell=core_cells.day,
               wide=True, sql=_updated_sql),
    ),
    "name",
    ("segment", "last_contact", "waiting"),
)  # fmt: skip


APPROVALS = Table(
    (
        Column("customer", _("Customer"), "customer", cell=cells.approval_customer, long=True, sql="customer.name"),
        Column("model", _("Care model"), "model_version.model", long=True),
        Column("number", _("Version"), "model_version.number", numeric=True, wide=True),
        Column("owner", _("Owner"), "customer.summary.owner", wide=True, sql="customer.summary.owner"),
        Column("asked_on", _("Waits since"), "asked_on", sort="asked_on", cell=core_cells.day),
        Column("asked_by", _("Asked by"), "asked_by", wide=True, shown=False),
        Column("status", _("Status"), "get_status_display", cell=cells.approval_status),
        Column("decided_on", _("Decided"), "decided_on", wide=True, cell=core_cells.day, shown=False),
        Column("decided_by", _("Decided by"), "decided_by", wide=True, shown=False),
        Column("note", _("Explanation"), "note", long=True, wide=True, shown=False),
        Column("steps", _("Decide"), lambda row: "", cell=cells.approval_steps, sql=lambda user: Value("")),
    ),
    "-asked_on",
    ("model", "asked_on", "steps"),
)
