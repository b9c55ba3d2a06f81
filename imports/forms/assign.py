"""The customer to whom held rows are given."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import DrawnSelect, OnceFormMixin
from customers.models import Customer
from customers.search import best

FOUND = 20


class CustomerField(forms.ModelChoiceField):
    """Marked as required; that it is missing the form says, which can also find it by name."""

    def validate(self, value: Any) -> None:
        pass


class AssignForm(OnceFormMixin):
    """Without JavaScript the customer is found by ``customer_search``."""

    customer = CustomerField(
        Customer.objects.none(),
        label=gettext_lazy("Customer"),
        widget=DrawnSelect({"data-search-url": reverse_lazy("customers:options")}),
        error_messages={"invalid_choice": gettext_lazy("Choose the customer from the list.")},
    )
    customer_search = forms.CharField(required=False, max_length=200, label=gettext_lazy("Find the customer"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._customer.queryset = Customer.objects.active()

    @property
    def _customer(self) -> Any:
        return self.fields["customer"]

    def clean_customer(self) -> Customer:
        customer: Customer | None = self.cleaned_data["customer"] or self._found_customer()
        if customer is None:
            raise forms.ValidationError(_("Choose the customer."), code="required")
        return customer

    def _found_customer(self) -> Customer | None:
        """The one that was typed, or several to choose from."""
        text = self.data.get("customer_search", "").replace("\x00", "").strip()[:200]
        if not text:
            return None
        found = list(best(Customer.objects.active(), text, FOUND))
        if len(found) == 1:
            return found[0]
        self._customer.widget.offered = Customer.objects.filter(pk__in=[row.pk for row in found])
        if found:
            raise forms.ValidationError(_("Several customers match. Choose one of them."), code="several")
        raise forms.ValidationError(_("No customer matches. Try a shorter word."), code="none")
