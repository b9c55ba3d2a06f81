"""Recipients as forms and the API name them: ``contact:12``, ``point:34`` (one of a contact's addresses),
``customer:56`` (the customer's own address) or addresses as people type them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
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
    """A line of the menu of recipients."""

    value: str
    text: str
    detail: str = ""


def resolve(values: Iterable[str], kind: RecipientKind, user: Any) -> list[Recipient]:
    """Return whom ``values`` name, in their order. Costs a constant number of queries.

    Raises ``ValidationError`` for what is no address, for rows that the user does not see, and for those who have no
    address (code ``no_address``, with their names).
    """
    texts = [value.replace("\x00", "").strip() for value in values]
    rows = _rows(texts, user)
    found: list[Recipient] = []
    problems: list[ValidationError] = []
    for text in filter(None, texts):
        try:
            found += _recipients(text, rows, kind)
        except ValidationError as error:
            problems.append(error)
    if problems:
        raise ValidationError(problems)
    return found


def resolve_known(values: Iterable[str], user: Any) -> list[Recipient]:
    """Return those whom ``values`` name rightly; the rest is left out."""
    rows = _rows(list(values), user)
    found = []
    for value in values:
        try:
            found += _recipients(value.strip(), rows, RecipientKind.TO)
        except ValidationError:
            continue
    return found


def _recipients(text: str, rows: dict[str, Any], kind: RecipientKind) -> list[Recipient]:
    if not _NAMED.fullmatch(text):
        if len(text) > TYPED_LENGTH:
            raise ValidationError(_("Too many addresses at once."), code="too_long")
        return [Recipient(kind, box.address, box.name) for box in addresses.parse(text)]
    row = rows.get(text)
    if row is None:
        raise ValidationError(_("Choose recipients from the list."), code="unknown")
    if isinstance(row, Customer):
        return [Recipient(kind, _address(row, row.email), row.name, customer=row)]
    contact = row.contact if isinstance(row, ContactPoint) else row
    address = row.value if isinstance(row, ContactPoint) else _address(contact, first_address(contact))
    return [Recipient(kind, address, addresses.clean_name(str(contact)), contact=contact)]


def _address(row: Any, address: str) -> str:
    if not address:
        raise ValidationError(_("%(name)s has no e-mail address.") % {"name": row}, code="no_address")
    return address


def first_address(contact: Contact) -> str:
    """Return the address to use first of a contact whose points have been read."""
    return next((point.value for point in contact.points.all() if point.kind == ContactPointKind.EMAIL), "")


def _rows(values: Sequence[str], user: Any) -> dict[str, Any]:
    ids: dict[str, set[int]] = {"contact": set(), "point": set(), "customer": set()}
    for value in values:
        if named := _NAMED.fullmatch(value):
            ids[named[1]].add(int(named[2]))
    return {
        f"{kind}:{row.pk}": row
        for kind, rows in _querysets(user).items()
        if ids[kind]
        for row in rows.filter(pk__in=ids[kind])
    }


def _querysets(user: Any) -> dict[str, QuerySet[Any]]:
    seen = Contact.objects.visible_to(user)
    points = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, contact__in=seen).select_related("contact")
    customers = Customer.objects.visible_to(user).select_related("summary__owner")
    return {"contact": seen.prefetch_related("points"), "point": points, "customer": customers}


def labels(values: Sequence[str], user: Any) -> dict[str, str]:
    """Return what is shown for each value; what names nothing is shown as it was typed."""
    rows = _rows(values, user)
    return {value: _label(rows[value]) if value in rows else value for value in values}


def _label(row: Any) -> str:
    if isinstance(row, Customer):
        return f"{row.name} <{row.email}>" if row.email else row.name
    contact = row.contact if isinstance(row, ContactPoint) else row
    address = row.value if isinstance(row, ContactPoint) else first_address(contact)
    return f"{contact} <{address}>" if address else str(contact)


def offered(customers: Sequence[Customer], user: Any) -> list[Option]:
    """Return the addresses of the customers and of those who work for them now."""
    own = [Option(f"customer:{row.pk}", f"{row.name} <{row.email}>") for row in customers if row.email]
    at_work = Position.objects.current().visible_to(user).filter(customer__in=customers).values("contact")
    points = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, contact__in=at_work)
    points = points.filter(contact__in=Contact.objects.visible_to(user)).select_related("contact")
    people = points.order_by("contact__sort_key", "-is_primary", "pk")[:OFFERED]
    return own + [Option(f"point:{row.pk}", _label(row)) for row in people]


def search(text: str, user: Any, limit: int = 20) -> list[Option]:
    """Return addresses of the contacts that ``text`` means, with their employers."""
    contacts: Any = Contact.objects.visible_to(user).with_current(user).search(text).order_by("sort_key", "pk")[:limit]
    found = []
    for contact in contacts:
        works = " · ".join(position.customer.name for position in contact.current_positions)
        found += [
            Option(f"point:{point.pk}", f"{contact} <{point.value}>", works)
            for point in contact.points.all()
            if point.kind == ContactPointKind.EMAIL
        ]
    return found


def named(*, contacts: Sequence[str] = (), customers: Sequence[str] = ()) -> list[str]:
    """Return ids of an address (``?contact=1&customers=2``) as values, at most one more than a message may go to."""
    values = [f"contact:{pk}" for pk in contacts] + [f"customer:{pk}" for pk in customers]
    return [value for value in values if _NAMED.fullmatch(value)][: MAX_RECIPIENTS + 1]
