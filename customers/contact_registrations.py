"""What contacts and the classification tree show in the frame and on the pages of customers and contacts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.registry import (
    Command,
    NavItem,
    Panel,
    SearchHit,
    SearchSource,
    Tab,
    commands,
    nav,
    panels,
    searches,
    tabs,
)
from customers.models import Contact
from customers.views.contact_tabs import contacts_count

CUSTOMER_TABS = (
    Tab(name="contacts", label=_("Contacts"), url_name="customers:contacts_tab", order=20, count=contacts_count),
    Tab(name="classifications", label=_("Classifications"), url_name="customers:classes", order=50),
)
CONTACT_TABS = (
    Tab(name="overview", label=_("Overview"), url_name="customers:contact", order=10),
    Tab(name="classifications", label=_("Classifications"), url_name="customers:contact_classes", order=50),
    Tab(name="documents", label=_("Documents"), url_name="customers:contact_documents", order=900),
    Tab(name="history", label=_("History"), url_name="customers:contact_history", order=990),
)
NAV = (
    NavItem(name="contacts", label=_("Contacts"), url_name="customers:contacts", icon="address-book", order=20),
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


def register() -> None:
    for item in NAV:
        nav.add("main", item)
    for command in COMMANDS:
        commands.add("top", command)
    for tab in CUSTOMER_TABS:
        tabs.add("customer", tab)
    for tab in CONTACT_TABS:
        tabs.add("contact", tab)
    panel = Panel(name="decisions", label=_("Decision structure"), url_name="customers:decisions", order=30)
    panels.add("customer", panel)
    searches.add("top", SearchSource(name="contacts", label=_("Contacts"), find=find_contacts, order=20))


def find_contacts(user: Any, text: str, limit: int) -> list[SearchHit]:
    found = Contact.objects.visible_to(user).with_current(user).search(text).order_by("sort_key", "pk")[:limit]
    return [SearchHit(str(row), _works(row), row.get_absolute_url(), "user") for row in found]


def _works(contact: Any) -> str:
    return " · ".join(", ".join(filter(None, (row.title, row.customer.name))) for row in contact.current_positions)
