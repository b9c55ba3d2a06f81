"""Forms of a customer: add, change, deactivate, its responsible persons, addresses and numbers in other systems."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import clock
from core.dates import DayField
from core.forms import DecimalField, IntegerField, OnceFormMixin, VersionedFormMixin
from customers.enums import AddressKind, BranchTarget, PassiveReason
from customers.forms.fields import CustomerPickField, OwnerChoiceField, PersonChoiceField
from customers.models import Address, ClassificationBranch, ClassificationNode, Customer, CustomerNumber, Responsibility
from customers.services.responsibilities import planned_text

WIDGETS = {
    "municipality": forms.Select({"data-searchable": ""}),
    "description": forms.Textarea({"rows": 4}),
    "email": forms.EmailInput({"autocomplete": "off"}),
    "website": forms.URLInput({"placeholder": "https://"}),
}
PARTS = ("street", "postal_code", "city", "country")
SPARE_ROWS = 3
NUMBERS = {"personnel": IntegerField, "personnel_change": IntegerField, "turnover": DecimalField}


class CustomerForm(VersionedFormMixin, forms.ModelForm):
    """The fields of a customer's own row."""

    parent = CustomerPickField(label=_("Parent organisation"), required=False)
    website = forms.URLField(
        label=_("Website"), max_length=300, required=False, assume_scheme="https", widget=WIDGETS["website"]
    )

    fieldsets = (
        (_("Organisation"), ("name", "official_name", "business_id", "organisation_form", "kind", "parent")),
        (_("Place"), ("municipality", "country")),
        (_("Contact information"), ("phone", "email", "website", "language", "preferred_channel")),
        (_("Key figures"), ("personnel", "personnel_change", "turnover", "founded", "registry_industry", "source")),
        (_("Invoicing"), ("directness", "charging_method", "cost_centre", "is_obliged_to_buy")),
        (_("Description"), ("description",)),
    )

    class Meta:
        model = Customer
        fields = (
            "name",
            "official_name",
            "business_id",
            "organisation_form",
            "kind",
            "parent",
            "municipality",
            "country",
            "phone",
            "email",
            "website",
            "language",
            "preferred_channel",
            "personnel",
            "personnel_change",
            "turnover",
            "founded",
            "registry_industry",
            "source",
            "directness",
            "charging_method",
            "cost_centre",
            "is_obliged_to_buy",
            "description",
        )
        widgets = WIDGETS
        localized_fields = ("turnover",)
        field_classes = NUMBERS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent: Any = self.fields["parent"]
        parent.offer(Customer.objects.active().exclude(pk=self.instance.pk), kept=self.instance.parent_id)


class NewCustomerForm(OnceFormMixin, forms.ModelForm):
    """A new customer; each required branch is a field named by the branch's code."""

    parent = CustomerPickField(label=_("Parent organisation"), required=False)
    owner = OwnerChoiceField(label=_("Owner"), required=False)
    website = forms.URLField(
        label=_("Website"), max_length=300, required=False, assume_scheme="https", widget=WIDGETS["website"]
    )

    class Meta:
        model = Customer
        fields = (
            "name",
            "business_id",
            "organisation_form",
            "municipality",
            "phone",
            "email",
            "website",
            "parent",
            "personnel",
            "source",
            "description",
        )
        widgets = WIDGETS
        field_classes = NUMBERS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branches = list(
            ClassificationBranch.objects.filter(is_required=True).exclude(target=BranchTarget.CONTACTS)
        )
        for branch in self.branches:
            self.fields[branch.code] = _class_field(branch)
        codes = [branch.code for branch in self.branches]
        self.fieldsets = (
            (_("Organisation"), ("name", "business_id", "phone", "email", *codes, "owner")),
            (
                _("More"),
                ("organisation_form", "municipality", "website", "parent", "personnel", "source", "description"),
            ),
        )

    @property
    def nodes(self) -> list[ClassificationNode]:
        """Return the chosen classes of all required branches."""
        nodes: list[ClassificationNode] = []
        for branch in self.branches:
            value = self.cleaned_data.get(branch.code)
            nodes += [value] if isinstance(value, ClassificationNode) else list(value or [])
        return nodes


def _class_field(branch: ClassificationBranch) -> forms.Field:
    nodes = branch.nodes.in_use()
    if branch.is_multiple:
        widget = forms.SelectMultiple({"data-searchable": ""})
        return forms.ModelMultipleChoiceField(nodes, label=branch.name, widget=widget)
    return forms.ModelChoiceField(nodes, label=branch.name)


class PassiveForm(forms.Form):
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", "---------"), *PassiveReason.choices])
    note = forms.CharField(
        label=_("Explanation"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Required if the reason is “other reason”."),
    )
    day = DayField(label=_("From"), initial=clock.today)


class OwnerForm(forms.Form):
    user = OwnerChoiceField(label=_("New owner"))
    day = DayField(label=_("From"), initial=clock.today)


class CustomerOwnerForm(OwnerForm):
    """The owner of one customer; a planned hand-over is dropped only when one says so."""

    drop_planned = forms.BooleanField(required=False)

    def __init__(self, *args: Any, planned: Responsibility | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if planned is None:
            del self.fields["drop_planned"]
        else:
            self.fields["drop_planned"].label = planned_text(planned)
            self.fields["drop_planned"].help_text = _("Choose this to cancel the planned hand-over.")


class ResponsibilityForm(OnceFormMixin, forms.ModelForm):
    user = PersonChoiceField(label=_("Responsible person"))
    start = DayField(label=_("From"), initial=clock.today)
    end = DayField(label=_("To"), required=False)

    class Meta:
        model = Responsibility
        fields = ("user", "role", "description", "start", "end")


class EndForm(forms.Form):
    day = DayField(label=_("Last day"), initial=clock.today)


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
