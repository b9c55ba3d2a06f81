"""Recipients as forms and the API name them.

A value is ``contact:12``, ``point:34`` (one of a contact's addresses), ``customer:56`` (the customer's own address) or
a typed address.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from activities.mail.enums import RecipientKind
from activities.mail.mime import addresses
from activities.mail.routing import MAX_RECIPIENTS, Recipient
from customers.enums import ContactPointKind
from customers.models import Contact, ContactPoint, Customer, Position

OFFERED = 50
TYPED_LENGTH = 10_000
_NAMED = re.compile(r"(contact|point|customer):([0-9]{1,18})")


@dataclass(frozen=True)
class Option:
    """An option of the menu of recipients."""

    value: str
    text: str
    detail: str = ""


def resolve(values: Iterable[str], kind: RecipientKind, user: Any) -> list[Recipient]:
    """Return the recipients that ``values`` name, in the same order, with a constant number of queries.

    Raises ``ValidationError`` for invalid addresses, for rows that the user does not see, and for contacts and
    customers without an address (code ``no_address``, with their names).
    """
    texts = [value.replace("\x00", "").strip() for value in values]
    rows = _rows(texts, user)
    resolved: list[Recipient] = []
    errors: list[ValidationError] = []
    for text in filter(None, texts):
        try:
            resolved += _recipients(text, rows, kind)
        except ValidationError as error:
            errors.append(error)
    if errors:
        raise ValidationError(errors)
    return resolved


def resolve_known(values: Iterable[str], user: Any) -> list[Recipient]:
    """Return the recipients that ``values`` name, without the invalid ones."""
    rows = _rows(list(values), user)
    resolved = []
    for value in values:
        with suppress(ValidationError):
            resolved += _recipients(value.strip(), rows, RecipientKind.TO)
    return resolved


def _recipients(text: str, rows: dict[str, Any], kind: RecipientKind) -> list[Recipient]:
    if not _NAMED.fullmatch(text):
        if len(text) > TYPED_LENGTH:
            raise ValidationError(_("Too many addresses at once."), code="too_long")
        return [Recipient(kind, typed.address, typed.name) for typed in addresses.parse(text)]
    row = rows.get(text)
    if row is None:
        raise ValidationError(_("Choose recipients from the list."), code="unknown")
    if isinstance(row, Customer):
        return [Recipient(kind, _require_address(row, row.email), row.name, customer=row)]
    contact = row.contact if isinstance(row, ContactPoint) else row
    address = row.value if isinstance(row, ContactPoint) else _require_address(contact, first_address(contact))
    return [Recipient(kind, address, addresses.clean_name(str(contact)), contact=contact)]


def _require_address(row: Any, address: str) -> str:
    if not address:
        raise ValidationError(_("%(name)s has no e-mail address.") % {"name": row}, code="no_address")
    return address


def first_address(contact: Contact) -> str:
    """Return the first e-mail address of a contact; its points must be prefetched."""
    return next((point.value for point in contact.points.all() if point.kind == ContactPointKind.EMAIL), "")


def _rows(values: Sequence[str], user: Any) -> dict[str, Any]:
    ids: dict[str, set[int]] = {"contact": set(), "point": set(), "customer": set()}
    for value in values:
        if match := _NAMED.fullmatch(value):
            ids[match[1]].add(int(match[2]))
    return {
        f"{kind}:{row.pk}": row
        for kind, rows in _querysets(user).items()
        if ids[kind]
        for row in rows.filter(pk__in=ids[kind])
    }


def _querysets(user: Any) -> dict[str, QuerySet[Any]]:
    contacts = Contact.objects.visible_to(user)
    points = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, contact__in=contacts).select_related("contact")
    customers = Customer.objects.visible_to(user).select_related("summary__owner")
    return {"contact": contacts.prefetch_related("points"), "point": points, "customer": customers}


def labels(values: Sequence[str], user: Any) -> dict[str, str]:
    """Return the text to show for each value; an unknown value is shown as it was typed."""
    rows = _rows(values, user)
    return {value: _label(rows[value]) if value in rows else value for value in values}


def _label(row: Any) -> str:
    if isinstance(row, Customer):
        return f"{row.name} <{row.email}>" if row.email else row.name
    contact = row.contact if isinstance(row, ContactPoint) else row
    address = row.value if isinstance(row, ContactPoint) else first_address(contact)
    return f"{contact} <{address}>" if address else str(contact)


def offered(customers: Sequence[Customer], user: Any) -> list[Option]:
    """Return the addresses of the customers and of the contacts who work for them now."""
    own = [
        Option(f"customer:{customer.pk}", f"{customer.name} <{customer.email}>")
        for customer in customers
        if customer.email
    ]
    at_work = Position.objects.current().visible_to(user).filter(customer__in=customers).values("contact")
    points = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, contact__in=at_work)
    points = points.filter(contact__in=Contact.objects.visible_to(user)).select_related("contact")
    people = points.order_by("contact__sort_key", "-is_primary", "pk")[:OFFERED]
    return own + [Option(f"point:{point.pk}", _label(point)) for point in people]


def search(text: str, user: Any, limit: int = 20) -> list[Option]:
    """Return the addresses of the contacts that match ``text``, with their employers."""
    contacts: Any = Contact.objects.visible_to(user).with_current(user).search(text).order_by("sort_key", "pk")[:limit]
    options = []
    for contact in contacts:
        employers = " · ".join(position.customer.name for position in contact.current_positions)
        options += [
            Option(f"point:{point.pk}", f"{contact} <{point.value}>", employers)
            for point in contact.points.all()
            if point.kind == ContactPointKind.EMAIL
        ]
    return options


def values_of(*, contacts: Sequence[str] = (), customers: Sequence[str] = ()) -> list[str]:
    """Return the ids of a URL (``?contact=1&customers=2``) as values, at most one more than a message may have."""
    values = [f"contact:{pk}" for pk in contacts] + [f"customer:{pk}" for pk in customers]
    return [value for value in values if _NAMED.fullmatch(value)][: MAX_RECIPIENTS + 1]
