"""Services of addresses and numbers in other systems, which replace the whole set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.services import lock
from customers.models import Address, Customer, CustomerNumber
from customers.services.summaries import summaries_refresh
from customers.validators import check_customer_active


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
    filled = {row["kind"]: row for row in wanted if any(value for name, value in row.items() if name != "kind")}
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
    for row in customer.numbers.all():
        if (row.system, row.number) in wanted:
            wanted.discard((row.system, row.number))
        else:
            row.delete()
    for system, number in sorted(wanted):
        row = CustomerNumber(customer=customer, system=system, number=number)
        row.full_clean(exclude=["customer"])
        row.save()
    summaries_refresh([customer.pk])
