"""The columns of care plans and of approvals, on screen and in exports."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.db.models import Exists, F, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Coalesce, JSONObject, Left, NullIf
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Role
from careplans.caremodels.frequencies import frequency_words
from careplans.caremodels.models import CareAction, StatutoryTask
from careplans.plans import cells
from careplans.plans.models import (
    CustomerAction,
    ExceptionResponsible,
    ModelStay,
    PlanApproval,
    PlanException,
    PlanUpdate,
)
from careplans.plans.selectors import with_plans, with_words
from core import cells as core_cells
from core.export_sql import joined, labels, path_sql, text_sql
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


def _worded(row: Any) -> Any:
    """Return an exception with its words; a page reads them for all of its rows at once."""
    return row if hasattr(row, "action_name") else with_words([row])[0]


def _action_sql(user: Any) -> Any:
    """Return the name of the action of a row's ``code``, as ``with_words`` finds it."""
    of_code = {"code": OuterRef("code")}
    found = (
        CareAction.objects.filter(**of_code),
        StatutoryTask.objects.filter(**of_code),
        CustomerAction.objects.filter(**of_code, customer=OuterRef("customer")),
    )
    named = [Subquery(rows.order_by("-pk").values_list(text_sql(rows.model))[:1]) for rows in found]
    return Coalesce(*named, "code", output_field=TextField())


#: What says how often an action is done.
_OFTEN_INSTEAD = ("frequency", "count", "unit", "months")
_OFTEN = (*_OFTEN_INSTEAD, "event", "delay", "quiet_days")


def _often_sql(user: Any) -> JSONObject:
    return JSONObject(**{name: F(name) for name in _OFTEN}, selection=F("selection__name"))


def _often(said: dict[str, Any]) -> str:
    """Return a frequency in words, of the values of its fields."""
    fields: Any = SimpleNamespace(**said)
    return frequency_words(fields)


def _instead_sql(user: Any) -> JSONObject:
    who = Coalesce(
        NullIf(labels(ExceptionResponsible, "role"), Value("")), Role.text_sql("group__"), "team__name",
        output_field=TextField(),
    )  # fmt: skip
    rows = ExceptionResponsible.objects.filter(action=OuterRef("pk")).order_by("order", "pk")
    often = {name: F(name) for name in _OFTEN_INSTEAD}
    return JSONObject(**often, kind=labels(PlanException, "kind"), who=joined(rows, who))


def _instead(said: dict[str, Any]) -> str:
    """Return what an exception asks for, of its values, as ``exception_words`` says it."""
    return _often(said) if said["frequency"] else ", ".join(said["who"]) or str(said["kind"])


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


EXCEPTIONS = Table(
    (
        Column("customer", _("Customer"), "customer", cell=cells.approval_customer, long=True, sql="customer.name"),
        Column("action", _("Care action"), lambda row: _worded(row).action_name, cell=cells.exception_action, long=True,
               sql=_action_sql),
        Column("kind", _("Exception"), "get_kind_display"),
        Column("what", pgettext_lazy("exception", "Instead"), lambda row: _worded(row).what, long=True, wide=True,
               sql=_instead_sql, finish=_instead),
        Column("reason", _("Reason"), "reason", long=True, wide=True),
        Column("first", _("First day"), "first", sort="first", cell=core_cells.day),
        Column("last", _("Last day"), "last", cell=core_cells.day, wide=True),
        Column("requested_by", _("Requested by"), "requested_by", wide=True),
        Column("owner", _("Owner"), "customer.summary.owner", wide=True, shown=False, sql="customer.summary.owner"),
        Column("status", _("Status"), "get_status_display", cell=cells.exception_status, shown=False),
        Column("decided_on", _("Decided"), "decided_on", wide=True, cell=core_cells.day, shown=False),
        Column("decided_by", _("Decided by"), "decided_by", wide=True, shown=False),
        Column("note", _("Explanation"), "note", long=True, wide=True, shown=False),
        Column("steps", _("Decide"), lambda row: "", cell=cells.exception_steps, sql=lambda user: Value("")),
    ),
    "first",
    ("action", "kind", "steps"),
)  # fmt: skip


OWN_ACTIONS = Table(
    (
        Column("customer", _("Customer"), "customer", cell=cells.approval_customer, long=True, sql="customer.name"),
        Column("action", _("Care action"), str, cell=cells.own_action, long=True,
               sql=lambda user: CustomerAction.text_sql("")),
        Column("when", pgettext_lazy("care action", "When"), frequency_words, long=True, sql=_often_sql, finish=_often),
        Column("first", _("First day"), "first", sort="first", cell=core_cells.day),
        Column("last", _("Last day"), "last", cell=core_cells.day, wide=True),
        Column("asked_by", _("Asked by"), "asked_by", wide=True),
        Column("owner", _("Owner"), "customer.summary.owner", wide=True, sql="customer.summary.owner"),
        Column("approved_on", pgettext_lazy("when", "Approved"), "approved_on", sort="approved_on",
               cell=core_cells.day, wide=True, shown=False),
        Column("approved_by", _("Approved by"), "approved_by", wide=True, shown=False),
        Column("steps", _("Decide"), lambda row: "", cell=cells.own_steps, sql=lambda user: Value("")),
    ),
    "first",
    ("action", "when", "steps"),
)  # fmt: skip
