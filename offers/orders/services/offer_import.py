"""Offers and leads brought from another system, many at once, by the numbers that they have there.

What was decided elsewhere keeps its days: a won one has its order, delivered and invoiced there, so that nothing of it
is left to do here. Nothing is brought twice; what has come further meanwhile is moved on, never back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.db.models.functions import Upper

from accounts.models import User
from activities.leads.enums import LeadState
from activities.log.models import Activity
from activities.log.services.contact_dates import contact_dates_refresh
from customers.models import Customer
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import LostReason, Offer, OfferLine, OfferType, OutsideNumber
from offers.offers.services.summaries import offer_sums_refresh
from offers.orders.enums import IntakeStage
from offers.orders.services.import_rows import leads_become_offers, write_decisions, write_leads, write_offers
from offers.orders.services.summaries import order_sums_refresh
from offers.products.models import Product

Key = tuple[str, str]

STAGES = {
    OfferStatus.OPEN: IntakeStage.OPEN,
    OfferStatus.SENT: IntakeStage.OPEN,
    OfferStatus.ORDER: IntakeStage.WON,
    OfferStatus.LOST: IntakeStage.LOST,
}
#: How far each stage is: what is decided is decided.
RANKS = {IntakeStage.LEAD: 0, IntakeStage.OPEN: 1, IntakeStage.WON: 2, IntakeStage.LOST: 2}


@dataclass(frozen=True, kw_only=True)
class Intake:
    """An offer or a lead as the other system has it. ``value`` in euros without VAT; the product has its prices read.

    A lost one needs ``lost_reason``; the type need not be told of a lead.
    """

    system: str
    number: str
    stage: IntakeStage
    owner: User
    customer: Customer
    type: OfferType | None = None
    title: str = ""
    product: Product | None = None
    value: Decimal | None = None
    began: dt.date | None = None
    decided: dt.date | None = None
    expected: dt.date | None = None
    lost_reason: LostReason | None = None
    competitor: str = ""
    notes: str = ""

    @property
    def key(self) -> Key:
        return key_of(self.system, self.number)


@dataclass
class Known:
    """What an outside number means here: a lead or an offer, and how far it has come."""

    outside: OutsideNumber
    offer: Offer | None = None
    lines: list[OfferLine] = field(default_factory=list)  # of an offer that has not been decided

    @property
    def lead(self) -> Activity | None:
        return self.outside.lead

    @property
    def stage(self) -> IntakeStage:
        return STAGES[OfferStatus(self.offer.status)] if self.offer else IntakeStage.LEAD

    @property
    def target(self) -> Offer | Activity:
        return self.offer or self.outside.lead  # type: ignore[return-value]  # the table has a constraint

    @property
    def customer(self) -> Customer | None:
        return self.target.customer

    @property
    def is_closed_lead(self) -> bool:
        return self.offer is None and self.lead is not None and self.lead.lead.state == LeadState.CLOSED

    def follows(self, stage: IntakeStage) -> bool:
        """Whether something at ``stage`` elsewhere has come further than here."""
        return RANKS[stage] > RANKS[self.stage]

    def contradicts(self, stage: IntakeStage) -> bool:
        """Whether it was decided otherwise here: a person must find out which is right."""
        is_decided = RANKS[stage] == RANKS[self.stage] == RANKS[IntakeStage.WON]
        return (is_decided and stage != self.stage) or (self.is_closed_lead and self.follows(stage))

    def takes(self, value: Decimal | None) -> bool:
        """Whether an offer can be won for ``value``: that is its sum, or it has none yet to write it over."""
        if self.offer is None or value is None or self.offer.net == value:
            return True
        return not self.offer.net and (not self.lines or self.price_line is not None)

    @property
    def price_line(self) -> OfferLine | None:
        """The line whose price is the offer's value."""
        only = self.lines[0] if len(self.lines) == 1 else None
        return only if only and only.quantity == 1 and not only.discount and not only.is_heading else None


def key_of(system: str, number: str) -> Key:
    """Return a number as it is compared: upper and lower case are the same."""
    return system.strip().upper(), number.strip().upper()


def intake_find(numbers: Iterable[Key]) -> dict[Key, Known]:
    """Return what is known of these numbers (:func:`key_of`); undecided offers are locked until the transaction ends.

    A lead that has become an offer here meanwhile is that offer.
    """
    wanted = set(numbers)
    rows = OutsideNumber.objects.annotate(_system=Upper("system"), _number=Upper("number")).filter(
        _system__in={system for system, _number in wanted}, _number__in={number for _system, number in wanted}
    )
    known = {
        (row._system, row._number): Known(row)
        for row in rows.select_related("lead__lead", "lead__customer", "lead__type")
    }
    found = [one for key, one in known.items() if key in wanted]
    _add_offers(found)
    return {key: one for key, one in known.items() if key in wanted}


def _add_offers(found: Sequence[Known]) -> None:
    made_of: dict[int | None, int] = dict(
        Offer.objects.filter(came_from__in=[one.outside.lead_id for one in found if one.outside.lead_id])
        .order_by("-pk")
        .values_list("came_from", "pk")
    )
    pairs = [(one, one.outside.offer_id or made_of.get(one.outside.lead_id)) for one in found]
    ids = [pk for _one, pk in pairs if pk]
    undecided = Offer.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids, status__in=UNDECIDED)
    open_ids = list(undecided.order_by("pk").values_list("pk", flat=True))
    offers = Offer.objects.select_related("customer", "type").in_bulk(ids)
    lines: dict[int, list[OfferLine]] = {}
    for line in OfferLine.objects.filter(offer__in=open_ids).order_by("position", "pk"):
        lines.setdefault(line.offer_id, []).append(line)
    for one, pk in pairs:
        if pk:
            one.offer, one.lines = offers[pk], lines.get(pk, [])


@transaction.atomic
def intake_create(*, items: Sequence[Intake], user: User | None) -> list[Offer | Activity]:
    """Add offers and leads with their outside numbers, each table in one statement; return them in order.

    Offers and orders are numbered in the order of ``items``, by the years of their own days. The caller has checked
    what ``offers.offers.validators`` would (customer in use, owner active, type not retired), and that numbers are new.
    """
    leads = [item for item in items if item.stage == IntakeStage.LEAD]
    offers = [item for item in items if item.stage != IntakeStage.LEAD]
    made: dict[Key, Offer | Activity] = {}
    made |= zip((item.key for item in leads), write_leads(leads, user), strict=True)
    made |= zip((item.key for item in offers), write_offers(offers, user), strict=True)
    OutsideNumber.objects.bulk_create(_outside(item, made[item.key]) for item in items)
    _refresh(items)
    return [made[item.key] for item in items]


def _outside(item: Intake, target: Offer | Activity) -> OutsideNumber:
    number = OutsideNumber(system=item.system, number=item.number)
    if isinstance(target, Offer):
        number.offer = target
    else:
        number.lead = target
    return number


@transaction.atomic
def intake_advance(*, items: Mapping[Key, Intake], known: Mapping[Key, Known], user: User | None) -> None:
    """Move on what has come further elsewhere: leads become offers, undecided offers are won or lost.

    The customer stays the one that it has here. ``known`` comes from :func:`intake_find` in the same transaction; each
    of ``items`` ``follows`` and none ``contradicts``.
    """
    of_lead = {key: item for key, item in items.items() if known[key].offer is None}
    of_offer = [(known[key], item) for key, item in items.items() if known[key].offer is not None]
    leads = [known[key].lead for key in of_lead]
    offers = write_offers(list(of_lead.values()), user, came_from=leads)
    for key, offer in zip(of_lead, offers, strict=True):
        known[key].outside.offer, known[key].outside.lead, known[key].offer = offer, None, offer
    OutsideNumber.objects.bulk_update([known[key].outside for key in of_lead], ["offer", "lead"])
    leads_become_offers([lead for lead in leads if lead], offers, user)
    write_decisions([(one.offer, one.lines, one.price_line, item) for one, item in of_offer if one.offer], user)
    _refresh(items.values())


def _refresh(items: Iterable[Intake]) -> None:
    customers = {item.customer.pk for item in items}
    offer_sums_refresh(customers)
    order_sums_refresh(customers)
    contact_dates_refresh(customers)
