"""Navigation, commands, tabs, panels and searches of customers, contacts and the classification tree."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.addresses import row_url
from core.first_steps import FirstStep
from core.list_counts import CountedList
from core.recent import RecordKind
from core.registry import Command, NavItem, NotificationKind, Panel, SearchHit, SearchSource, Tab
from customers.bulk.classes import ClassOperation
from customers.bulk.exports import ExportContacts, ExportCustomers
from customers.bulk.labels import LabelsOperation
from customers.bulk.people import PeopleOperation
from customers.bulk.state import ActivateOperation, DeactivateOperation
from customers.enums import ResponsibilityRole
from customers.favourites import IS_CUSTOMER, favourite_customers, menu_rows
from customers.inline import CONTACT, CUSTOMER
from customers.metrics import METRIC_SOURCES, METRICS  # noqa: F401 - declared
from customers.models import Contact, Customer, CustomerSearch, CustomerSummary, Favourite, Responsibility
from customers.page_commands import page_commands
from customers.tables import LETTERS
from customers.views.contact_tabs import contacts_count


def _dropped_text(data: dict[str, Any]) -> str:
    day = date_format(dt.date.fromisoformat(data["day"]), "SHORT_DATE_FORMAT")
    text = gettext("The hand-over of %(customer)s to %(user)s, planned for %(day)s, was cancelled.")
    return text % {**data, "day": day}


def _ownerless_text(data: dict[str, Any]) -> str:
    text = ngettext("%(count)d customer has no owner.", "%(count)d customers have no owner.", data["count"])
    return text % data


NOTIFICATIONS = (
    NotificationKind(
        name="handover_dropped", label=_("Cancelled hand-overs"), text=_dropped_text, icon="user-check", order=45
    ),
    NotificationKind(
        name="customers_ownerless",
        label=_("Customers without an owner"),
        text=_ownerless_text,
        icon="building",
        order=46,
    ),
)


def _owned(user: Any) -> str:
    owned = Responsibility.objects.current().filter(user=user, role=ResponsibilityRole.OWNER)
    count = owned.filter(customer__state="active").count()
    text = ngettext(
        "The user owns %(count)d customer, which will be without an owner.",
        "The user owns %(count)d customers, which will be without an owner.",
        count,
    )
    return text % {"count": count} if count else ""


#: What a user leaves behind when the account is deactivated.
DUTIES = (_owned,)

INLINE = (CUSTOMER, CONTACT)

NAV = (
    NavItem(
        name="customers",
        label=_("Customers"),
        url_name="customers:list",
        icon="building",
        section="customers",
        order=10,
    ),
    NavItem(
        name="contacts",
        label=_("Contacts"),
        url_name="customers:contacts",
        icon="address-book",
        section="customers",
        order=20,
    ),
    NavItem(
        name="classification",
        label=_("Classification"),
        url_name="customers:classification",
        permission="customers.edit_classification",
        icon="sitemap",
        section="admin",
        order=210,
    ),
)
COMMANDS = (
    Command(name="customers", label=_("Customers"), url_name="customers:list", icon="building", keywords="asiakkaat"),
    Command(
        name="add_customer",
        label=_("Add customer"),
        url_name="customers:create",
        permission="customers.add_customer",
        icon="plus",
        keywords="uusi asiakas lisää new",
        order=20,
    ),
    Command(
        name="contacts",
        label=_("Contacts"),
        url_name="customers:contacts",
        icon="address-book",
        keywords="yhteyshenkilöt contacts",
        order=30,
    ),
    Command(
        name="add_contact",
        label=_("Add contact"),
        url_name="customers:contact_add",
        permission="customers.edit_contact",
        icon="user-plus",
        keywords="uusi yhteyshenkilö lisää new",
        order=31,
    ),
    Command(
        name="classification",
        label=_("Classification tree"),
        url_name="customers:classification",
        icon="sitemap",
        keywords="luokituspuu luokitukset classes",
        order=60,
    ),
)

TABS = (
    Tab(place="customer", name="overview", label=_("Overview"), url_name="customers:detail", order=10),
    Tab(place="customer", name="details", label=_("Contact details"), url_name="customers:details", order=30),
    Tab(place="customer", name="documents", label=_("Documents"), url_name="customers:documents", order=900, rare=True),
    Tab(place="customer", name="history", label=_("History"), url_name="customers:history", order=990, rare=True),
    Tab(
        place="customer",
        name="contacts",
        label=_("Contacts"),
        url_name="customers:contacts_tab",
        order=20,
        count=contacts_count,
    ),
    Tab(
        place="customer",
        name="classifications",
        label=_("Classifications"),
        url_name="customers:classes",
        order=50,
        rare=True,
    ),
    Tab(place="contact", name="overview", label=_("Overview"), url_name="customers:contact", order=10),
    Tab(
        place="contact",
        name="classifications",
        label=_("Classifications"),
        url_name="customers:contact_classes",
        order=50,
    ),
    Tab(place="contact", name="documents", label=_("Documents"), url_name="customers:contact_documents", order=900),
    Tab(place="contact", name="history", label=_("History"), url_name="customers:contact_history", order=990),
    Tab(  # on a user's page: a separate page, so the tab leads there
        place="user",
        name="hand_over",
        label=_("Hand over customers"),
        url_name="customers:hand_over",
        permission="customers.hand_over",
        order=900,
    ),
)

PANELS = (
    Panel(
        place="start",
        name="start_waiting",
        label=_("Customers waiting for contact"),
        url_name="customers:start_waiting",
        order=30,
    ),
    Panel(
        place="start",
        name="start_faults",
        label=_("Faults in customer data"),
        url_name="customers:start_faults",
        order=70,
    ),
    Panel(
        place="customer",
        name="decisions",
        label=_("Decision structure"),
        url_name="customers:decisions",
        order=5,
    ),
)


def find_customers(user: Any, text: str, limit: int) -> list[SearchHit]:
    customers = Customer.objects.visible_to(user).active().select_related("municipality", "summary__segment")
    return [
        SearchHit(customer.name, _customer_text(customer), customer.get_absolute_url(), "building")
        for customer in customers.best_for(text, limit)
    ]


def _customer_text(customer: Customer) -> str:
    segment = getattr(getattr(customer, "summary", None), "segment", None)
    return " · ".join(str(part) for part in (segment, customer.business_id, customer.municipality) if part)


def favourites(request: HttpRequest) -> dict[str, Any]:
    """Return the user's favourite customers for the side menu, read only when it is drawn."""
    return {"nav_favourites": SimpleLazyObject(lambda: _favourites(request))}


def _favourites(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        {"name": row.name, "url": row_url("customers:detail", row.pk), "segment": code[:LETTERS], "colour": colour}
        for row in menu_rows(request)
        if row.kind == IS_CUSTOMER
        for code, _space, colour in [row.detail.partition(" ")]
    ]


def find_contacts(user: Any, text: str, limit: int) -> list[SearchHit]:
    contacts = Contact.objects.visible_to(user).with_current(user).best_for(text, limit)
    return [
        SearchHit(str(contact), _positions_text(contact), contact.get_absolute_url(), "user") for contact in contacts
    ]


def _positions_text(contact: Any) -> str:
    return " · ".join(
        ", ".join(filter(None, (position.title, position.customer.name))) for position in contact.current_positions
    )


SEARCHES = (
    SearchSource(name="customers", label=_("Customers"), find=find_customers, order=10),
    SearchSource(name="contacts", label=_("Contacts"), find=find_contacts, order=20),
)
FRAME = (favourites,)
MENU_ROWS = (favourite_customers,)
PAGE_COMMANDS = (page_commands,)
#: The read model keeps nothing.
FREE_REFERENCES = ((CustomerSummary, "customer"), (CustomerSummary, "owner"), (CustomerSearch, "customer"))
LIST_COUNTS = (
    CountedList("customers:list", lambda: {"": Customer.objects.active()}, lambda user: ""),
    CountedList("customers:contacts", lambda: {"": Contact.objects.filter(is_hidden=False)}, lambda user: ""),
)
BULK_OPERATIONS = (
    ClassOperation(),
    PeopleOperation(),
    LabelsOperation(),
    ExportCustomers(),
    ExportContacts(),
    DeactivateOperation(),
    ActivateOperation(),
)
RECORD_KINDS = (
    RecordKind(Customer, _("Customer"), "building"),
    RecordKind(Contact, _("Contact"), "user"),
)
FIRST_STEPS = (
    FirstStep(
        label=_("Mark a customer as a favourite with the star on its page"),
        url_name="customers:list",
        query="mine=true",
        is_done=lambda user: Favourite.objects.filter(user=user.pk).exists(),
        order=30,
    ),
)
