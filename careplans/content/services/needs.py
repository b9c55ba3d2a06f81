"""Services of development needs: add, share among customers, join, decline with the reason, turn into lead or offer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log.models import Activity, ActivityType
from activities.log.services.activities import activity_log
from careplans.content.enums import NEED_TRANSITIONS, NeedStatus
from careplans.content.models import Need, NeedCustomer, NeedStatusChange
from careplans.plans.services.approvals import check_active
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock, versioned_save
from core.status import StatusMachine, check_reason
from customers.models import Customer
from offers.offers.models import Offer


class NeedMachine(StatusMachine[Need]):
    """The status of a need; only it writes statuses."""

    transitions = NEED_TRANSITIONS
    history = NeedStatusChange
    owner = "need"
    refusal_field = None

    def refusal(self, row: Need, status: Any) -> str:
        labels = {"status": row.get_status_display(), "next": NeedStatus(status).label}
        return _("A need with the status “%(status)s” cannot become “%(next)s”.") % labels


NEED_STATUS = NeedMachine()


@transaction.atomic
def need_add(*, need: Need, customer: Customer, user: User, noticed_on: dt.date | None = None) -> Need:
    """Add a need of a customer that a form has filled in. Raises ``customer_passive``, ``future_day``."""
    day = _noticed(customer, noticed_on)
    need.created_by = user
    need.save()
    NEED_STATUS.begin(need, user=user)
    NeedCustomer.objects.create(need=need, customer=customer, noticed_on=day)
    return need


@transaction.atomic
def need_change(*, need: Need, seen: int | None = None) -> Need:
    """Save a need that a form has changed. Raises ``need_closed``, ``stale_version``."""
    _to_change(need, seen)
    return versioned_save(need)


@transaction.atomic
def need_share(
    *, need: Need, customer: Customer, noticed_on: dt.date | None = None, seen: int | None = None
) -> NeedCustomer:
    """Note that another customer has the need too: the need has changed with it.

    Raises ``has_it``, ``need_closed``, ``customer_passive``, ``stale_version``.
    """
    locked, day = _to_change(need, seen), _noticed(customer, noticed_on)
    if locked.customers.filter(customer=customer).exists():
        raise BusinessRuleError("has_it", _("The customer has this need already."), field="customer")
    row = NeedCustomer.objects.create(need=locked, customer=customer, noticed_on=day)
    versioned_save(locked)
    return row


@transaction.atomic
def need_unshare(*, row: NeedCustomer) -> None:
    """Note that a customer does not have the need, which has changed with it.

    Raises ``last_customer``, ``need_closed``.
    """
    locked = _to_change(row.need)
    if locked.customers.count() == 1:
        text = _("It is the only customer with this need: decline the need instead.")
        raise BusinessRuleError("last_customer", text)
    row.delete()
    versioned_save(locked)


@transaction.atomic
def need_decline(*, need: Need, user: User, reason: str, seen: int | None = None) -> Need:
    """Decline a need; it is kept with the reason. Raises ``status_not_allowed``, ``reason_required``."""
    locked, reason = lock(need), check_reason(reason)
    check_version(locked, seen)
    NEED_STATUS.check(locked, NeedStatus.DECLINED)
    locked.reason = reason
    return NEED_STATUS.write(locked, NeedStatus.DECLINED, user=user, reason=reason)


@transaction.atomic
def need_reopen(*, need: Need, user: User, reason: str) -> Need:
    """Take a declined need up again, with what has changed. Raises ``status_not_allowed``, ``reason_required``."""
    locked, reason = lock(need), check_reason(reason)
    return NEED_STATUS.write(locked, NeedStatus.OPEN, user=user, reason=reason)


@transaction.atomic
def need_join(*, need: Need, into: Need, user: User) -> Need:
    """Join a need to another one, which gets its customers. Raises ``same_need``, ``need_closed``."""
    if need.pk == into.pk:
        raise BusinessRuleError("same_need", _("Choose another need."), field="into")
    first, second = sorted((need, into), key=lambda one: one.pk)
    locked = {one.pk: _to_change(one) for one in (first, second)}
    joined, kept = locked[need.pk], locked[into.pk]
    has = set(kept.customers.values_list("customer", flat=True))
    for row in joined.customers.exclude(customer__in=has):
        NeedCustomer.objects.create(need=kept, customer_id=row.customer_id, noticed_on=row.noticed_on)
    versioned_save(kept)
    joined.joined_to = kept
    NEED_STATUS.write(joined, NeedStatus.JOINED, user=user)
    return kept


@transaction.atomic
def need_to_lead(*, need: Need, customer: Customer, user: User) -> Activity:
    """Make a lead of a need of a customer. Raises ``status_not_allowed``, ``not_its_customer``; as ``activity_log``."""
    locked = lock(need)
    NEED_STATUS.check(locked, NeedStatus.LEAD)
    _check_customer(locked, customer, "customer")
    kind = ActivityType.objects.filter(details="lead", retired_at__isnull=True).order_by("order", "pk").first()
    if kind is None:
        raise BusinessRuleError("no_lead_type", _("There is no activity type for leads in use."))
    lead = activity_log(user=user, type=kind, customer=customer, title=locked.name, goal=locked.impact[:500])
    locked.lead = lead
    NEED_STATUS.write(locked, NeedStatus.LEAD, user=user)
    return lead


@transaction.atomic
def need_to_offer(*, need: Need, offer: Offer, user: User) -> Need:
    """Note which offer has come of a need. Raises ``status_not_allowed``, ``not_its_customer``."""
    locked = lock(need)
    NEED_STATUS.check(locked, NeedStatus.OFFER)
    _check_customer(locked, offer.customer, "offer")
    locked.offer = offer
    return NEED_STATUS.write(locked, NeedStatus.OFFER, user=user)


def _check_customer(need: Need, customer: Customer, field: str) -> None:
    if not need.customers.filter(customer=customer).exists():
        text = _("Choose one of the customers that have the need.")
        raise BusinessRuleError("not_its_customer", text, field=field)


def _to_change(need: Need, seen: int | None = None) -> Need:
    locked = lock(need)
    check_version(locked, seen)
    if not locked.is_kept:
        text = _("The need is closed: %(status)s.") % {"status": locked.get_status_display()}
        raise BusinessRuleError("need_closed", text)
    return locked


def _noticed(customer: Customer, day: dt.date | None) -> dt.date:
    check_active(customer)
    if day is not None and day > clock.today():
        raise BusinessRuleError("future_day", _("The date is in the future."), field="noticed_on")
    return day or clock.today()
