"""What is edited in place of customers and contacts: each field by the form page that changes it otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.inline.declarations import Editable, Editing
from core.inline.views import InlineView
from customers.enums import BranchPurpose
from customers.models import ClassificationBranch, Contact, Customer, Responsibility
from customers.selectors.classification import CLASS_PREFIX
from customers.selectors.customers import with_related
from customers.services.responsibilities import owner_now
from customers.tables import CONTACTS, CUSTOMERS, POSITION_FIELDS
from customers.views.changes import CustomerEditView
from customers.views.classes import ClassesEditView, ContactClassesEditView, CustomerClassesEditView
from customers.views.contacts import ContactEditView, PrimaryEmailView, PrimaryPhoneView
from customers.views.responsibilities import OwnerView

CLASSES = {
    "group": (BranchPurpose.GROUP, _("Group")),
    "industry": (BranchPurpose.INDUSTRY, _("Industry")),
    "size": (BranchPurpose.SIZE, _("Size class")),
}


def _own(name: str, label: Any) -> Editable:
    return Editable(name=name, label=label, page=CustomerEditView, form_url_name="customers:edit")


def _class(name: str) -> Editable:
    purpose, label = CLASSES[name]

    def branch_code(row: Any) -> tuple[str, ...]:
        return tuple(ClassificationBranch.objects.filter(purpose=purpose).values_list("code", flat=True))

    return Editable(
        name=name,
        label=label,
        page=CustomerClassesEditView,
        form_url_name="customers:classes_edit",
        fields=branch_code,
    )


def _classes_by(page: type[ClassesEditView], form_url_name: str) -> Callable[[str], Editable | None]:
    """Return the field of each branch, by the name that :class:`AssignedClasses` gives it."""

    def of_branch(name: str) -> Editable | None:
        branch = ClassificationBranch.objects.filter(code=name.removeprefix(CLASS_PREFIX)).first()
        if branch is None or not name.startswith(CLASS_PREFIX):
            return None
        return Editable(name=name, label=branch.name, page=page, form_url_name=form_url_name, fields=(branch.code,))

    return of_branch


def _owner_now(customer: Customer) -> dict[str, Any]:
    return {"user": owner_now(customer)}


def customers_changeable(user: Any, customers: Sequence[Customer]) -> set[int]:
    """Return the ids of those that the user passes ``customers.edit_customer`` for.

    Rows of a list say so themselves (``is_own``); others are asked for in one query.
    """
    ids = {customer.pk for customer in customers if not customer.is_passive}
    if user.has_perm("customers.change_any_customer"):
        return ids
    if not ids or not user.has_perm("customers.change_own_customer"):
        return set()
    if all(hasattr(customer, "is_own") for customer in customers):
        return {customer.pk for customer in customers if customer.pk in ids and customer.is_own}  # type: ignore[attr-defined]
    own = Responsibility.objects.current().filter(user=user, customer__in=ids)
    return set(own.values_list("customer", flat=True))


def contacts_changeable(user: Any, contacts: Sequence[Contact]) -> set[int]:
    return {contact.pk for contact in contacts} if user.has_perm("customers.edit_contacts") else set()


def _listed_customer(user: Any, pk: int) -> Customer | None:
    customer = next(iter(with_related(list(Customer.objects.visible_to(user).filter(pk=pk)))), None)
    if customer:
        customer.may_act = user.has_perm("customers.change_any_customer")
    return customer


def _listed_contact(user: Any, pk: int) -> Contact | None:
    contacts = Contact.objects.visible_to(user).with_current(user, only=POSITION_FIELDS)
    contact: Contact | None = contacts.filter(pk=pk).first()
    return contact


CUSTOMER = Editing(
    place="customer",
    model=Customer,
    url_name="customers:inline",
    fields=(
        Editable(
            name="owner",
            label=_("Owner"),
            page=OwnerView,
            form_url_name="customers:owner",
            fields=("user", "drop_planned"),
            initial=_owner_now,
        ),
        *(_class(name) for name in CLASSES),
        _own("name", _("Name")),
        _own("official_name", _("Official name")),
        _own("phone", _("Phone")),
        _own("email", _("E-mail")),
        _own("website", _("Website")),
        _own("language", _("Language")),
        _own("preferred_channel", _("Preferred channel")),
        _own("municipality", _("Municipality")),
        _own("personnel", _("Personnel")),
        _own("turnover", _("Turnover")),
        _own("founded", _("Founded")),
        _own("organisation_form", _("Organisation form")),
        _own("directness", _("Direct or indirect")),
        _own("charging_method", _("Charging method")),
        _own("cost_centre", _("Cost centre")),
        _own("registry_industry", _("Registry industry")),
        _own("source", _("Source")),
        _own("description", _("Description")),
    ),
    table=CUSTOMERS,
    listed=_listed_customer,
    changeable=customers_changeable,
    named=_classes_by(CustomerClassesEditView, "customers:classes_edit"),
)


def _person(name: str, label: Any, *fields: str) -> Editable:
    return Editable(
        name=name, label=label, page=ContactEditView, form_url_name="customers:contact_edit", fields=fields or (name,)
    )


CONTACT = Editing(
    place="contact",
    model=Contact,
    url_name="customers:contact_inline",
    fields=(
        Editable(
            name="phone",
            label=_("Phone"),
            page=PrimaryPhoneView,
            form_url_name="customers:contact_edit",
            fields=("value",),
        ),
        Editable(
            name="email",
            label=_("E-mail"),
            page=PrimaryEmailView,
            form_url_name="customers:contact_edit",
            fields=("value",),
        ),
        _person("name", _("Name"), "first_name", "last_name"),
        _person("language", _("Language")),
        _person("preferred_channel", _("Preferred channel")),
        _person("description", _("Description")),
    ),
    table=CONTACTS,
    listed=_listed_contact,
    changeable=contacts_changeable,
    named=_classes_by(ContactClassesEditView, "customers:contact_classes_edit"),
)


class CustomerInlineView(InlineView):
    model = Customer
    permission_required = "customers.view_customer"
    editing = CUSTOMER


class ContactInlineView(InlineView):
    model = Contact
    permission_required = "customers.view_contact"
    editing = CONTACT
