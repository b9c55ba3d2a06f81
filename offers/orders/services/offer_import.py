"""The import of offers and leads from another system, many at once, by their numbers in that system.

Offers decided elsewhere keep their dates. A won offer gets a closed order that was delivered and invoiced elsewhere.
Nothing is imported twice: an item that has advanced in the other system is advanced here, never moved back.
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
from activities.log.services.effects import contact_dates_refresh
from customers.models import Customer
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import LostReason, Offer, OfferLine, OfferType, OutsideNumber
from offers.offers.services.status import offer_sums_refresh
from offers.orders.enums import ImportedStage
from offers.orders.services.import_rows import leads_become_offers, write_decisions, write_leads, write_offers
from offers.orders.services.status import order_sums_refresh
from offers.products.models import Product

Key = tuple[str, str]

STAGES = {
    OfferStatus.OPEN: ImportedStage.OPEN,
    OfferStatus.SENT: ImportedStage.OPEN,
    OfferStatus.ORDER: ImportedStage.WON,
    OfferStatus.LOST: ImportedStage.LOST,
}
#: The progress of each stage; won and lost are both final.
RANKS = {ImportedStage.LEAD: 0, ImportedStage.OPEN: 1, ImportedStage.WON: 2, ImportedStage.LOST: 2}


@dataclass(frozen=True, kw_only=True)
class ImportedOffer:
    """An offer or a lead of the other system. ``value`` is in euros without VAT; the product has its prices loaded.

    A lost offer needs ``lost_reason``; a lead needs no type.
    """

    system: str
    number: str
    stage: ImportedStage
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
class KnownOffer:
    """The lead or offer of an outside number, and its stage here."""

    outside: OutsideNumber
    offer: Offer | None = None
    lines: list[OfferLine] = field(default_factory=list)  # of an offer that has not been decided

    @property
    def lead(self) -> Activity | None:
        return self.outside.lead

    @property
    def stage(self) -> ImportedStage:
        return STAGES[OfferStatus(self.offer.status)] if self.offer else ImportedStage.LEAD

    @property
    def target(self) -> Offer | Activity:
        return self.offer or self.outside.lead  # type: ignore[return-value]  # the table has a constraint

    @property
    def customer(self) -> Customer | None:
        return self.target.customer

    @property
    def is_closed_lead(self) -> bool:
        return self.offer is None and self.lead is not None and self.lead.lead.state == LeadState.CLOSED

    def is_behind(self, stage: ImportedStage) -> bool:
        """Return whether ``stage`` in the other system is further than the stage here."""
        return RANKS[stage] > RANKS[self.stage]

    def contradicts(self, stage: ImportedStage) -> bool:
        """Return whether it was decided differently here, so that a person has to find out which is right."""
        is_decided = RANKS[stage] == RANKS[self.stage] == RANKS[ImportedStage.WON]
        return (is_decided and stage != self.stage) or (self.is_closed_lead and self.is_behind(stage))

    def accepts_value(self, value: Decimal | None) -> bool:
        """Return whether an offer can be won for ``value``: its sum is the same or can still be set."""
        if self.offer is None or value is None or self.offer.net == value:
            return True
        return not self.offer.net and (not self.lines or self.price_line is not None)

    @property
    def price_line(self) -> OfferLine | None:
        """The line with the offer's value as its price, if there is one."""
        only = self.lines[0] if len(self.lines) == 1 else None
        return only if only and only.quantity == 1 and not only.discount and not only.is_heading else None


def key_of(system: str, number: str) -> Key:
    """Return the key of a number, which ignores upper and lower case."""
    return system.strip().upper(), number.strip().upper()


def known_offers_find(numbers: Iterable[Key]) -> dict[Key, KnownOffer]:
    """Return the leads and offers of these numbers by :func:`key_of`; lock undecided offers until the transaction ends.

    For a lead that has become an offer here, return that offer.
    """
    keys = set(numbers)
    rows = OutsideNumber.objects.annotate(_system=Upper("system"), _number=Upper("number")).filter(
        _system__in={system for system, _number in keys}, _number__in={number for _system, number in keys}
    )
    known = {
        (row._system, row._number): KnownOffer(row)
        for row in rows.select_related("lead__lead", "lead__customer", "lead__type")
    }
    known = {key: item for key, item in known.items() if key in keys}
    _add_offers(list(known.values()))
    return known


def _add_offers(known: Sequence[KnownOffer]) -> None:
    """Read the offers of outside numbers with the lines of undecided ones."""
    offer_of_lead: dict[int | None, int] = dict(
        Offer.objects.filter(came_from__in=[item.outside.lead_id for item in known if item.outside.lead_id])
        .order_by("-pk")
        .values_list("came_from", "pk")
    )
    pairs = [(item, item.outside.offer_id or offer_of_lead.get(item.outside.lead_id)) for item in known]
    ids = [pk for _item, pk in pairs if pk]
    undecided = Offer.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids, status__in=UNDECIDED)
    open_ids = list(undecided.order_by("pk").values_list("pk", flat=True))
    offers = Offer.objects.select_related("customer", "type").in_bulk(ids)
    lines: dict[int, list[OfferLine]] = {}
    for line in OfferLine.objects.filter(offer__in=open_ids).order_by("position", "pk"):
        lines.setdefault(line.offer_id, []).append(line)
    for item, pk in pairs:
        if pk:
            item.offer, item.lines = offers[pk], lines.get(pk, [])


@transaction.atomic
def imported_offers_create(*, items: Sequence[ImportedOffer], user: User | None) -> list[Offer | Activity]:
    """Add offers and leads with their outside numbers, with one statement for each table; return them in order.

    Offers and orders are numbered in the order of ``items``, by the years of their dates. The caller has validated the
    items as ``offers.offers.validators`` does (customer in use, owner active, type not retired) and the numbers as new.
    """
    leads = [item for item in items if item.stage == ImportedStage.LEAD]
    offers = [item for item in items if item.stage != ImportedStage.LEAD]
    made: dict[Key, Offer | Activity] = {}
    made |= zip((item.key for item in leads), write_leads(leads, user), strict=True)
    made |= zip((item.key for item in offers), write_offers(offers, user), strict=True)
    OutsideNumber.objects.bulk_create(_outside(item, made[item.key]) for item in items)
    _refresh(items)
    return [made[item.key] for item in items]


def _outside(item: ImportedOffer, target: Offer | Activity) -> OutsideNumber:
    number = OutsideNumber(system=item.system, number=item.number)
    if isinstance(target, Offer):
        number.offer = target
    else:
        number.lead = target
    return number


@transaction.atomic
def imported_offers_advance(
    *, items: Mapping[Key, ImportedOffer], known: Mapping[Key, KnownOffer], user: User | None
) -> None:
    """Advance items that are further in the other system: leads become offers, undecided offers are won or lost.

    The customer is not changed. ``known`` comes from :func:`known_offers_find` in the same transaction; each of it
    ``is_behind`` its item and none ``contradicts`` it.
    """
    of_lead = {key: item for key, item in items.items() if known[key].offer is None}
    of_offer = [(known[key], item) for key, item in items.items() if known[key].offer is not None]
    leads = [known[key].lead for key in of_lead]
    offers = write_offers(list(of_lead.values()), user, came_from=leads)
    for key, offer in zip(of_lead, offers, strict=True):
        known[key].outside.offer, known[key].outside.lead, known[key].offer = offer, None, offer
    OutsideNumber.objects.bulk_update([known[key].outside for key in of_lead], ["offer", "lead"])
    leads_become_offers([lead for lead in leads if lead], offers, user)
    write_decisions([(here.offer, here.lines, here.price_line, item) for here, item in of_offer if here.offer], user)
    _refresh(items.values())


def _refresh(items: Iterable[ImportedOffer]) -> None:
    customers = {item.customer.pk for item in items}
    offer_sums_refresh(customers)
    order_sums_refresh(customers)
    contact_dates_refresh(customers)
