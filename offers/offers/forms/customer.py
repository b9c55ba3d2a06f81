"""Form fields for the customer of an offer or order and the customer's contact."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import DrawnSelect
from customers.forms.fields import CustomerPickMixin
from customers.models import Contact
from offers.offers.validators import CUSTOMER_INACTIVE


class OfCustomerForm(CustomerPickMixin, forms.ModelForm):
    """A form with ``customer`` and ``contact``."""

    contact = forms.ModelChoiceField(
        Contact.objects.none(),
        required=False,
        label=_("Contact"),
        widget=DrawnSelect,
        error_messages={"invalid_choice": _("Choose the contact from the list.")},
    )

    contacts_name, contacts_url = "contact", "offers:contact_field"

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.prepare_customer(user, kept=self.instance.customer_id)
        self.fields["customer"].error_messages["inactive"] = CUSTOMER_INACTIVE
