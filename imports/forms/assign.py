"""The form that assigns rows to a customer."""

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
    """A required field that leaves the error for a missing customer to the form, which can also find it by name."""

    def validate(self, value: Any) -> None:
        pass


class AssignForm(OnceFormMixin):
    """Assign rows to a customer; without JavaScript ``customer_search`` finds the customer."""

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
        """Return the customer that matches the search text, or offer the matches as choices."""
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
