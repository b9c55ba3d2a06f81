"""The customer of an offer or an order, found by typing, and the contact who works for it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import DrawnSelect
from core.numbers import parse_id
from customers.models import Contact, Customer
from customers.search import best
from customers.selectors.contacts import contacts_offered

FOUND = 20


class CustomerField(forms.ModelChoiceField):
    """Marked as required; that it is missing the form says, which can also find it by name."""

    def validate(self, value: Any) -> None:
        pass


class OfCustomerForm(forms.ModelForm):
    """A form with ``customer`` and ``contact``. Without JavaScript the customer is found by ``customer_search``."""

    customer = CustomerField(
        Customer.objects.none(),
        label=gettext_lazy("Customer"),
        widget=DrawnSelect,
        error_messages={"invalid_choice": gettext_lazy("Choose the customer from the list.")},
    )
    customer_search = forms.CharField(required=False, max_length=200, label=gettext_lazy("Find the customer"))
    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        required=False,
        label=gettext_lazy("Contact"),
        widget=DrawnSelect,
        error_messages={"invalid_choice": gettext_lazy("Choose the contact from the list.")},
    )

    user: Any

    def prepare_customer(self) -> None:
        """Say which customers and contacts there are to choose from. Call it when ``user`` is known."""
        customers, contacts = Customer.objects.visible_to(self.user), Contact.objects.visible_to(self.user)
        customer, contact = self._field("customer"), self._field("contact")
        customer.queryset, contact.queryset = customers, contacts
        customer.widget.attrs |= {
            "data-search-url": reverse("customers:options"),
            "hx-get": reverse("offers:contact_field"),
            "hx-target": "#contact-field",
            "hx-swap": "outerHTML",
            "hx-trigger": "change",
        }
        contact.widget.offered = contacts_offered(self.user, self.customer_id)

    def _field(self, name: str) -> Any:
        return self.fields[name]

    @property
    def customer_id(self) -> int | None:
        """The customer that is chosen now, as far as it is a number."""
        return parse_id(self["customer"].value())

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
        found = list(best(Customer.objects.visible_to(self.user), text, FOUND))
        if len(found) == 1:
            self._choose(found[0])
            return found[0]
        self._field("customer").widget.offered = Customer.objects.filter(pk__in=[row.pk for row in found])
        if found:
            raise forms.ValidationError(_("Several customers match. Choose one of them."), code="several")
        raise forms.ValidationError(_("No customer matches. Try a shorter word."), code="none")

    def _choose(self, customer: Customer) -> None:
        """When the page comes back the customer is chosen, and its contacts are there to choose from."""
        data: Any = self.data
        self.data = data = data.copy()
        data["customer"], data["customer_search"] = str(customer.pk), ""
        self._field("contact").widget.offered = contacts_offered(self.user, customer.pk)

    def look_up_customer(self) -> None:
        """Choose the customer that was typed, before the form is sent; what is not found is told then."""
        if self.customer_id is None:
            with suppress(forms.ValidationError):
                self._found_customer()
