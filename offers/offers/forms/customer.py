"""Form fields for the customer of an offer or order and the customer's contact."""

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
    """A customer field marked as required; the form checks it, since it can also find the customer by name."""

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
        """Set the customers and contacts to choose from. Call it when ``user`` is known."""
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
        """Return the id of the chosen customer, or None when it is not a number."""
        return parse_id(self["customer"].value())

    def clean_customer(self) -> Customer:
        customer: Customer | None = self.cleaned_data["customer"] or self._found_customer()
        if customer is None:
            raise forms.ValidationError(_("Choose the customer."), code="required")
        return customer

    def _found_customer(self) -> Customer | None:
        """Return the customer that the search text matches; offer several for choosing."""
        text = self.data.get("customer_search", "").replace("\x00", "").strip()[:200]
        if not text:
            return None
        customers = list(best(Customer.objects.visible_to(self.user), text, FOUND))
        if len(customers) == 1:
            self._choose(customers[0])
            return customers[0]
        self._field("customer").widget.offered = Customer.objects.filter(pk__in=[customer.pk for customer in customers])
        if customers:
            raise forms.ValidationError(_("Several customers match. Choose one of them."), code="several")
        raise forms.ValidationError(_("No customer matches. Try a shorter word."), code="none")

    def _choose(self, customer: Customer) -> None:
        """Select the customer in the form that is shown again and offer its contacts."""
        data: Any = self.data
        self.data = data = data.copy()
        data["customer"], data["customer_search"] = str(customer.pk), ""
        self._field("contact").widget.offered = contacts_offered(self.user, customer.pk)

    def look_up_customer(self) -> None:
        """Select the customer that was typed before the form is sent, and report when there is none."""
        if self.customer_id is None:
            with suppress(forms.ValidationError):
                self._found_customer()
