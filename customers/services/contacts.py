"""Services of contacts: persons, phones and e-mails, positions, marketing consents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import BusinessRuleError
from core.metrics import customers_touched
from core.services import lock, versioned_save
from customers.enums import CONSENT_CHANNELS, BranchPurpose
from customers.models import ClassificationNode, Consent, Contact, ContactPoint, Customer, Position
from customers.services.customers import contacts_hidden_refresh
from customers.validators import check_customer_active, clean_point


@dataclass(frozen=True)
class Point:
    """A phone number or an e-mail address as entered; the kind follows from the value."""

    value: str
    label: str = ""
    is_primary: bool = False


@transaction.atomic
def contact_create(
    *, contact: Contact, points: Sequence[Point] = (), position: dict[str, Any] | None = None
) -> Contact:
    """Save a new contact with phones, e-mails and a first position.

    Raises ``ValidationError`` and :class:`BusinessRuleError` as :func:`points_set` and :func:`position_add`.
    """
    contact.full_clean()
    versioned_save(contact)
    points_set(contact=contact, points=points)
    if position and position.get("customer"):
        position_add(contact=contact, **position)
    return contact


@transaction.atomic
def contact_change(*, contact: Contact, points: Sequence[Point] | None = None) -> Contact:
    """Save a changed contact with the next version and set its phones and e-mails unless ``points`` is None."""
    contact.full_clean()
    versioned_save(contact)
    if points is not None:
        points_set(contact=contact, points=points)
    return contact


@transaction.atomic
def points_set(*, contact: Contact, points: Iterable[Point]) -> None:
    """Set the contact's phones and e-mails, cleaned, without duplicates, one of each kind primary.

    Raises ``ValidationError`` if a value is neither.
    """
    lock(contact)
    wanted = _cleaned(points)
    existing = {(stored.kind, stored.value): stored for stored in contact.points.all()}
    contact.points.filter(pk__in=[stored.pk for key, stored in existing.items() if key not in wanted]).delete()
    # Only one of a kind is primary: the old primary is written before the new one.
    for (kind, value), point in sorted(wanted.items(), key=lambda item: item[1].is_primary):
        stored = existing.get((kind, value)) or ContactPoint(contact=contact, kind=kind, value=value)
        if stored.pk and (stored.label, stored.is_primary) == (point.label, point.is_primary):
            continue
        stored.label, stored.is_primary = point.label, point.is_primary
        stored.full_clean()
        stored.save()


def points_with_primary(contact: Contact, kind: str, value: str) -> list[Point]:
    """Return the contact's points with ``value`` as the primary one of its kind; an empty one removes that."""
    points, is_replaced = [], False
    for stored in contact.points.all():
        text = stored.value
        if stored.kind == kind and not is_replaced:  # the primary one is the first of its kind
            text, is_replaced = value, True
        if text:
            points.append(Point(text, stored.label, stored.is_primary))
    return points if is_replaced or not value else [*points, Point(value, is_primary=True)]


def _cleaned(points: Iterable[Point]) -> dict[tuple[str, str], Point]:
    wanted: dict[tuple[str, str], Point] = {}
    for point in points:
        wanted.setdefault(clean_point(point.value), point)
    first: dict[str, tuple[str, str]] = {}
    for key, _point in sorted(wanted.items(), key=lambda item: not item[1].is_primary):
        first.setdefault(key[0], key)
    return {key: Point(key[1], point.label, first[key[0]] == key) for key, point in wanted.items()}


@transaction.atomic
def position_add(
    *,
    contact: Contact,
    customer: Customer,
    title: str = "",
    role: ClassificationNode | None = None,
    area: str = "",
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> Position:
    """Add a position of the contact at a customer.

    Raises :class:`BusinessRuleError`: ``customer_passive``, ``wrong_role``, ``role_retired``; ``ValidationError``
    if the dates are wrong or the contact already works there.
    """
    lock(contact)
    check_customer_active(
        lock(customer), _("The customer is inactive: no new contacts can be added."), field="customer"
    )
    _check_role(role)
    position = Position(contact=contact, customer=customer, title=title, role=role, area=area, start=start, end=end)
    return _position_save(position)


@transaction.atomic
def position_change(*, position: Position, **fields: Any) -> Position:
    """Change title, role, area or dates of a position; contact and customer stay.

    Raises :class:`BusinessRuleError`: ``customer_passive``, ``wrong_role``, ``role_retired``; ``ValidationError`` as
    :func:`position_add`.
    """
    lock(position.contact)
    stored = Position.objects.select_for_update(of=("self",)).select_related("customer").get(pk=position.pk)
    check_customer_active(stored.customer)
    role = fields.get("role", stored.role)
    if role and role.pk != stored.role_id:
        _check_role(role)
    for name in {"title", "role", "area", "start", "end"} & fields.keys():
        setattr(stored, name, fields[name])
    return _position_save(stored)


def position_end(*, position: Position, end: dt.date) -> Position:
    """End a position on a day; the history stays. Raises as :func:`position_change`."""
    return position_change(position=position, end=end)


def _position_save(position: Position) -> Position:
    """Save the position with the contact's next version (its page shows it) and refresh its visibility."""
    position.full_clean()
    position.save()
    customers_touched([position.customer_id])
    contact = Contact.objects.get(pk=position.contact_id)
    versioned_save(contact)
    contacts_hidden_refresh([contact.pk])
    return position


def _check_role(role: ClassificationNode | None) -> None:
    if role is None:
        return
    if role.branch.purpose != BranchPurpose.CONTACT_ROLE:
        raise BusinessRuleError("wrong_role", _("Choose a role from the contact roles."), field="role")
    if role.is_retired:
        raise BusinessRuleError("role_retired", _("The role “%(role)s” is retired.") % {"role": role}, field="role")


@transaction.atomic
def consent_record(
    *, contact: Contact, channel: str, is_given: bool, source: str, given_on: dt.date | None = None, user: Any = None
) -> Consent:
    """Record a yes or no to marketing through a channel. Earlier answers stay; the newest one applies.

    Raises :class:`BusinessRuleError`: ``future_consent`` at ``given_on``, ``source_missing`` at ``source``;
    ``ValidationError`` for a channel that needs no consent.
    """
    given_on = given_on or clock.today()
    if given_on > clock.today():
        raise BusinessRuleError("future_consent", _("A consent cannot be given in the future."), field="given_on")
    if not source.strip():
        raise BusinessRuleError(
            "source_missing", _("Enter the source: a form, a phone call or an e-mail."), field="source"
        )
    if channel not in CONSENT_CHANNELS:
        raise ValidationError({"channel": _("Marketing through this channel needs no consent.")})
    consent = Consent(
        contact=lock(contact), channel=channel, is_given=is_given, given_on=given_on, source=source, recorded_by=user
    )
    consent.full_clean(exclude=["recorded_by"])
    consent.save()
    return consent
