"""Leads, offers and orders of three years, in every status."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from demo.generate.builder import Builder
from demo.generate.customers import Subject
from demo.generate.dice import Weighted
from demo.generate.rows import (
    ActivityRow,
    LeadRow,
    OfferActivityRow,
    OfferChangeRow,
    OfferLineRow,
    OfferRow,
    OrderChangeRow,
    OrderLineRow,
    OrderRow,
    Row,
)
from demo.generate.texts import NEEDS
from demo.generate.world import Address, Product
from offers.products.money import Totals, line_net, totals

OLD = Weighted({"closed": 11, "customer": 8, "taken": 1})
FRESH = Weighted({"untaken": 8, "taken": 6, "customer": 3, "closed": 3})
STATUSES = {"untaken": "open", "taken": "in_progress", "customer": "done", "offer": "done", "closed": "done"}
FRESH_FOR = 60
EXPLANATIONS = ("Valitsi toisen toimittajan.", "Hanke siirtyi ensi vuoteen.", "Ei tarvetta tällä hetkellä.", "")


class LeadMaker:
    def __init__(self, builder: Builder) -> None:
        self.builder, self.world, self.dice = builder, builder.world, builder.dice

    def make(self, subject: Subject, day: int, state: str = "") -> Iterator[Row]:
        """Yield a lead that the key account manager or somebody else opened on ``day``."""
        dice, days = self.dice, self.world.days
        state = state or ("closed" if subject.is_passive else dice.weighted(FRESH if day > -FRESH_FOR else OLD))
        opener = dice.pick(self.world.lead_openers)
        taker = subject.owner if subject.owner is not None else dice.pick(self.world.account_managers)
        is_taken = state in {"taken", "customer", "offer"} or (state == "closed" and dice.chance(0.6))
        text = self.builder.writer.write("lead", done=True)
        activity, others = self.builder.rows(
            "lead", subject, text, day, STATUSES[state], [taker if is_taken else opener], []
        )
        yield activity._replace(created_by_id=opener)
        yield LeadRow(
            activity_id=activity.id,
            state=state,
            source_id=self._one_of(self.world.lead_sources),
            need=self.builder.writer.say(NEEDS),
            value=dice.number(15, 600) * 100 if dice.chance(0.8) else None,
            take_by=days.date(day + dice.number(5, 20)),
            offered_to_id=taker if dice.chance(0.5) else None,
            taken_by_id=taker if is_taken else None,
            taken_at=days.moment(min(day + dice.number(0, 9), -1), 9 * 60) if is_taken else None,
            close_reason_id=self._one_of(self.world.lead_close_reasons) if state == "closed" else None,
            state_reason=dice.pick(EXPLANATIONS) if state == "closed" else "",
        )
        yield from others

    def _one_of(self, keys: list[int]) -> int | None:
        return self.dice.pick(keys) if keys else None


#: Offers made in three years, by segment; groups of buyers have more.
COUNTS = {"A": (8, 14), "B": (1, 4), "C": (0, 1), "P": (0, 1), "": (0, 1)}
#: How many of those who may have one have it.
SHARES = {"C": 0.6, "P": 0.8, "": 0.4}
TYPES = {
    "authorities": Weighted({"labour_market": 4, "service_order": 3, "personnel_training": 3}),
    "work_based_learning_places": Weighted({"apprenticeship": 6, "personnel_training": 3, "service_order": 1}),
    "": Weighted({"personnel_training": 6, "service_order": 3, "apprenticeship": 1}),
}
FUNDERS = frozenset({"apprenticeship", "labour_market"})
WON = {"A": 0.75, "B": 0.6}
DISCOUNTS = Weighted({"0": 84, "5": 8, "10": 6, "15": 2})
COMPETITORS = ("Rastor-instituutti", "Edupoli", "AEL", "Careeria", "TTS", "Management Institute of Finland")
REASONS = ("Sovittiin puhelimessa.", "Hyväksyntä sähköpostilla.", "Tilausvahvistus saatu.", "")
LOSSES = ("Päätös tehtiin hinnan perusteella.", "Siirtyy ensi vuoteen.", "Koulutetaan omin voimin.", "")
TITLES = ("{name}", "{name}, ryhmä {n}", "{name} henkilöstölle", "{name} – syksyn toteutus", "{name} – kevään toteutus")
FUNDER_TITLES = {
    "apprenticeship": ("Oppisopimus: {n} opiskelijaa", "Oppisopimuskoulutus, {n} henkilöä"),
    "labour_market": ("Työvoimakoulutus, {n} opiskelijapaikkaa", "RekryKoulutus, {n} paikkaa"),
}


@dataclass(frozen=True)
class Line:
    product: Product
    quantity: Decimal
    discount: Decimal

    @property
    def net(self) -> Decimal:
        return line_net(self.quantity, self.product.price, self.discount)


class OfferMaker:
    """Makes a customer's offers, the orders of those that were won, and what has become of them."""

    def __init__(self, builder: Builder, leads: LeadMaker) -> None:
        self.leads = leads
        self.builder, self.world, self.dice, self.days = builder, builder.world, builder.dice, builder.world.days
        self.sellers = frozenset(self.world.sellers)

    def make(self, subject: Subject, contacts: Sequence[Address]) -> Iterator[Row]:
        if not self.world.products:
            return
        low, high = COUNTS[subject.segment]
        if not self.dice.chance(SHARES.get(subject.segment, 1.0)):
            return
        for _number in range(self.dice.number(low, high)):
            yield from self._offer(subject, contacts, self._day(subject))

    def _day(self, subject: Subject) -> int:
        latest = subject.until if subject.until is not None else -1
        return self.days.working(self.dice.number(min(subject.since, latest - 1), latest))

    def _offer(self, subject: Subject, contacts: Sequence[Address], day: int) -> Iterator[Row]:
        dice, days = self.dice, self.days
        code = dice.weighted(TYPES.get(subject.group, TYPES[""]))
        lines = [] if code in FUNDERS else [self._line() for _number in range(dice.number(1, 4))]
        sums = totals((line.net, line.product.vat_rate) for line in lines)
        estimate = None if lines else Decimal(dice.number(4, 40) * 500)
        decided = day + dice.number(4, 55)
        status = self._status(subject, day, decided)
        owner = subject.owner if subject.owner in self.sellers else dice.pick(self.world.account_managers)
        since = {"open": day, "sent": min(day + dice.number(1, 9), -1)}.get(status, min(decided, -1))
        key = next(self.world.offer_ids)
        lead = list(self.leads.make(subject, self.days.working(day), "offer")) if dice.chance(0.12) else []
        yield from lead
        is_decided = status in {"order", "lost"}
        yield OfferRow(
            id=key,
            number=f"D{key}",
            type_id=self.world.offer_types[code],
            title=self._title(code, lines),
            customer_id=subject.id,
            contact_id=dice.pick(contacts).id if contacts else None,
            owner_id=owner or 0,
            came_from_id=next((row.id for row in lead if isinstance(row, ActivityRow)), None),
            status=status,
            status_since=days.moment(since, 10 * 60),
            date=days.date(day),
            valid_until=days.date(min(day + 75, 90)),
            expected_close=days.date(min(decided + dice.number(2, 20), 110)),
            probability=dice.pick((20, 40, 60, 80, 90)) if status == "sent" and dice.chance(0.4) else None,
            estimate=estimate,
            net=sums.net if lines else estimate or 0,
            vat=sums.vat,
            max_discount=max((line.discount for line in lines), default=Decimal(0)),
            decided_at=days.moment(since, 10 * 60) if is_decided else None,
            lost_reason_id=dice.pick(self.world.lost_reasons) if status == "lost" else None,
            competitor=dice.pick(COMPETITORS) if status == "lost" and dice.chance(0.35) else "",
            created_by_id=owner,
            created_at=days.moment(day, 9 * 60),
        )
        yield from (OfferActivityRow(key, row.id) for row in lead if isinstance(row, ActivityRow))
        yield from self._lines(key, lines)
        yield from self._changes(key, day, since, status, owner)
        if not is_decided and dice.chance(0.7):
            yield from self._next_step(key, subject, contacts, owner or 0)
        if status == "order":
            yield from self._order(key, subject, code, lines, sums, estimate, since, owner or 0, contacts)

    def _next_step(self, offer: int, subject: Subject, contacts: Sequence[Address], owner: int) -> Iterator[Row]:
        """Return a call in the coming days, the next step of the offer."""
        text = self.builder.writer.write("call", done=False)
        day = self.days.working_after(0, self.dice.number(1, 10))
        activity, others = self.builder.rows("call", subject, text, day, "open", [owner], list(contacts)[:1])
        yield activity
        yield from others
        yield OfferActivityRow(offer, activity.id)

    def _status(self, subject: Subject, day: int, decided: int) -> str:
        dice = self.dice
        if subject.until is not None:
            return "lost" if dice.chance(0.5) else "order"
        if decided >= 0 or (day > -200 and dice.chance(0.02)):  # some are overdue for long
            return "open" if day > -6 or dice.chance(0.25) else "sent"
        return "order" if dice.chance(WON.get(subject.segment, 0.45)) else "lost"

    def _line(self) -> Line:
        dice, product = self.dice, self.dice.pick(self.world.products)
        most = {"person": 14, "hour": 40, "piece": 1}.get(product.unit, 3)
        return Line(product, Decimal(dice.number(1, most)), Decimal(dice.weighted(DISCOUNTS)))

    def _title(self, code: str, lines: Sequence[Line]) -> str:
        words = TITLES if lines else FUNDER_TITLES[code]
        name = lines[0].product.name if lines else ""
        return self.dice.pick(words).format(name=name, n=self.dice.number(2, 16))[:200]

    def _lines(self, offer: int, lines: Sequence[Line]) -> Iterator[OfferLineRow]:
        for position, line in enumerate(lines, 1):
            product = line.product
            yield OfferLineRow(
                offer_id=offer,
                position=position,
                kind="product",
                product_id=product.id,
                name=product.name,
                details="",
                quantity=line.quantity,
                unit_id=product.unit_id,
                unit_price=product.price,
                discount=line.discount,
                vat_rate=product.vat_rate,
                content_owner_id=product.owner_id,
            )

    def _changes(self, offer: int, day: int, since: int, status: str, owner: int | None) -> Iterator[OfferChangeRow]:
        moment, dice = self.days.moment, self.dice
        yield OfferChangeRow(offer, "", "open", "", owner, moment(day, 9 * 60))
        if status == "open":
            return
        sent = since if status == "sent" else min(day + dice.number(1, 3), since)
        yield OfferChangeRow(offer, "open", "sent", "", owner, moment(sent, 9 * 60 + 30))
        if status == "order":
            yield OfferChangeRow(offer, "sent", "order", dice.pick(REASONS), owner, moment(since, 10 * 60))
        elif status == "lost":
            yield OfferChangeRow(offer, "sent", "lost", dice.pick(LOSSES), owner, moment(since, 10 * 60))

    def _order(
        self,
        offer: int,
        subject: Subject,
        code: str,
        lines: Sequence[Line],
        sums: Totals,
        estimate: Decimal | None,
        day: int,
        owner: int,
        contacts: Sequence[Address],
    ) -> Iterator[Row]:
        dice, days, key = self.dice, self.days, next(self.world.order_ids)
        begin, length = min(day + dice.number(10, 60), 100), dice.number(0, 30)
        status = self._order_status(day, begin, begin + length)
        since = {"waiting": day, "in_delivery": begin}.get(status, begin + length)
        title = self._title(code, lines)
        yield OrderRow(
            id=key,
            number=f"D{key}",
            offer_id=offer,
            type_id=self.world.offer_types[code],
            title=title,
            customer_id=subject.id,
            contact_id=dice.pick(contacts).id if contacts else None,
            owner_id=owner,
            status=status,
            status_since=days.moment(min(since, -1), 10 * 60),
            date=days.date(day),
            delivery_start=days.date(begin),
            delivery_end=days.date(min(begin + length, 130)),
            participants=dice.number(4, 40),
            place=dice.pick(("Omnia, Kirkkokatu", "Asiakkaan tilat", "Etäyhteydellä", "Omnia, Kirkkokallio")),
            trainer_id=lines[0].product.owner_id if lines else None,
            estimate=estimate,
            net=sums.net if lines else estimate or 0,
            vat=sums.vat,
            created_by_id=owner,
            created_at=days.moment(day, 10 * 60),
        )
        yield from self._order_lines(key, lines, status)
        if estimate and status != "waiting":
            yield self._value_line(key, title, estimate, status)
        yield OrderChangeRow(key, "", "waiting", "", owner, days.moment(day, 10 * 60))
        steps = ("waiting", "in_delivery", "invoiced", "closed")
        for number, step in enumerate(steps[1 : steps.index(status) + 1], 1):
            at = days.moment(min(begin + 20 * (number - 1), -1), 11 * 60)
            yield OrderChangeRow(key, steps[number - 1], step, "", owner, at)

    def _order_status(self, day: int, begin: int, end: int) -> str:
        if begin >= 0:
            return "waiting"
        if end >= -20:
            return "in_delivery"
        return "closed" if end < -90 or self.dice.chance(0.4) else "invoiced"

    def _value_line(self, order: int, name: str, value: Decimal, status: str) -> OrderLineRow:
        """What an order that has only a value becomes when its delivery begins."""
        done = Decimal(status in {"invoiced", "closed"})
        return OrderLineRow(
            order_id=order,
            position=1,
            kind="free",
            product_id=None,
            name=name,
            details="",
            quantity=Decimal(1),
            unit_id=None,
            unit_price=value,
            discount=Decimal(0),
            vat_rate=Decimal(0),
            responsible_id=None,
            delivered=done,
            invoiced=done,
        )

    def _order_lines(self, order: int, lines: Sequence[Line], status: str) -> Iterator[OrderLineRow]:
        """In delivery, a part is delivered, and of that a part invoiced."""
        for position, line in enumerate(lines, 1):
            product, is_over = line.product, status in {"invoiced", "closed"}
            delivered = line.quantity if is_over else Decimal(0)
            invoiced = delivered
            if status == "in_delivery":
                delivered = Decimal(self.dice.number(0, int(line.quantity)))
                invoiced = Decimal(self.dice.number(0, int(delivered))) if self.dice.chance(0.3) else Decimal(0)
            yield OrderLineRow(
                order_id=order,
                position=position,
                kind="product",
                product_id=product.id,
                name=product.name,
                details="",
                quantity=line.quantity,
                unit_id=product.unit_id,
                unit_price=product.price,
                discount=line.discount,
                vat_rate=product.vat_rate,
                responsible_id=product.owner_id,
                delivered=delivered,
                invoiced=invoiced,
            )
