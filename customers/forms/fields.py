"""Form fields that choose a customer or a user."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.forms import DrawnSelect
from core.numbers import parse_id
from customers.models import Contact, Customer
from customers.selectors.contacts import contacts_offered
from customers.selectors.people import possible_owners

#: How many customers that match a typed name are offered.
MATCHES = 20


class CustomerSelect(DrawnSelect):
    """A search on the server; the page contains only the chosen customer, which is named if it is among ``visible``."""

    visible: QuerySet[Customer] | None = None

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"data-search-url": reverse_lazy("customers:options"), **(attrs or {})})

    def label(self, row: Customer) -> str:
        hidden = row.is_passive and self.visible is not None and not self.visible.filter(pk=row.pk).exists()
        return _("an inactive customer (%d)") % row.pk if hidden else super().label(row)


class CustomerPickField(forms.ModelChoiceField):
    """An active customer. Passive ones cannot be chosen (rule 2); one that is chosen already can stay."""

    widget = CustomerSelect
    default_error_messages = {
        "invalid_choice": gettext_lazy("Choose the customer from the list."),
        "inactive": gettext_lazy("The customer is inactive: activate it first."),
    }
    kept: int | None = None

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Customer"))
        super().__init__(kwargs.pop("queryset", Customer.objects.active()), **kwargs)

    def offer(self, visible: QuerySet[Customer], kept: int | None = None) -> None:
        """Offer the customers that the user may see, and the one (``kept``) that the row has now."""
        self.kept, widget = kept, self.widget
        widget.visible = visible
        self.queryset = visible | Customer.objects.filter(pk=kept) if kept else visible

    def to_python(self, value: Any) -> Customer | None:
        customer: Customer | None = super().to_python(value)
        if customer is not None and customer.is_passive and customer.pk != self.kept:
            params = {"customer": customer}
            raise forms.ValidationError(self.error_messages["inactive"], code="customer_passive", params=params)
        return customer


class _FoundByNameField(CustomerPickField):
    """A field that leaves the error for a missing customer to the form."""

    def validate(self, value: Any) -> None:
        pass


class CustomerPickMixin(forms.Form):
    """A form with a customer; on pages without JavaScript ``customer_search`` finds it by name.

    ``contacts_name`` is the form's field for contacts of the customer, if any; it is drawn again by ``contacts_url``
    when the customer changes.
    """

    customer = _FoundByNameField()
    customer_search = forms.CharField(required=False, max_length=200, label=gettext_lazy("Find the customer"))

    contacts_name = contacts_url = ""

    def prepare_customer(self, user: Any, kept: int | None = None) -> None:
        """Set the customers and contacts that the user may choose."""
        self._visible = Customer.objects.visible_to(user)
        self._user, field = user, self._field("customer")
        field.offer(self._visible, kept)
        if self.contacts_name:
            field.widget.attrs |= {
                "hx-get": reverse(self.contacts_url),
                "hx-target": f"#{self.contacts_name}-field",
                "hx-swap": "outerHTML",
                "hx-trigger": "change",
            }
            self._field(self.contacts_name).queryset = Contact.objects.visible_to(user)
            self._offer_contacts()

    @property
    def customer_id(self) -> int | None:
        """Return the id of the chosen customer, or None when it is not a number."""
        return parse_id(self["customer"].value())

    def clean_customer(self) -> Customer | None:
        customer: Customer | None = self.cleaned_data["customer"] or self._found_customer()
        if customer is None and self.fields["customer"].required:
            raise forms.ValidationError(_("Choose the customer."), code="required")
        return customer

    def look_up_customer(self) -> None:
        """Select the customer that was typed before the form is sent; finding none is no error yet."""
        if self.customer_id is None:
            with suppress(forms.ValidationError):
                self._found_customer()

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def _offer_contacts(self) -> None:
        self._field(self.contacts_name).widget.offered = contacts_offered(self._user, self.customer_id)

    def _found_customer(self) -> Customer | None:
        """Select and return the only customer that matches the typed name; offer several for choosing."""
        text = self.data.get("customer_search", "").replace("\x00", "").strip()
        if not text:
            return None
        found = list(self._visible.active().best_for(text, MATCHES))
        if len(found) != 1:
            self._field("customer").widget.offered = Customer.objects.filter(pk__in=[row.pk for row in found])
            if found:
                raise forms.ValidationError(_("Several customers match. Choose one of them."), code="several")
            raise forms.ValidationError(_("No customer matches. Try a shorter word."), code="none")
        data: Any = self.data
        self.data = data = data.copy()
        data["customer"], data["customer_search"] = str(found[0].pk), ""
        if self.contacts_name:
            self._offer_contacts()
        return found[0]


class PersonChoiceField(forms.ModelChoiceField):
    """An active user."""

    def __init__(self, **kwargs: Any) -> None:
        widget = kwargs.pop("widget", None) or forms.Select({"data-searchable": ""})
        super().__init__(kwargs.pop("queryset", User.objects.active().order_by("sort_key")), widget=widget, **kwargs)


class AnyPersonChoiceField(PersonChoiceField):
    """Any user: those who have left, after the others, are ended or replaced too."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=User.objects.order_by("-is_active", "sort_key"), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj) if obj.is_active else _("%(user)s (deactivated)") % {"user": obj}


class OwnerChoiceField(PersonChoiceField):
    """An active user who may edit customers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=possible_owners(), **kwargs)
