"""Random customers with everything that conditions ask about, the same for the same seed."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.tests.factories import UserFactory
from activities.feedback.models import Feedback
from activities.log.models import Activity, ActivityType, Keyword
from activities.log.tests.factories import ActivityFactory
from core import clock
from customers.models import (
    ClassificationNode,
    Consent,
    Contact,
    ContactClassification,
    Customer,
    CustomerClassification,
    CustomerSummary,
    Municipality,
    Position,
)
from customers.tests.factories import ContactFactory, CustomerFactory, PositionFactory
from offers.offers.models import Offer
from offers.offers.tests.factories import LostReasonFactory, OfferFactory, OfferTypeFactory
from offers.orders.models import Order
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import ProductFactory, line, product_group
from segmentation.schemes.models import Segment

CUSTOMERS, CONTACTS, ACTIVITIES, SALES = 40, 50, 120, 40


@dataclass
class World:
    """What there is, for the evaluator in plain Python."""

    dice: random.Random
    user: User
    users: list[User] = field(default_factory=list)
    nodes: list[ClassificationNode] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    roles: list[ClassificationNode] = field(default_factory=list)
    targets: list[ClassificationNode] = field(default_factory=list)
    places: list[Municipality] = field(default_factory=list)
    types: list[ActivityType] = field(default_factory=list)
    keywords: list[Keyword] = field(default_factory=list)
    products: list[Any] = field(default_factory=list)
    groups: list[Any] = field(default_factory=list)

    def ago(self, most: int = 400) -> dt.datetime:
        return clock.now() - dt.timedelta(days=self.dice.randint(-30, most), minutes=self.dice.randint(0, 1_000))

    def maybe(self, value: Any, empty: Any = None, chance: float = 0.3) -> Any:
        return empty if self.dice.random() < chance else value


def made(seed: int) -> World:
    world = World(random.Random(seed), UserFactory())
    world.users = [world.user, *(UserFactory() for _number in range(3))]
    nodes = ClassificationNode.objects.select_related("branch")
    world.nodes = list(nodes.filter(branch__purpose="group"))
    world.segments = list(Segment.objects.primary())
    world.roles = list(nodes.filter(branch__purpose="contact_role"))
    world.targets = list(nodes.filter(branch__code="target_groups")[:4])
    below = ClassificationNode.objects.add_child(
        world.nodes[0], {"branch": world.nodes[0].branch, "code": "below", "name_fi": "Alla", "name_en": "Below"}
    )
    world.nodes.append(below)
    world.places = list(Municipality.objects.order_by("pk")[:3])
    world.types = list(ActivityType.objects.filter(code__in=["call", "visit", "meeting", "feedback"]))
    world.keywords = list(Keyword.objects.filter(code__in=["negative", "positive"]))
    top = product_group("Top", code="top")
    world.groups = [top, product_group("Inner", code="inner", parent=top), product_group("Other", code="other")]
    world.products = [ProductFactory(group=group) for group in world.groups]
    _customers(world)
    _contacts(world)
    _activities(world)
    _sales(world)
    return world


def _customers(world: World) -> None:
    dice = world.dice
    for number in range(CUSTOMERS):
        customer = CustomerFactory(
            name=f"{dice.choice(['Kone', 'Talo', 'Auto'])} {number}",
            email=world.maybe(f"a{number}@example.fi", ""),
            municipality=world.maybe(dice.choice(world.places)),
            organisation_form=world.maybe(dice.choice(["company", "authority"]), ""),
            personnel=world.maybe(dice.randint(0, 100)),
            is_obliged_to_buy=dice.random() < 0.4,
            passive=dice.random() < 0.1,
            segment=world.maybe(dice.choice(world.segments)),
        )
        for node in dice.sample(world.nodes, dice.randint(0, 2)):
            CustomerClassification.objects.create(customer=customer, node=node)
        CustomerSummary.objects.filter(customer=customer).update(
            owner=world.maybe(dice.choice(world.users)),
            last_contact_at=world.maybe(clock.now() - dt.timedelta(days=dice.randint(0, 300))),
            ordered_12_months=Decimal(dice.randint(0, 4)) * 1_000,
            last_order_on=world.maybe(clock.today() - dt.timedelta(days=dice.randint(0, 500))),
        )


def _contacts(world: World) -> None:
    dice = world.dice
    customers = list(Customer.objects.order_by("pk"))
    for _number in range(CONTACTS):
        contact = ContactFactory(language=dice.choice(["fi", "sv"]))
        for customer in dice.sample(customers, dice.randint(1, 2)):
            PositionFactory(
                contact=contact,
                customer=customer,
                role=world.maybe(dice.choice(world.roles)),
                title=dice.choice(["Johtaja", "Ostaja"]),
                end=world.maybe(None, clock.today() - dt.timedelta(days=5), 0.2),
            )
        for _answer in range(dice.randint(0, 2)):
            day = clock.today() - dt.timedelta(days=dice.randint(0, 2))
            Consent.objects.create(
                contact=contact, channel="email", is_given=dice.random() < 0.5, given_on=day, source="phone"
            )
        if dice.random() < 0.5:
            ContactClassification.objects.create(contact=contact, node=dice.choice(world.targets))


def _activities(world: World) -> None:
    dice = world.dice
    customers, contacts = list(Customer.objects.order_by("pk")), list(Contact.objects.order_by("pk"))
    for _number in range(ACTIVITIES):
        kind = dice.choice(world.types)
        activity = ActivityFactory(
            type=kind,
            customer=dice.choice(customers),
            created_by=world.user,
            participants=[dice.choice(world.users)],
            contacts=[dice.choice(contacts)] if dice.random() < 0.5 else [],
            words=[dice.choice(world.keywords).code] if dice.random() < 0.5 else [],
            start=world.ago(),
            status=dice.choice(["open", "done"]),
            channel=dice.choice(["phone", "meeting", ""]),
        )
        if kind.code == "feedback":
            Feedback.objects.create(activity=activity, answered_at=world.maybe(clock.now()))


def _sales(world: World) -> None:
    dice = world.dice
    customers = list(Customer.objects.order_by("pk"))
    kind, reason = OfferTypeFactory(), LostReasonFactory()
    for _number in range(SALES):
        day = clock.today() - dt.timedelta(days=dice.randint(0, 500))
        about = {"customer": dice.choice(customers), "type": kind, "owner": dice.choice(world.users), "date": day}
        status = dice.choice(["open", "sent", "lost"])
        OfferFactory(
            status=status, lost_reason=reason if status == "lost" else None, net=dice.randint(1, 9) * 500, **about
        )
        order = OrderFactory(
            status=dice.choice(["waiting", "invoiced", "cancelled"]),
            lines=[line(kind="product", product_id=dice.choice(world.products).pk)]
            if dice.random() < 0.6
            else [line()],
            **{**about, "customer": dice.choice(customers)},
        )
        Order.objects.filter(pk=order.pk).update(net=dice.randint(1, 9) * 500)


def everything() -> dict[str, list[Any]]:
    """Return all rows that the evaluator looks at, read once."""
    return {
        "customers": list(Customer.objects.select_related("summary", "municipality")),
        "contacts": list(Contact.objects.all()),
        "positions": list(Position.objects.select_related("role")),
        "classes": list(CustomerClassification.objects.select_related("node")),
        "contact_classes": list(ContactClassification.objects.select_related("node")),
        "consents": list(Consent.objects.order_by("given_on", "pk")),
        "activities": list(
            Activity.objects.select_related("type", "feedback").prefetch_related("users", "contacts", "keywords")
        ),
        "offers": list(Offer.objects.all()),
        "orders": list(Order.objects.prefetch_related("lines__product__group")),
    }
