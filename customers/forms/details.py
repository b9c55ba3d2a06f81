"""Forms of a customer's addresses and of its numbers in other systems."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.enums import AddressKind
from customers.models import Address, Customer, CustomerNumber

PARTS = ("street", "postal_code", "city", "country")
SPARE_ROWS = 3


def _char_field(model: Any, name: str) -> forms.CharField:
    field = model._meta.get_field(name)
    return forms.CharField(label=str(field.verbose_name).capitalize(), max_length=field.max_length, required=False)


class AddressesForm(forms.Form):
    """The three kinds of address side by side; an empty one is removed."""

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        existing = {address.kind: address for address in customer.addresses.all()}
        self.fieldsets = []
        for kind in AddressKind:
            for part in PARTS:
                self.fields[f"{kind}_{part}"] = _char_field(Address, part)
                self.initial.setdefault(f"{kind}_{part}", getattr(existing.get(kind), part, ""))
            self.fieldsets.append((kind.label.capitalize(), [f"{kind}_{part}" for part in PARTS]))

    @property
    def addresses(self) -> list[dict[str, str]]:
        data = self.cleaned_data
        return [{"kind": kind, **{part: data[f"{kind}_{part}"] for part in PARTS}} for kind in AddressKind.values]


class NumbersForm(forms.Form):
    """Pairs of system and number: the existing ones and some empty ones."""

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        existing = list(customer.numbers.order_by("system"))
        self.rows = len(existing) + SPARE_ROWS
        for index in range(self.rows):
            row = existing[index] if index < len(existing) else None
            for name in ("system", "number"):
                self.fields[f"{name}_{index}"] = _char_field(CustomerNumber, name)
                self.initial.setdefault(f"{name}_{index}", getattr(row, name, ""))
        self.fieldsets = [("", list(self.fields))]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for index in range(self.rows):
            system, number = data.get(f"system_{index}"), data.get(f"number_{index}")
            if bool(system) != bool(number):
                missing = "number" if system else "system"
                self.add_error(f"{missing}_{index}", _("Enter both the system and the number."))
        return data

    @property
    def numbers(self) -> list[tuple[str, str]]:
        data = self.cleaned_data
        pairs = [(data[f"system_{index}"], data[f"number_{index}"]) for index in range(self.rows)]
        return [(system, number) for system, number in pairs if system]
