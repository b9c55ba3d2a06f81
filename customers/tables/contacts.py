"""Columns of the contact list for pages and files."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.phones import show_phone
from core.tables import Column, Table
from customers.enums import ContactPointKind
from customers.models import Contact


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


def _language(contact: Contact) -> str:
    return contact.get_language_display()


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
        Column("language", _("Language"), _language, shown=False, wide=True),
        Column("created", _("Added"), "created_at", sort="created_at", shown=False, wide=True,
               template="customers/cells/date.html"),
    ),
    default_sort="name",
)  # fmt: skip
