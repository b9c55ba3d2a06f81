"""Services of customers: add, change, deactivate, activate (rule 2); their addresses and numbers elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import BusinessRuleError
from core.metrics import customers_touched
from core.segments import customers_added, customers_left, customers_returned, segment_set
from core.services import lock, versioned_save
from customers.enums import CUSTOMER_TRANSITIONS, CustomerState, PassiveReason, ResponsibilityRole
from customers.models import (
    Address,
    ClassificationBranch,
    ClassificationNode,
    Contact,
    Customer,
    CustomerNumber,
    Position,
    Responsibility,
)
from customers.services.assignments import classifications_set
from customers.services.responsibilities import check_owner
from customers.services.summaries import summaries_refresh
from customers.validators import check_customer_active

#: Changes of parents take turns: two at once could form a loop that neither detects.
_PARENT_LOCK = 0x706F7274


@transaction.atomic
def customer_create(
    *, customer: Customer, user: Any, owner: Any = None, nodes: Iterable[ClassificationNode] = (), segment: Any = None
) -> Customer:
    """Save a new customer with its owner from today, its classes and its segment (else the default one).

    Required branches must be among ``nodes``.

    ``user`` None means the program itself (an import), which may assign every class and omit required ones.
    Raises ``ValidationError`` for the fields and :class:`BusinessRuleError`: ``parent_passive``, ``user_inactive``,
    ``may_not_own``, those of :func:`classifications_set`.
    """
    _check_parent(customer)
    if owner is not None:
        check_owner(owner, field="owner")
    customer.full_clean()
    customer.save()
    if owner is not None:
        Responsibility.objects.create(customer=customer, user=owner, role=ResponsibilityRole.OWNER, start=clock.today())
    _classify(customer, list(nodes), user)
    summaries_refresh([customer.pk])
    if segment is not None:
        segment_set(customer=customer, segment=segment, user=user)
    customers_added([customer.pk])
    return customer


@transaction.atomic
def customer_change(*, customer: Customer) -> Customer:
    """Save a changed customer with the next version and refresh its summary.

    The caller has locked the row and compared the versions. Raises ``ValidationError`` for the fields and
    :class:`BusinessRuleError`: ``customer_passive``; at ``parent``: ``parent_loop``, ``parent_passive``.
    """
    check_customer_active(customer)
    before = Customer.objects.values_list("parent", flat=True).get(pk=customer.pk)
    if customer.parent_id != before:
        _check_parent(customer)
    customer.full_clean()
    versioned_save(customer)
    summaries_refresh([customer.pk])
    return customer


def _classify(customer: Customer, nodes: list[ClassificationNode], user: Any) -> None:
    branches = {node.branch for node in nodes}
    if user is not None:
        branches |= set(ClassificationBranch.objects.filter(is_required=True).exclude(target="contacts"))
    for branch in sorted(branches, key=lambda branch: branch.order):
        chosen = [node for node in nodes if node.branch_id == branch.pk]
        classifications_set(target=customer, branch=branch, nodes=chosen, user=user)


def _check_parent(customer: Customer) -> None:
    if customer.parent is None:
        return
    if customer.parent.is_passive:
        raise BusinessRuleError("parent_passive", _("The parent organisation is inactive."), field="parent")
    if customer.pk and _is_above(customer.pk, customer.parent.pk):
        message = _("%(parent)s already belongs to %(customer)s: a group of companies cannot form a loop.")
        names = {"parent": customer.parent, "customer": customer}
        raise BusinessRuleError("parent_loop", message % names, field="parent")


def _is_above(customer_id: int, other_id: int) -> bool:
    """Return whether the customer is ``other`` itself or one of its ancestors."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PARENT_LOCK])
        cursor.execute(
            "WITH RECURSIVE above(id, parent_id) AS ("
            " SELECT id, parent_id FROM customers_customer WHERE id = %s"
            " UNION SELECT c.id, c.parent_id FROM customers_customer c JOIN above a ON c.id = a.parent_id"
            ") SELECT EXISTS (SELECT 1 FROM above WHERE id = %s)",
            [other_id, customer_id],
        )
        [is_above] = cursor.fetchone()
    return bool(is_above)


@transaction.atomic
def customer_set_passive(*, customer: Customer, reason: str, note: str = "", day: dt.date | None = None) -> Customer:
    """Make a customer passive: it appears in no list or search and accepts no new work; existing records stay.

    Its segments end, and contacts who work only for passive customers are hidden. Raises :class:`BusinessRuleError`:
    ``transition``;    ``reason_unknown`` at ``reason``; ``note_missing`` at ``note``; ``day_future`` at ``day``.
    """
    customer = _change_state(customer, CustomerState.PASSIVE)
    if reason not in PassiveReason.values:
        raise BusinessRuleError("reason_unknown", _("Choose a reason."), field="reason")
    if reason == PassiveReason.OTHER and not note.strip():
        raise BusinessRuleError("note_missing", _("Explain the reason."), field="note")
    day = day or clock.today()
    if day > clock.today():
        raise BusinessRuleError("day_future", _("The date is in the future."), field="day")
    customer.passive_reason, customer.passive_note, customer.passive_since = reason, note.strip(), day
    customers_left([customer.pk])
    return _save_with_contacts(customer)


@transaction.atomic
def customer_set_active(*, customer: Customer) -> Customer:
    """Make a passive customer active again and show its contacts.

    Its segments continue on the day on which it was made passive; later it comes back without one.
    Raises :class:`BusinessRuleError` ``transition``.
    """
    customer = _change_state(customer, CustomerState.ACTIVE)
    customer.passive_reason, customer.passive_note, customer.passive_since = "", "", None
    customers_returned([customer.pk], clock.beginning_of(clock.today()))
    return _save_with_contacts(customer)


def _change_state(customer: Customer, state: CustomerState) -> Customer:
    customer = lock(customer)
    if state not in CUSTOMER_TRANSITIONS[CustomerState(customer.state)]:
        message = _("The customer is already %(state)s.") % {"state": customer.get_state_display()}
        raise BusinessRuleError("transition", message)
    customer.state = state
    return customer


def _save_with_contacts(customer: Customer) -> Customer:
    versioned_save(customer)
    customers_touched([customer.pk])
    contacts_hidden_refresh(Position.objects.filter(customer=customer).values_list("contact", flat=True))
    return customer


def contacts_hidden_refresh(contact_ids: Iterable[int]) -> None:
    """Hide the contacts with only passive customers; show those with an active customer or none at all."""
    positions = Position.objects.filter(contact=OuterRef("pk"))
    all_passive = Exists(positions) & ~Exists(positions.filter(customer__state=CustomerState.ACTIVE))
    contacts = Contact.objects.filter(pk__in=list(contact_ids))
    contacts.filter(Q(all_passive), is_hidden=False).update(is_hidden=True)
    contacts.filter(~Q(all_passive), is_hidden=True).update(is_hidden=False)


@transaction.atomic
def addresses_set(*, customer: Customer, addresses: Iterable[Mapping[str, str]]) -> None:
    """Set the customer's addresses (kind, street, postal_code, city, country), one of each kind.

    An address without any text is removed. Raises ``ValidationError``, :class:`BusinessRuleError` ``customer_passive``.
    """
    customer = lock(customer)
    check_customer_active(customer)
    wanted = [dict(address) for address in addresses]
    kinds = [address["kind"] for address in wanted]
    if len(set(kinds)) < len(kinds):
        raise ValidationError({"addresses": _("Enter each type of address only once.")})
    filled = {
        address["kind"]: address
        for address in wanted
        if any(value for name, value in address.items() if name != "kind")
    }
    existing = {address.kind: address for address in customer.addresses.all()}
    customer.addresses.exclude(kind__in=filled).delete()
    for kind, values in filled.items():
        _save_changed(existing.get(kind) or Address(customer=customer, kind=kind), values)
    summaries_refresh([customer.pk])


def _save_changed(address: Any, values: Mapping[str, str]) -> None:
    changed = {name: value for name, value in values.items() if getattr(address, name) != value}
    if address.pk and not changed:
        return
    for name, value in changed.items():
        setattr(address, name, value)
    address.full_clean(exclude=["customer"])
    address.save()


@transaction.atomic
def numbers_set(*, customer: Customer, numbers: Iterable[tuple[str, str]]) -> None:
    """Set the customer's numbers in other systems to pairs of (system, number).

    Raises ``ValidationError`` if another customer has one of them, :class:`BusinessRuleError` ``customer_passive``.
    """
    customer = lock(customer)
    check_customer_active(customer)
    wanted = {(system.strip(), number.strip()) for system, number in numbers}
    for existing in customer.numbers.all():
        if (existing.system, existing.number) in wanted:
            wanted.discard((existing.system, existing.number))
        else:
            existing.delete()
    for system, number in sorted(wanted):
        added = CustomerNumber(customer=customer, system=system, number=number)
        added.full_clean(exclude=["customer"])
        added.save()
    summaries_refresh([customer.pk])
