"""The rows of imported offers, leads and orders: built one by one, written with one statement for each table."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from activities.leads.enums import LEAD, LeadState
from activities.leads.models import Lead
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityType, Participation, StatusChange
from core import clock
from core.exceptions import BusinessRuleError
from offers.offers.enums import OfferStatus, SeriesKind
from offers.offers.models import Offer, OfferActivity, OfferLine, OfferStatusChange
from offers.offers.services.settings import numbers_take
from offers.offers.services.status import loaded_change, status_load
from offers.orders.enums import ImportedStage, OrderStatus
from offers.orders.models import Order, OrderLine, OrderStatusChange
from offers.products.lines import LineData, line_fields, line_of_product, totals_of
from offers.products.money import ZERO, totals
from offers.products.reductions import reduction_percent

if TYPE_CHECKING:
    from offers.orders.services.offer_import import ImportedOffer

COPIED_LINE_FIELDS = (
    "position",
    "kind",
    "product_id",
    "name",
    "details",
    "quantity",
    "unit_id",
    "unit_price",
    "discount",
    "vat_rate",
)
STATUSES = {
    ImportedStage.OPEN: OfferStatus.OPEN,
    ImportedStage.WON: OfferStatus.ORDER,
    ImportedStage.LOST: OfferStatus.LOST,
}


def lead_type() -> ActivityType:
    """Return the activity type of leads. Raises :class:`BusinessRuleError`: ``no_lead_type``."""
    types = ActivityType.objects.filter(details=LEAD, retired_at__isnull=True)
    kind = types.order_by("order", "pk").first()
    if kind is None:
        raise BusinessRuleError("no_lead_type", _("No activity type is set up for leads."))
    return kind


def write_leads(items: Sequence[ImportedOffer], user: User | None) -> list[Activity]:
    """Add leads that their owners have claimed."""
    if not items:
        return []
    kind = lead_type()
    leads = [_build_lead(item, kind, user) for item in items]
    activities = Activity.objects.bulk_create(lead.activity for lead in leads)
    Lead.objects.bulk_create(leads)
    Participation.objects.bulk_create(
        Participation(activity=activity, user=item.owner) for activity, item in zip(activities, items, strict=True)
    )
    return activities


def _build_lead(item: ImportedOffer, kind: ActivityType, user: User | None) -> Lead:
    since = noon_or_now(item.began)
    activity = Activity(
        type=kind,
        customer=item.customer,
        title=title_of(item),
        start=since,
        status=ActivityStatus.IN_PROGRESS,
        channel=kind.channel,
        created_by=user,
    )
    need = str(item.product or item.title)[:500]
    return Lead(
        activity=activity, state=LeadState.CLAIMED, taken_by=item.owner, taken_at=since, need=need, value=item.value
    )


def write_offers(
    items: Sequence[ImportedOffer], user: User | None, came_from: Sequence[Activity | None] = ()
) -> list[Offer]:
    """Add offers with their lines and statuses and, for the won ones, their orders."""
    if not items:
        return []
    days = [item.began or item.decided or clock.today() for item in items]
    numbers = _take_numbers(SeriesKind.OFFER, days)
    lines = [_build_lines(item, day) for item, day in zip(items, days, strict=True)]
    offers = [
        _build_offer(item, day, number, offer_lines, user)
        for item, day, number, offer_lines in zip(items, days, numbers, lines, strict=True)
    ]
    for offer, lead in zip(offers, came_from, strict=False):
        offer.came_from = lead
    Offer.objects.bulk_create(offers)
    rows = [
        [
            OfferLine(offer=offer, content_owner_id=line.owner_id, **line_fields(line, position))
            for position, line in enumerate(offer_lines, 1)
        ]
        for offer, offer_lines in zip(offers, lines, strict=True)
    ]
    OfferLine.objects.bulk_create(line for offer_lines in rows for line in offer_lines)
    _write_changes(zip(offers, items, strict=True), user)
    _write_orders(list(zip(offers, items, rows, strict=True)), user)
    return offers


def _take_numbers(kind: SeriesKind, days: Sequence[dt.date]) -> list[str]:
    """Return a number for each day from the series of its year; the series are locked in the order of their years."""
    numbers = {
        year: iter(numbers_take(kind=kind, year=year, count=count))
        for year, count in sorted(Counter(day.year for day in days).items())
    }
    return [next(numbers[day.year]) for day in days]


def _build_lines(item: ImportedOffer, day: dt.date) -> list[LineData]:
    """Return a line of the product at the offered value; without a product the value is the offer's estimate."""
    if item.product is None or (item.type and item.type.is_funder_form):
        return []
    line = line_of_product(item.product, day=day, language=item.customer.language)
    return [replace(line, unit_price=item.value or Decimal(0))]


def _build_offer(item: ImportedOffer, day: dt.date, number: str, lines: list[LineData], user: User | None) -> Offer:
    sums = totals_of(lines)
    offer = Offer(
        number=number,
        type=item.type,
        title=title_of(item),
        customer=item.customer,
        owner=item.owner,
        status_since=noon_or_now(item.began),
        language=item.customer.language,
        date=day,
        expected_close=item.expected or (item.decided if item.stage == ImportedStage.OPEN else None),
        estimate=None if lines else item.value,
        net=sums.net if lines else item.value or Decimal(0),
        vat=sums.vat,
        max_discount=_reduction_of(item, lines, day),
        internal_notes=item.notes,
        created_by=user,
    )
    if item.stage != ImportedStage.OPEN:
        _apply_decision(offer, item)
    return offer


def _reduction_of(item: ImportedOffer, lines: list[LineData], day: dt.date) -> Decimal:
    """Return how many per cent the offered value is below the product register: the prices are loaded already."""
    price = item.product.price_on(day) if item.product and lines else None
    register_price = price.price if price else None
    return max((reduction_percent(line.unit_price, line.discount, register_price) for line in lines), default=ZERO)


def _apply_decision(offer: Offer, item: ImportedOffer) -> None:
    status_load(offer, STATUSES[item.stage], at=noon_or_now(item.decided or item.began))
    if item.stage == ImportedStage.LOST:
        offer.lost_reason, offer.competitor = item.lost_reason, item.competitor[:120]


def _write_changes(pairs: Iterable[tuple[Offer, ImportedOffer]], user: User | None) -> None:
    """Write the status changes of new offers: opened and decided on their own days."""
    changes = []
    for offer, item in pairs:
        began = noon_or_now(item.began or item.decided)
        reason = reason_of(item)
        changes.append(OfferStatusChange(offer=offer, to_status=OfferStatus.OPEN, user=user, reason=reason, at=began))
        if offer.status != OfferStatus.OPEN:
            changes.append(loaded_change(offer, OfferStatus.OPEN, user=user, reason=reason))
    OfferStatusChange.objects.bulk_create(changes)


def _write_orders(written: Sequence[tuple[Offer, ImportedOffer, list[OfferLine]]], user: User | None) -> None:
    """Add the orders of won offers (rule 4): closed, with everything delivered and invoiced elsewhere."""
    won = [(offer, item, lines) for offer, item, lines in written if offer.status == OfferStatus.ORDER]
    days = [item.decided or offer.date for offer, item, _lines in won]
    numbers = _take_numbers(SeriesKind.ORDER, days)
    orders = [
        _build_order(offer, day, number, user)
        for (offer, _item, _lines), day, number in zip(won, days, numbers, strict=True)
    ]
    Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(
        _build_order_line(order, line)
        for order, (_offer, _item, lines) in zip(orders, won, strict=True)
        for line in lines
    )
    OrderStatusChange.objects.bulk_create(
        OrderStatusChange(order=order, to_status=order.status, user=user, reason=reason_of(item), at=order.status_since)
        for order, (_offer, item, _lines) in zip(orders, won, strict=True)
    )


def _build_order(offer: Offer, day: dt.date, number: str, user: User | None) -> Order:
    copied = ("type", "title", "customer", "owner", "contact", "estimate", "net", "vat")
    return Order(
        **{name: getattr(offer, name) for name in copied},
        number=number,
        offer=offer,
        status=OrderStatus.CLOSED,
        status_since=offer.status_since,
        date=day,
        created_by=user,
    )


def _build_order_line(order: Order, line: OfferLine) -> OrderLine:
    fields = {name: getattr(line, name) for name in COPIED_LINE_FIELDS}
    done = Decimal(0) if line.is_heading else line.quantity
    return OrderLine(order=order, responsible_id=line.content_owner_id, delivered=done, invoiced=done, **fields)


def leads_become_offers(leads: Sequence[Activity], offers: Sequence[Offer], user: User | None) -> None:
    """Close the leads that have become offers and link each to its offer."""
    ids, now, done = [lead.pk for lead in leads], clock.now(), ActivityStatus.DONE
    OfferActivity.objects.bulk_create(
        OfferActivity(offer=offer, activity=lead) for offer, lead in zip(offers, leads, strict=True)
    )
    Lead.objects.filter(pk__in=ids).update(state=LeadState.OFFER)
    waiting = dict(Activity.objects.filter(pk__in=ids).exclude(status=done).values_list("pk", "status"))
    Activity.objects.filter(pk__in=waiting).update(status=done, closed_at=now, updated_at=now, version=F("version") + 1)
    StatusChange.objects.bulk_create(
        StatusChange(activity_id=pk, from_status=old, to_status=done, reason=_("Became an offer."), user=user, at=now)
        for pk, old in waiting.items()
    )


def write_decisions(
    decided: Sequence[tuple[Offer, list[OfferLine], OfferLine | None, ImportedOffer]], user: User | None
) -> None:
    """Win or lose undecided offers; a won offer gets the agreed value on its price line."""
    changes, priced, now = [], [], clock.now()
    for offer, _lines, price_line, item in decided:
        before = offer.status
        _apply_decision(offer, item)
        changes.append(loaded_change(offer, before, user=user, reason=reason_of(item)))
        if item.stage == ImportedStage.WON and item.value is not None and offer.net != item.value:
            priced += _set_value(offer, price_line, item.value)
        offer.version, offer.updated_at = offer.version + 1, now
    OfferLine.objects.bulk_update(priced, ["unit_price"])
    fields = ["status", "status_since", "decided_at", "lost_reason", "competitor", "estimate", "net", "vat"]
    Offer.objects.bulk_update([offer for offer, *_rest in decided], [*fields, "version", "updated_at"], batch_size=500)
    OfferStatusChange.objects.bulk_create(changes)
    _write_orders([(offer, item, lines) for offer, lines, _price_line, item in decided], user)


def _set_value(offer: Offer, line: OfferLine | None, value: Decimal) -> list[OfferLine]:
    """Set the value and the sums of an offer; return the line that has the value, if any."""
    offer.net = value
    if line is None:
        offer.estimate = value
        return []
    line.unit_price = value
    offer.vat = totals([(value, line.vat_rate)]).vat
    return [line]


def noon_or_now(day: dt.date | None) -> dt.datetime:
    """Return noon of a day, or now if that is in the future or the day is None."""
    now = clock.now()
    if day is None:
        return now
    return min(now, timezone.make_aware(dt.datetime.combine(day, dt.time(12))))


def title_of(item: ImportedOffer) -> str:
    return (item.title or str(item.product or item.number))[:200]


def reason_of(item: ImportedOffer) -> str:
    return _("Imported from %(system)s: %(number)s.") % {"system": item.system, "number": item.number}
