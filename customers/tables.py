"""Columns of the lists of customers and contacts, for pages and files."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.phones import show_phone
from core.tables import Column, Table
from customers.enums import ContactPointKind
from customers.models import Contact, Customer


def segment_letter(customer: Customer) -> str:
    """Return A, B, C or P: the first letter of the segment's code."""
    segment = customer.summary.segment
    return segment.code[:1].upper() if segment else ""


def _customer_phone(customer: Customer) -> str:
    return show_phone(customer.phone) if customer.phone else ""


CUSTOMERS = Table(
    (
        Column("name", _("Customer"), sort="sort_key", template="customers/cells/name.html", link=True),
        Column(
            "segment", _("Segm."), segment_letter, template="customers/cells/segment.html",
            export=lambda customer: customer.summary.segment,
        ),
        Column("group", _("Group"), "summary.group", wide=True),
        Column("municipality", _("Municipality"), wide=True),
        Column("owner", _("Owner"), "summary.owner", template="customers/cells/owner.html", wide=True),
        Column(
            "last_contact", pgettext_lazy("column", "Last contact"), "summary.last_contact_at",
            sort="summary__last_contact_at",
            template="customers/cells/ago.html",
        ),
        Column(
            "next_contact", pgettext_lazy("column", "Next contact"), "summary.next_contact_at",
            sort="summary__next_contact_at",
            template="customers/cells/day.html", wide=True,
        ),
        Column("open_activities", _("Open activities"), "summary.open_activities", numeric=True, wide=True),
        Column(
            "ordered", _("Orders, 12 months"), "summary.ordered_12_months", sort="summary__ordered_12_months",
            numeric=True, shown=False, wide=True,
        ),
        Column("open_offers", _("Open offers"), "summary.open_offers", numeric=True, shown=False, wide=True),
        Column(
            "open_offers_net", _("Value of open offers"), "summary.open_offers_net", sort="summary__open_offers_net",
            numeric=True, shown=False, wide=True,
        ),
        Column(
            "last_order", _("Last order"), "summary.last_order_on", sort="summary__last_order_on",
            template="customers/cells/day.html", shown=False, wide=True,
        ),
        Column("personnel", _("Personnel"), sort="personnel", numeric=True, wide=True),
        Column("business_id", _("Business ID"), shown=False, wide=True),
        Column("phone", _("Phone"), _customer_phone, shown=False, wide=True),
        Column("email", _("E-mail"), shown=False, wide=True),
        Column("industry", _("Industry"), "summary.industry", shown=False, wide=True),
        Column("size", _("Size class"), "summary.size", shown=False, wide=True),
        Column("region", _("Region"), "municipality.region", shown=False, wide=True),
        Column(
            "organisation_form", _("Organisation form"), Customer.get_organisation_form_display, shown=False, wide=True,
        ),
        Column(
            "created", _("Added"), "created_at", sort="created_at", template="customers/cells/date.html", shown=False,
            wide=True,
        ),
    ),
    default_sort="name",
)  # fmt: skip


def first_point(contact: Contact, kind: ContactPointKind) -> str:
    """Return the primary number or address of the prefetched points."""
    return next((point.value for point in contact.points.all() if point.kind == kind), "")


def email(contact: Contact) -> str:
    return first_point(contact, ContactPointKind.EMAIL)


def phone(contact: Contact) -> str:
    value = first_point(contact, ContactPointKind.PHONE)
    return show_phone(value) if value else ""


def _positions(contact: Any) -> list[Any]:
    return contact.current_positions


def _customers(contact: Any) -> list[str]:
    return [position.customer.name for position in contact.current_positions]


def _titles(contact: Any) -> list[str]:
    return list(dict.fromkeys(position.title for position in contact.current_positions if position.title))


def _roles(contact: Any) -> list[str]:
    return list(dict.fromkeys(str(position.role) for position in contact.current_positions if position.role))


JOINED = "customers/contacts/cells/joined.html"

CONTACTS = Table(
    (
        Column("name", _("Name"), str, sort="sort_key", link=True),
        Column(
            "customers",
            _("Customer"),
            _positions,
            template="customers/contacts/cells/positions.html",
            export=_customers,
        ),
        Column("title", _("Job title"), _titles, template=JOINED, wide=True),
        Column("role", _("Role"), _roles, template=JOINED, wide=True),
        Column("email", _("E-mail"), email, template="customers/contacts/cells/email.html", export=email, wide=True),
        Column("phone", _("Phone"), phone, template="customers/contacts/cells/phone.html", export=phone),
        Column("language", _("Language"), Contact.get_language_display, shown=False, wide=True),
        Column("created", _("Added"), "created_at", sort="created_at", shown=False, wide=True,
               template="customers/cells/date.html"),
    ),
    default_sort="name",
)  # fmt: skip
