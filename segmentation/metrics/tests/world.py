"""A customer with something of everything, on one day."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.tests.factories import UserFactory, role
from activities.feedback.models import Feedback, NpsQuestion
from activities.leads.models import Lead
from activities.log.models import Activity, ContactReason, Encounter
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.mail.models import EmailMessage, EmailThread
from customers.models import ClassificationNode, CustomerClassification, Municipality
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.tests.factories import OfferFactory
from offers.orders.models import OrderLine
from offers.orders.tests.factories import OrderFactory
from offers.products.models import Product, ProductGroup, Unit, VatClass
from segmentation.metrics.models import HourCost, OrderCost, ServiceCost
from segmentation.schemes.models import Scheme

DAY = dt.date(2026, 11, 29)


def at(text: str) -> dt.datetime:
    """Return *2026-11-29 09:30* in the organisation's time zone."""
    return timezone.make_aware(dt.datetime.fromisoformat(text), timezone.get_default_timezone())


def value_mode_set(mode: str) -> Scheme:
    """Make the primary scheme's value mode this one."""
    scheme = Scheme.objects.filter(is_primary=True).first()
    if scheme is None:
        return Scheme.objects.create(code="test", name_fi="Testi", name_en="Test", is_primary=True, value_mode=mode)
    Scheme.objects.filter(pk=scheme.pk).update(value_mode=mode)
    return scheme


def product(code: str, group: str) -> Product:
    return Product.objects.create(
        code=code, name_fi=code, group=ProductGroup.objects.get(code=group), unit=Unit.objects.get(code="piece"),
        vat_class=VatClass.objects.get(code="general"),
    )  # fmt: skip


class Rich:
    """A customer with a value of every metric, and the two users who work for it."""

    def __init__(self) -> None:
        self.owner, self.other = (UserFactory(role="account_manager") for _number in range(2))
        self.customer = CustomerFactory(
            owner=self.owner, personnel=120, personnel_change=20, turnover=5_000_000, founded=2000,
            municipality=Municipality.objects.get(name_fi="Espoo"),
        )  # fmt: skip
        agreement = ClassificationNode.objects.get(branch__code="framework_agreement", code="in_force")
        CustomerClassification.objects.create(customer=self.customer, node=agreement)
        decides = ClassificationNode.objects.get(branch__purpose="contact_role", code="decision_maker")
        self.contact = ContactFactory(customer=self.customer, customer__role=decides)
        ContactFactory(customer=self.customer)
        self.orders = self._orders()
        self._offers()
        self._activities()
        self._feedback()

    def _orders(self) -> list[Any]:
        days = ("2026-11-29", "2025-11-30", "2025-11-29", "2024-01-10", "2023-11-29", "2026-11-30")
        nets = (1000, 500, 200, 300, 999, 8888)
        orders = [self._order(day, net) for day, net in zip(days, nets, strict=True)]
        self._order("2026-06-01", 7777, status="cancelled")
        orders[0].participants, orders[2].participants = 10, 5
        orders[0].delivery_start, orders[0].delivery_end = dt.date(2026, 11, 1), dt.date(2026, 11, 3)
        orders[2].delivery_start, orders[2].delivery_end = dt.date(2025, 12, 1), dt.date(2025, 12, 5)
        for order in orders:
            order.save()
        a, b = product("A", "languages"), product("B", _other())
        for position, (order, sold) in enumerate(((orders[0], a), (orders[0], b), (orders[3], a)), 1):
            OrderLine.objects.create(
                order=order, position=position, kind="product", product=sold, name=sold.code, quantity=1, unit_price=1,
                discount=0, vat_rate=0,
            )  # fmt: skip
        return orders

    def _order(self, day: str, net: int, **fields: Any) -> Any:
        return OrderFactory(customer=self.customer, date=dt.date.fromisoformat(day), net=Decimal(net), **fields)

    def _offers(self) -> None:
        def offer(day: str, net: int, status: str, decided: str = "") -> None:
            OfferFactory(
                customer=self.customer, date=dt.date.fromisoformat(day), net=Decimal(net), status=status,
                decided_at=at(f"{decided} 12:00") if decided else None,
            )  # fmt: skip

        offer("2026-11-29", 100, "open")
        offer("2026-01-01", 400, "order", "2026-02-01")
        offer("2025-06-01", 300, "lost", "2025-07-01")
        offer("2024-03-01", 50, "sent")
        offer("2023-01-01", 10, "order", "2023-12-15")

    def activity(self, kind: str, start: str, **fields: Any) -> Activity:
        fields = {"channel": "", "created_by": self.owner, **fields}
        return ActivityFactory(type=activity_type(kind), customer=self.customer, start=at(start), **fields)

    def _activities(self) -> None:
        call = self.activity("call", "2026-11-29 09:00", channel="phone", hours=1)
        visit = self.activity(
            "visit", "2025-11-30 10:00", channel="meeting", end=at("2025-11-30 12:00"),
            participants=[self.owner, self.other],
        )  # fmt: skip
        self.activity("meeting", "2025-11-29 23:30", channel="video", hours=3)
        message = self.activity("email", "2026-05-05 10:00", channel="email", hours=Decimal("0.5"))
        self.activity("call", "2026-06-01 10:00", channel="phone", status="open", hours=4)
        self.activity("customer_work", "2026-03-03 10:00", hours=10, words=["material_purchase"])
        self.activity("training", "2026-04-04 10:00", channel="meeting", words=["guest_lecture", "national"])
        self.activity("call", "2023-11-28 10:00", channel="phone", hours=5)
        self.activity("call", "2026-02-02 10:00")
        self.reason = ContactReason.objects.order_by("pk")[0]
        Encounter.objects.create(activity=call, unnecessary=self.reason, solved_at_once=True)
        Encounter.objects.create(activity=visit, solved_at_once=False)
        EmailMessage.objects.create(
            activity=message, thread=EmailThread.objects.create(subject="Question"), direction="in", state="filed",
            message_id="question@example.com", sender="asker@example.com", subject="Question",
        )  # fmt: skip

    def _feedback(self) -> None:
        for start, word, status in (
            ("2026-10-10 10:00", "negative", "open"),
            ("2026-09-09 10:00", "positive", "done"),
            ("2025-10-01 10:00", "negative", "done"),
        ):
            heard = self.activity("feedback", start, words=[word], status=status, channel="phone")
            Feedback.objects.create(activity=heard)
        for score, answered in ((9, "2026-10-01"), (3, "2025-01-01"), (10, "2024-11-30"), (0, "2024-11-29")):
            NpsQuestion.objects.create(
                contact=self.contact, customer=self.customer, language="fi", digest=uuid.uuid4().hex, state="sent",
                asked_by=self.owner, asked_at=at(f"{answered} 00:00"), expires_at=at("2027-01-01 00:00"), score=score,
                answered_at=at(f"{answered} 00:00"),
            )  # fmt: skip
        for start, state in (("2026-08-08 10:00", "customer"), ("2026-01-01 10:00", "untaken")):
            Lead.objects.create(activity=self.activity("lead", start, status="open"), state=state)

    def costs(self) -> None:
        """Give all that profitability needs: an hour costs 50 €, and 60 € from 2026 on."""
        managers = role("account_manager")
        for day, amount in (("2020-01-01", 50), ("2026-01-01", 60)):
            HourCost.objects.create(role=managers, valid_from=day, amount=amount)
        for year, rate in ((2026, 2), (2025, 1), (2024, 3)):
            ServiceCost.objects.create(year=year, amount=1, rate=rate)
        for order, amount in zip(self.orders, (300, 100, 50, 20, 1, 1), strict=True):
            OrderCost.objects.create(order=order, amount=amount)


def _other() -> str:
    return ProductGroup.objects.exclude(code="languages").values_list("code", flat=True)[0]
