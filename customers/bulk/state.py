"""Bulk operations: deactivate and activate customers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core import clock
from core.bulk.models import BulkRun
from core.bulk.operations import FORBIDDEN, Applied, BulkForm, Finding, outside
from core.dates import DayField
from core.segments import customers_left, customers_returned
from core.undo.parts import Undoing
from core.undo.plan import Plan
from customers.bulk.base import CustomerOperation
from customers.enums import CustomerState, PassiveReason
from customers.models import Customer, Position
from customers.services.customers import contacts_hidden_refresh


class DeactivateForm(BulkForm):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=[("", "---------"), *PassiveReason.choices])
    note = forms.CharField(
        label=gettext_lazy("Explanation"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Required if the reason is “other reason”."),
    )
    day = DayField(label=gettext_lazy("From"), initial=clock.today)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reason") == PassiveReason.OTHER and not data.get("note"):
            self.add_error("note", _("Explain the reason."))
        if data.get("day") and data["day"] > clock.today():
            self.add_error("day", _("The date is in the future."))
        return data


class StateOperation(CustomerOperation):
    """An operation that changes the state; contacts with only inactive customers are hidden."""

    undoing = Undoing(Customer, by_column=True)
    changes = ((Customer, "id"),)
    state: CustomerState

    def write(self, ids: Sequence[int], **values: Any) -> Applied:
        Customer.objects.filter(pk__in=ids).update(
            state=self.state, version=F("version") + 1, updated_at=clock.now(), **values
        )
        _contacts_refresh(ids)
        return Applied(changed=ids)

    def undo_findings(self, run: BulkRun, rows: Any) -> Iterator[Finding]:
        yield from ()

    def take_back(self, plan: Plan) -> None:
        super().take_back(plan)
        targets = [item.target for item in plan.done]
        _contacts_refresh(targets)
        if self.state == CustomerState.PASSIVE and plan.done:
            customers_returned(targets, min(item.first.at for item in plan.done))
        elif plan.done:
            customers_left(targets)


def _contacts_refresh(customer_ids: Sequence[int]) -> None:
    contacts_hidden_refresh(Position.objects.filter(customer__in=customer_ids).values_list("contact", flat=True))


class DeactivateOperation(StateOperation):
    name, icon, order = "customers.deactivate", "archive", 80
    label = pgettext_lazy("bulk operation", "Deactivate")
    permission = "customers.change_owners"
    danger = True
    form_class = DeactivateForm
    state = CustomerState.PASSIVE
    reasons = {"inactive": gettext_lazy("Is inactive already")}

    def describe(self, content: Mapping[str, Any]) -> str:
        return _("Deactivate (%(reason)s)") % {"reason": PassiveReason(content["reason"]).label}

    def notes(self, content: Mapping[str, Any], count: int) -> list[str]:
        return [_("An inactive customer is in no list or search, and no activities can be logged for it.")]

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("inactive", rows.passive(), is_unchanged=True)
        yield Finding(FORBIDDEN, outside(rows, self.editable(user)))

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        customers_left(ids)
        return self.write(
            ids,
            passive_reason=content["reason"],
            passive_note=content["note"].strip(),
            passive_since=content["day"],
        )


class ActivateOperation(StateOperation):
    name, icon, order = "customers.activate", "checklist", 81
    label = pgettext_lazy("bulk operation", "Activate")
    permission = "customers.set_active"
    state = CustomerState.ACTIVE
    reasons = {"active": gettext_lazy("Is active already")}

    def findings(self, content: Mapping[str, Any], user: Any, rows: Any) -> Iterator[Finding]:
        yield Finding("active", rows.active(), is_unchanged=True)

    def apply(self, content: Mapping[str, Any], run: BulkRun, ids: Sequence[int]) -> Applied:
        customers_returned(ids, clock.beginning_of(clock.today()))
        return self.write(ids, passive_reason="", passive_note="", passive_since=None)
