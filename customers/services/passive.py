"""Services that deactivate and activate customers (rule 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock, versioned_save
from customers.enums import CUSTOMER_TRANSITIONS, CustomerState, PassiveReason
from customers.models import Contact, Customer, Position


@transaction.atomic
def customer_set_passive(*, customer: Customer, reason: str, note: str = "", day: dt.date | None = None) -> Customer:
    """Make a customer passive: it appears in no list or search and accepts no new work; existing records stay.

    Contacts who work only for passive customers are hidden. Raises :class:`BusinessRuleError`: ``transition``;
    ``reason_unknown`` at ``reason``; ``note_missing`` at ``note``; ``day_future`` at ``day``.
    """
    customer = _set_state(customer, CustomerState.PASSIVE)
    if reason not in PassiveReason.values:
        raise BusinessRuleError("reason_unknown", _("Choose a reason."), field="reason")
    if reason == PassiveReason.OTHER and not note.strip():
        raise BusinessRuleError("note_missing", _("Explain the reason."), field="note")
    day = day or clock.today()
    if day > clock.today():
        raise BusinessRuleError("day_future", _("The date is in the future."), field="day")
    customer.passive_reason, customer.passive_note, customer.passive_since = reason, note.strip(), day
    return _save(customer)


@transaction.atomic
def customer_set_active(*, customer: Customer) -> Customer:
    """Make a passive customer active again and show its contacts. Raises :class:`BusinessRuleError`: ``transition``."""
    customer = _set_state(customer, CustomerState.ACTIVE)
    customer.passive_reason, customer.passive_note, customer.passive_since = "", "", None
    return _save(customer)


def _set_state(customer: Customer, state: CustomerState) -> Customer:
    customer = lock(customer)
    if state not in CUSTOMER_TRANSITIONS[CustomerState(customer.state)]:
        message = _("The customer is already %(state)s.") % {"state": customer.get_state_display()}
        raise BusinessRuleError("transition", message)
    customer.state = state
    return customer


def _save(customer: Customer) -> Customer:
    versioned_save(customer)
    contacts_hidden_refresh(Position.objects.filter(customer=customer).values_list("contact", flat=True))
    return customer


def contacts_hidden_refresh(contact_ids: Iterable[int]) -> None:
    """Hide the contacts with only passive customers; show those with an active customer or none at all."""
    positions = Position.objects.filter(contact=OuterRef("pk"))
    all_passive = Exists(positions) & ~Exists(positions.filter(customer__state=CustomerState.ACTIVE))
    contacts = Contact.objects.filter(pk__in=list(contact_ids))
    contacts.filter(Q(all_passive), is_hidden=False).update(is_hidden=True)
    contacts.filter(~Q(all_passive), is_hidden=True).update(is_hidden=False)
