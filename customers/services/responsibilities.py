"""Services of responsible persons: one owner at a time without a gap, deputies and others, hand-over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import BusinessRuleError
from customers.enums import ResponsibilityRole
from customers.models import Customer, Responsibility
from customers.services.summaries import summaries_refresh
from customers.validators import check_customer_active

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Handover:
    """The numbers of customers changed, unchanged and refused in a hand-over."""

    changed: int
    unchanged: int
    refused: int


def check_person(user: Any, *, field: str = "user") -> None:
    """Raise ``user_inactive`` if the user has been deactivated."""
    if not user.is_active:
        message = _("%(user)s has been deactivated and cannot be a responsible person.") % {"user": user}
        raise BusinessRuleError("user_inactive", message, field=field)


@transaction.atomic
def owner_change(*, customer: Customer, user: Any, day: dt.date | None = None) -> Responsibility:
    """Make ``user`` the owner from ``day`` (default: today) on; the previous owner ends the day before.

    A planned owner who has not started yet is replaced. Raises :class:`BusinessRuleError`: ``user_inactive``,
    ``customer_passive``; ``owner_later`` at ``day`` if another owner has started after ``day``.
    """
    day = day or clock.today()
    check_customer_active(Customer.objects.select_for_update().get(pk=customer.pk))
    later = _owners_started_after(day).filter(customer=customer).order_by("-start").first()
    if later is not None:
        message = _("%(user)s has been the owner since %(day)s. Choose a later date.")
        values = {"user": later.user, "day": date_format(later.start, "SHORT_DATE_FORMAT")}
        raise BusinessRuleError("owner_later", message % values, field="day")
    owners_change(customer_ids=[customer.pk], user=user, day=day)
    return Responsibility.objects.current(day).get(customer=customer, role=ResponsibilityRole.OWNER)


@transaction.atomic
def owners_change(*, customer_ids: Iterable[int], user: Any, day: dt.date | None = None) -> Handover:
    """Make ``user`` the owner of many customers, like :func:`owner_change`, in a few statements.

    Passive customers and those with an owner who started after ``day`` are refused; the others are changed.
    Raises :class:`BusinessRuleError`: ``user_inactive``.
    """
    check_person(user)
    day = day or clock.today()
    requested = set(customer_ids)
    ids = _lock_changeable(requested, day)
    owners = Responsibility.objects.filter(role=ResponsibilityRole.OWNER, customer__in=ids)
    same = set(owners.current(day).filter(user=user, end__isnull=True).values_list("customer", flat=True))
    changed = [pk for pk in ids if pk not in same]
    _replace_owners(owners.filter(customer__in=changed), changed, user, day)
    summaries_refresh(changed)
    return Handover(len(changed), len(same), len(requested) - len(ids))


def _lock_changeable(ids: set[int], day: dt.date) -> list[int]:
    """Lock the active customers without an owner who started after ``day``; return their ids in order."""
    customers = Customer.objects.active().filter(pk__in=ids)
    customers = customers.exclude(pk__in=_owners_started_after(day).filter(customer__in=ids).values("customer"))
    return list(customers.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


def _owners_started_after(day: dt.date) -> Any:
    begun = Responsibility.objects.filter(role=ResponsibilityRole.OWNER, start__gt=day, start__lte=clock.today())
    return begun.select_related("user")


def _replace_owners(owners: Any, customer_ids: list[int], user: Any, day: dt.date) -> None:
    owners.filter(start__gte=day).delete()
    owners.filter(Q(end__isnull=True) | Q(end__gte=day)).update(end=day - ONE_DAY)
    responsibilities = [
        Responsibility(customer_id=pk, user=user, role=ResponsibilityRole.OWNER, start=day) for pk in customer_ids
    ]
    Responsibility.objects.bulk_create(responsibilities, batch_size=2_000)


@transaction.atomic
def customers_hand_over(*, from_user: Any, to_user: Any, day: dt.date | None = None) -> Handover:
    """Hand over all customers that ``from_user`` owns on ``day`` or later to ``to_user``; the history stays.

    Deputies and other responsibilities of ``from_user`` end the day before. Raises :class:`BusinessRuleError`:
    ``user_inactive``, ``same_person`` at ``user``.
    """
    if from_user == to_user:
        raise BusinessRuleError("same_person", _("Choose another person."), field="user")
    day = day or clock.today()
    own = Responsibility.objects.filter(user=from_user).filter(Q(end__isnull=True) | Q(end__gte=day))
    owned = own.filter(role=ResponsibilityRole.OWNER, customer__state="active").values_list("customer", flat=True)
    result = owners_change(customer_ids=list(owned), user=to_user, day=day)
    others = own.exclude(role=ResponsibilityRole.OWNER)
    others.filter(start__gte=day).delete()
    others.update(end=day - ONE_DAY)
    return result


@transaction.atomic
def responsibility_add(*, responsibility: Responsibility) -> Responsibility:
    """Save a new responsibility, an owner by :func:`owner_change`. Raises its errors and ``ValidationError``."""
    check_person(responsibility.user)
    customer = Customer.objects.select_for_update().get(pk=responsibility.customer_id)
    check_customer_active(customer)
    if responsibility.role == ResponsibilityRole.OWNER and responsibility.end is None:
        return owner_change(customer=customer, user=responsibility.user, day=responsibility.start)
    responsibility.full_clean()
    responsibility.save()
    summaries_refresh([customer.pk])
    return responsibility


@transaction.atomic
def responsibility_end(*, responsibility: Responsibility, day: dt.date | None = None) -> None:
    """End a responsibility after ``day`` (default: today); one that would end before its start is removed.

    Ending an owner leaves the customer without one, which the lists show as a fault.
    """
    day = day or clock.today()
    Customer.objects.select_for_update().get(pk=responsibility.customer_id)
    stored = Responsibility.objects.filter(pk=responsibility.pk)
    stored.filter(start__gt=day).delete()
    stored.filter(Q(end__isnull=True) | Q(end__gt=day), start__lte=day).update(end=day)
    summaries_refresh([responsibility.customer_id])
