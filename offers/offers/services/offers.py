"""Creating, changing and copying offers; their activities and account managers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.leads.enums import LEAD_TRANSITIONS, LeadState
from activities.leads.models import Lead
from activities.leads.services import lead_set_state
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.services.activities import activity_log
from activities.log.services.follow_ups import FollowUp, default_type, due_time
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from customers.models import Contact, Customer
from offers.offers import validators
from offers.offers.content import offer_lines_of, write_offer_lines
from offers.offers.enums import UNDECIDED, OfferStatus, SeriesKind
from offers.offers.models import Offer, OfferActivity
from offers.offers.services.settings import number_take
from offers.offers.services.status import OFFER_STATUS, offer_sums_refresh
from offers.products.enums import LineKind
from offers.products.lines import LineData, check_lines, line_of_product, totals_of
from offers.products.models import Product
from offers.products.reductions import greatest_reduction

CHANGEABLE = frozenset(
    {
        *("type", "title", "customer", "contact", "owner", "came_from", "language", "date", "valid_until"),
        *("expected_close", "probability", "estimate", "intro", "terms", "internal_notes", "customer_notes"),
    }
)
#: Content that is approved and that the customer reads: when it changes, approvals must be requested again.
APPROVED = frozenset({"type", "title", "customer", "estimate", "intro", "terms", "customer_notes", "valid_until"})


@transaction.atomic
def offer_create(*, offer: Offer, user: User, lines: Sequence[LineData] = ()) -> Offer:
    """Add an offer with its number and lines; link the activity that led to it and mark a lead as an offer.

    Without ``valid_until`` the offer is valid for the days of its type. Raises :class:`BusinessRuleError`: those of
    :mod:`offers.offers.validators` and ``offers.products.lines.check_lines``.
    """
    offer.customer = Customer.objects.select_for_update(no_key=True).get(pk=offer.customer_id)
    offer.created_by, offer.status, offer.status_since = user, OfferStatus.OPEN, clock.now()
    if offer.valid_until is None:
        offer.valid_until = offer.date + dt.timedelta(days=offer.type.valid_days)
    validators.check_type(offer.type)
    validators.check_owner(offer.owner)
    check_lines(lines)
    _check_content(offer, lines, contact_is_new=True)
    _sum_up(offer, lines)
    offer.number = number_take(kind=SeriesKind.OFFER, year=offer.date.year)
    offer.save(force_insert=True)
    write_offer_lines(offer, lines)
    OFFER_STATUS.begin(offer, user=user)
    if offer.came_from:
        offer_activity_link(offer=offer, activity=offer.came_from, user=user)
        _mark_lead_as_offer(offer.came_from, user)
    offer_sums_refresh([offer.customer_id])
    return offer


def _mark_lead_as_offer(activity: Activity, user: User) -> None:
    lead = Lead.objects.filter(activity=activity).first()
    if lead and LeadState.OFFER in LEAD_TRANSITIONS[LeadState(lead.state)]:
        lead_set_state(activity=activity, state=LeadState.OFFER, user=user, reason=_("Became an offer."))


@transaction.atomic
def offer_change(
    *,
    offer: Offer,
    user: User,
    changes: Mapping[str, Any],
    lines: Sequence[LineData] | None = None,
    version: int | None = None,
) -> Offer:
    """Write ``changes`` (fields of ``CHANGEABLE``) and, unless None, the complete lines; return the new row.

    A change to what the customer reads reopens a sent offer; the sent version is kept. Approvals apply to one content
    (``content_version``). Raises :class:`BusinessRuleError` as :func:`offer_create` and ``offer_decided``;
    :class:`StaleVersionError`.
    """
    offer = lock(offer)
    check_version(offer, version)
    if offer.status not in UNDECIDED:
        raise BusinessRuleError("offer_decided", _("A decided offer cannot be changed. Copy it into a new offer."))
    old_lines, old = offer_lines_of(offer), {name: getattr(offer, name) for name in CHANGEABLE}
    old_reduction = offer.max_discount
    for name in CHANGEABLE & changes.keys():
        setattr(offer, name, changes[name])
    new_lines = old_lines if lines is None else list(lines)
    _check_type_and_owner(offer, old)
    check_lines(new_lines, before=old_lines)
    _check_content(
        offer, new_lines, contact_is_new=(offer.contact, offer.customer) != (old["contact"], old["customer"])
    )
    _sum_up(offer, new_lines)
    if new_lines != old_lines:
        write_offer_lines(offer, new_lines)
    content_changed = new_lines != old_lines or any(getattr(offer, name) != old[name] for name in APPROVED)
    if offer.date != old["date"] and offer.max_discount > old_reduction:
        content_changed = True  # what was approved was a smaller reduction
    if content_changed:
        offer.content_version += 1  # approvals apply to one content
    customers = {old["customer"].pk, offer.customer_id}
    if content_changed and offer.status == OfferStatus.SENT:
        offer_sums_refresh(customers)  # locks both customers in one order before the machine locks one
        OFFER_STATUS.write(offer, OfferStatus.OPEN, user=user, reason=_("The content was changed after sending."))
    else:
        offer.version += 1
        offer.save()
    offer_sums_refresh(customers)
    return offer


def _check_type_and_owner(offer: Offer, old: Mapping[str, Any]) -> None:
    """Check a new type or account manager; retired types and former colleagues stay where they were."""
    if offer.type != old["type"]:
        validators.check_type(offer.type)
    if offer.owner != old["owner"]:
        validators.check_owner(offer.owner)


def _check_content(offer: Offer, lines: Sequence[LineData], *, contact_is_new: bool) -> None:
    validators.check_customer(offer.customer)
    if contact_is_new:
        validators.check_contact(offer.customer, offer.contact)
    validators.check_dates(offer)
    validators.check_required(offer, lines)


def _sum_up(offer: Offer, lines: Sequence[LineData]) -> None:
    """Set the sums of the lines, or the estimate while there are no lines, and the greatest reduction."""
    sums = totals_of(lines)
    offer.net, offer.vat = (sums.net, sums.vat) if lines else (offer.estimate or Decimal(0), Decimal(0))
    offer.max_discount = greatest_reduction(lines, offer.date)


@transaction.atomic
def offer_copy(*, offer: Offer, user: User, customer: Customer | None = None, contact: Contact | None = None) -> Offer:
    """Return a new offer dated today with the content of an earlier one, for the same customer or another.

    Products get today's price, VAT and unit; retired ones become tailored lines with their old price.
    Raises :class:`BusinessRuleError` as :func:`offer_create`.
    """
    today = clock.today()
    to = customer or offer.customer
    copied = ("type", "title", "language", "estimate", "intro", "terms", "internal_notes", "customer_notes")
    copy = Offer(
        **{name: getattr(offer, name) for name in copied},
        customer=to,
        contact=contact or (offer.contact if to == offer.customer else None),
        owner=offer.owner if offer.owner.is_active and to == offer.customer else user,
        date=today,
        expected_close=today + dt.timedelta(days=offer.type.valid_days),
        copied_from=offer,
    )
    return offer_create(
        offer=copy, user=user, lines=[_line_with_todays_prices(line, offer, today) for line in offer_lines_of(offer)]
    )


def _line_with_todays_prices(line: LineData, offer: Offer, today: dt.date) -> LineData:
    product = Product.objects.with_prices().filter(pk=line.product_id).first() if line.product_id else None
    active_owner = line.owner_id if User.objects.filter(pk=line.owner_id, is_active=True).exists() else None
    if product is None:
        return replace(line, owner_id=active_owner)
    if product.is_retired:
        return replace(line, kind=LineKind.FREE, product_id=None, owner_id=active_owner)
    fresh = line_of_product(product, day=today, language=offer.language)
    return replace(line, unit_price=fresh.unit_price, vat_rate=fresh.vat_rate, owner_id=active_owner)


@transaction.atomic
def offer_activity_link(*, offer: Offer, activity: Activity, user: User | None) -> OfferActivity:
    """Link an activity of the same customer (or of none) to an offer, once.

    Raises :class:`BusinessRuleError`: ``activity_of_other_customer``.
    """
    if activity.customer_id not in (None, offer.customer_id):
        message = _("The activity concerns another customer.")
        raise BusinessRuleError("activity_of_other_customer", message, field="activity")
    link, _is_new = OfferActivity.objects.get_or_create(offer=offer, activity=activity)
    return link


@transaction.atomic
def next_steps_add(*, offer: Offer, user: User, agreed: Iterable[FollowUp]) -> list[Activity]:
    """Add an open activity with the offer's customer and contact for each next step, linked to the offer.

    Raises :class:`BusinessRuleError` as :func:`activity_log`: all or none are added.
    """
    added = [_log_next_step(offer, user, step) for step in agreed]
    for activity in added:
        offer_activity_link(offer=offer, activity=activity, user=user)
    return added


def _log_next_step(offer: Offer, user: User, step: FollowUp) -> Activity:
    type = step.type or default_type(Activity(customer=offer.customer))
    return activity_log(
        user=user,
        type=type,
        title=step.title,
        goal=step.title if type.needs_goal else "",
        customer=offer.customer,
        contacts=[offer.contact] if offer.contact else [],
        start=due_time(step.due),
        status=ActivityStatus.OPEN,
        participants=[step.owner or user],
    )


@transaction.atomic
def offer_activity_unlink(*, offer: Offer, activity: Activity) -> None:
    """Remove an activity's link to the offer; the offer's origin is kept."""
    OfferActivity.objects.filter(offer=offer, activity=activity).delete()
