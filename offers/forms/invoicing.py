"""The forms of the hand-over to invoicing: what is handed over, taking it back, where a customer's invoices go."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm import clock
from crm.dates import DayField
from crm.forms import DecimalField, OnceFormMixin, VersionedFormMixin
from crm.numbers import parse_id
from crm.status import SHORTEST_REASON
from offers.invoices import Draft, DraftLine
from offers.models import BillingDetails, OrderLine
from offers.selectors_orders import chosen_lines
from offers.services.invoicing import MOST_LINES_AT_ONCE
from offers.validators_billing import check_billing


class HandOverForm(OnceFormMixin):
    """The ticked lines (``line``) with their quantities (``line_<id>``) and the date of the invoices."""

    day = DayField(label=_("Invoice date"))

    def __init__(self, data: Any, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.fields["day"].initial = clock.today()
        self.asked = _ids(data.getlist("line")) if data is not None else []
        self.lines = chosen_lines(user, self.asked)
        for line in self.lines:
            self.fields[f"line_{line.pk}"] = DecimalField(label=line.name, max_digits=10, decimal_places=2)

    @property
    def quantities(self) -> dict[int, Decimal]:
        """What could be read, by line. Lines that are not there any more are left for the service to refuse."""
        gone = set(self.asked) - {line.pk for line in self.lines}
        read = {line.pk: self.cleaned_data.get(f"line_{line.pk}") for line in self.lines}
        return {pk: value for pk, value in read.items() if value is not None} | dict.fromkeys(gone, Decimal(1))

    def drafts(self) -> list[tuple[Draft, list[tuple[OrderLine, forms.BoundField, DraftLine]]]]:
        """The orders with their lines, fields and sums as far as the quantities can be read."""
        read = self.quantities if hasattr(self, "cleaned_data") else {}
        found: dict[int, tuple[Draft, list[Any]]] = {}
        for line in self.lines:
            draft, rows = found.setdefault(line.order_id, (Draft(line.order), []))
            one = DraftLine(line, read.get(line.pk, Decimal(0)))
            draft.lines.append(one)
            rows.append((line, self[f"line_{line.pk}"], one))
        return list(found.values())


def _ids(values: list[str]) -> list[int]:
    known = [pk for pk in map(parse_id, values) if pk]
    return list(dict.fromkeys(known))[: MOST_LINES_AT_ONCE + 1]


class TakeBackForm(OnceFormMixin):
    reason = forms.CharField(
        label=_("Reason"), min_length=SHORTEST_REASON, max_length=1_000, widget=forms.Textarea(attrs={"rows": 3})
    )


class BillingForm(VersionedFormMixin, forms.ModelForm):
    """Where a customer's invoices go."""

    class Meta:
        model = BillingDetails
        fields = ("einvoice_address", "einvoice_operator", "email", "reference")
        help_texts = {
            "einvoice_address": _("As in the directory of e-invoice addresses, such as 003712345671."),
            "einvoice_operator": _("The operator's code, such as 003721291126 or the BIC of a bank."),
            "email": _("For invoices while there is no e-invoice address."),
            "reference": _("Stands on every invoice unless the order tells another."),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name, problem in check_billing(data).items():
            self.add_error(name, problem)
        return data
