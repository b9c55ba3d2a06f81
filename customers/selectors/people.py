"""Who may be responsible for customers."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from accounts.querysets import UserQuerySet
from customers.models import Customer
from customers.querysets import CustomerQuerySet

OWNING = ("customers.change_any_customer", "customers.change_own_customer")


def possible_owners() -> UserQuerySet:
    """Return the active users who may edit customers: nobody else can own one."""
    users: Any = User.objects.active().granted(*OWNING)
    return users.order_by("sort_key")


def may_own(user: Any) -> bool:
    """Return whether the user is one of :func:`possible_owners`."""
    return user.is_active and any(user.has_perm(name) for name in OWNING)


def ownerless() -> CustomerQuerySet:
    """Return the active customers without an active owner."""
    customers: CustomerQuerySet = Customer.objects.active().filter(summary__owner__isnull=True)
    return customers
