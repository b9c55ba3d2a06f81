"""Services of responsible persons: one owner at a time without a gap, deputies and others, hand-over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.notifications import notify
from core import clock
from core.exceptions import BusinessRuleError
from core.metrics import customers_touched
from customers.enums import ResponsibilityRole
from customers.models import Customer, Responsibility
from customers.selectors.people import may_own
from customers.services.summaries import summaries_refresh
from customers.validators import check_customer_active

ONE_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Handover:
    """The numbers of customers changed, unchanged and refused in a hand-over, and of plans that stay."""

    changed: int
    unchanged: int
    refused: int
    planned: int = 0


@dataclass(frozen=True)
class Replaced:
    """The customers that a hand-over has changed, those that it left as they were, and those with a plan that stays."""

    changed: list[int]
    unchanged: set[int]
    planned: set[int]


def check_person(user: Any, *, field: str = "user") -> None:
    """Raise ``user_inactive`` if the user has been deactivated."""
    if not user.is_active:
        message = _("%(user)s has been deactivated and cannot be a responsible person.") % {"user": user}
        raise BusinessRuleError("user_inactive", message, field=field)


def check_owner(user: Any, *, field: str = "user") -> None:
    """Raise ``user_inactive``, or ``may_not_own`` if the user may not edit customers."""
    check_person(user, field=field)
    if not may_own(user):
        message = _("%(user)s may not edit customers and cannot be responsible for one.") % {"user": user}
        raise BusinessRuleError("may_not_own", message, field=field)


def owner_now(customer: Customer) -> int | None:
    """Return the id of the present owner."""
    owners = Responsibility.objects.current().filter(customer=customer, role=ResponsibilityRole.OWNER)
    return owners.values_list("user", flat=True).first()


def planned_owner(customer: Customer) -> Responsibility | None:
    """Return the next owner, who has not started yet."""
    return _planned([customer.pk]).first()


def planned_text(planned: Responsibility) -> str:
    """Return a planned hand-over as a sentence."""
    values = {"user": planned.user, "day": date_format(planned.start, "SHORT_DATE_FORMAT")}
    return _("%(user)s is to become the owner on %(day)s.") % values


def _planned(customer_ids: Iterable[int]) -> Any:
    rows = Responsibility.objects.filter(role=ResponsibilityRole.OWNER, customer__in=customer_ids)
    return rows.filter(start__gt=clock.today()).select_related("user").order_by("start")


@transaction.atomic
def owner_change(
    *, customer: Customer, user: Any, day: dt.date | None = None, drop_planned: bool = False, by: Any = None
) -> Responsibility:
    """Make ``user`` the owner from ``day`` (default: today) on; the previous owner ends the day before.

    A planned owner, who was to start on ``day`` or later, is dropped only with ``drop_planned``; that person and the
    present owner are notified, except ``by``. Raises :class:`BusinessRuleError`: ``user_inactive``, ``may_not_own``,
    ``customer_passive``; ``owner_later`` at ``day`` if another owner has started after ``day``; ``handover_planned``.
    """
    check_owner(user)
    day = day or clock.today()
    check_customer_active(Customer.objects.select_for_update().get(pk=customer.pk))
    later = owners_started_after(day).filter(customer=customer).order_by("-start").first()
    if later is not None:
        message = _("%(user)s has been the owner since %(day)s. Choose a later date.")
        values = {"user": later.user, "day": date_format(later.start, "SHORT_DATE_FORMAT")}
        raise BusinessRuleError("owner_later", message % values, field="day")
    planned = list(_planned([customer.pk]).filter(start__gte=day).exclude(user=user, start=day))
    if planned and not drop_planned:
        text = _("Confirm that the planned hand-over is cancelled.")
        raise BusinessRuleError("handover_planned", f"{planned_text(planned[0])} {text}", field="drop_planned")
    before = Responsibility.objects.current().filter(customer=customer, role=ResponsibilityRole.OWNER).first()
    owners_change(customer_ids=[customer.pk], user=user, day=day, keep_planned=False)
    for row in planned:
        _notify_dropped(customer, row, before, by)
    return Responsibility.objects.current(day).get(customer=customer, role=ResponsibilityRole.OWNER)


@transaction.atomic
def owners_change(
    *, customer_ids: Iterable[int], user: Any, day: dt.date | None = None, keep_planned: bool = True
) -> Handover:
    """Make ``user`` the owner of many customers, like :func:`owner_change`, in a few statements.

    Passive customers and those with an owner who started after ``day`` are refused; the others are changed. Where a
    hand-over after ``day`` is planned, ``user`` is the owner until then; one that is planned for ``day`` is refused.
    Raises :class:`BusinessRuleError`: ``user_inactive``, ``may_not_own``.
    """
    check_owner(user)
    day = day or clock.today()
    requested = set(customer_ids)
    done = owners_replace(requested, user, day, keep_planned=keep_planned)
    refused = len(requested) - len(done.changed) - len(done.unchanged)
    return Handover(len(done.changed), len(done.unchanged), refused, len(done.planned))


def owners_replace(customer_ids: set[int], user: Any, day: dt.date, *, keep_planned: bool = True) -> Replaced:
    """Do what :func:`owners_change` does, inside its transaction; return which customers it changed."""
    ids = _lock_changeable(customer_ids, day)
    planned = _planned_starts(ids, day) if keep_planned else {}
    ids = [pk for pk in ids if planned.get(pk) != day]
    owners = Responsibility.objects.filter(role=ResponsibilityRole.OWNER, customer__in=ids)
    own = dict(owners.current(day).filter(user=user).values_list("customer", "end"))
    same = {pk for pk, end in own.items() if end == _last_day(planned.get(pk))}
    changed = [pk for pk in ids if pk not in same]
    _replace_owners(owners.filter(customer__in=changed), changed, user, day, planned)
    summaries_refresh(changed)
    return Replaced(changed, same, planned.keys() & set(changed))


def _planned_starts(customer_ids: Iterable[int], day: dt.date) -> dict[int, dt.date]:
    """Return the start of each customer's next owner who is planned for ``day`` or later."""
    rows = _planned(customer_ids).filter(start__gte=day).order_by("-start")
    return dict(rows.values_list("customer", "start"))  # the last one of a customer is its first


def _last_day(next_start: dt.date | None) -> dt.date | None:
    return next_start - ONE_DAY if next_start else None


def _lock_changeable(ids: set[int], day: dt.date) -> list[int]:
    """Lock the active customers without an owner who started after ``day``; return their ids in order."""
    customers = Customer.objects.active().filter(pk__in=ids)
    customers = customers.exclude(pk__in=owners_started_after(day).filter(customer__in=ids).values("customer"))
    return list(customers.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


def owners_started_after(day: dt.date) -> Any:
    begun = Responsibility.objects.filter(role=ResponsibilityRole.OWNER, start__gt=day, start__lte=clock.today())
    return begun.select_related("user")


def _replace_owners(
    owners: Any, customer_ids: list[int], user: Any, day: dt.date, planned: Mapping[int, dt.date]
) -> None:
    """Replace the owners from ``day`` on, except those from the starts in ``planned`` on."""
    kept = Q(customer__in=planned, start__gt=clock.today(), start__gte=day)
    owners.filter(start__gte=day).exclude(kept).delete()
    owners.filter(Q(end__isnull=True) | Q(end__gte=day), start__lt=day).update(end=day - ONE_DAY)
    responsibilities = [
        Responsibility(
            customer_id=pk,
            user=user,
            role=ResponsibilityRole.OWNER,
            start=day,
            end=_last_day(planned.get(pk)),
        )
        for pk in customer_ids
    ]
    Responsibility.objects.bulk_create(responsibilities, batch_size=2_000)


def _notify_dropped(customer: Customer, planned: Responsibility, before: Responsibility | None, by: Any) -> None:
    """Notify the person who was to become the owner, and the present owner, that it will not happen."""
    people = {planned.user, *([before.user] if before else [])} - {by}
    values = {"customer": customer.name, "user": str(planned.user), "day": planned.start.isoformat()}
    notify(users=people, kind="handover_dropped", url=customer.get_absolute_url(), **values)


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
    check_owner(to_user)
    customers_touched(own.order_by().values_list("customer", flat=True).distinct())
    as_owner = own.filter(role=ResponsibilityRole.OWNER, customer__state="active")
    as_owner.filter(start__gt=day).update(user=to_user)  # what is planned stays planned, for the new person
    owned = as_owner.filter(start__lte=day).values_list("customer", flat=True)
    result = owners_change(customer_ids=list(owned), user=to_user, day=day)
    others = own.exclude(role=ResponsibilityRole.OWNER)
    others.filter(start__gte=day).delete()
    others.update(end=day - ONE_DAY)
    return result


@transaction.atomic
def responsibility_add(*, responsibility: Responsibility) -> Responsibility:
    """Save a new responsibility, an owner by :func:`owner_change`. Raises its errors and ``ValidationError``."""
    check = check_owner if responsibility.role == ResponsibilityRole.OWNER else check_person
    check(responsibility.user)
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
