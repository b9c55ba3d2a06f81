"""What is foreseen, against brute force: the day moves forward, all is computed again, the first change is noted."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory, activity_type
from core import clock
from core.conditions.tree import Group
from core.metrics import fixed_metrics
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferFactory
from offers.orders.tests.factories import OrderFactory
from segmentation.criteria.evaluation import scheme_evaluate
from segmentation.criteria.foreseen import growth_of, is_time_bound, windows_of
from segmentation.criteria.models import Evaluation
from segmentation.criteria.tests.conftest import at_least, at_most, group, top, tree
from segmentation.criteria.tests.factories import in_force, scheme_with
from segmentation.metrics.models import OwnMetric, OwnValue
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.schemes.models import Scheme

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 28)
ALL = Group(1)


def yes(code: str) -> dict[str, Any]:
    return {"field": "criteria.metric", "values": {"metric": code, "op": "yes"}}


def no(code: str) -> dict[str, Any]:
    return {"field": "criteria.metric", "values": {"metric": code, "op": "no"}}


class World:
    """Customers with orders, offers, contacts and own values on random days, and the days that matter later."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.days: set[dt.date] = set()
        owner = UserFactory()
        self.rows = [CustomerFactory(founded=2017 + number, owner=owner) for number in range(2)]
        loyalty = OwnMetric.objects.get(code="loyalty")
        for row in self.rows:
            for _number in range(2):
                OrderFactory(customer=row, owner=owner, date=self.day(), net=Decimal(self.dice.choice((100, 200))))
                OfferFactory(customer=row, owner=owner, date=self.day())
                self.contact(row, owner)
            expires = DAY + dt.timedelta(days=self.dice.randrange(20, 400))
            self.days.add(expires)
            OwnValue.objects.create(
                customer=row, metric=loyalty, number=self.dice.choice((4, 6)), given_on=DAY, expires_on=expires
            )

    def day(self) -> dt.date:
        day = DAY - dt.timedelta(days=self.dice.randrange(1_000))
        self.days.add(day)
        return day

    def contact(self, row: Any, owner: Any) -> None:
        start = dt.datetime.combine(self.day(), dt.time(10), dt.UTC)
        channel = self.dice.choice(("phone", "meeting"))
        about = {"type": activity_type("call"), "status": "done", "created_by": owner, "participants": [owner]}
        ActivityFactory(customer=row, start=start, channel=channel, hours=2, **about)

    def later(self, months: Iterable[int], days: Iterable[int]) -> list[dt.date]:
        """Return the days after which something may change, with those beside them."""
        found = {day + relativedelta(months=number) for day in self.days for number in months}
        found |= {day + dt.timedelta(days=number) for day in self.days for number in days}
        beside = {day + dt.timedelta(days=number) for day in found for number in (0, 1)}
        return sorted(day for day in beside if day > DAY)

    def evaluate(self, scheme: Scheme, day: dt.date) -> None:
        with clock.frozen(dt.datetime.combine(day, dt.time(12), dt.UTC)):
            metrics_refresh([row.pk for row in self.rows])
            scheme_evaluate(scheme=scheme, day=day)

    def segments(self, scheme: Scheme) -> dict[int, int | None]:
        rows = Evaluation.objects.filter(scheme=scheme, customer__in=self.rows)
        return dict(rows.values_list("customer", "segment"))


SETS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "windows": (
        [
            [at_least("orders_12", 2), at_most("offers_12", 1)],
            [group("any", at_least("ordered_36", 400), at_least("contacts_12", 2))],
            [at_most("contacts_12", 1), at_least("offered_36", 0)],
        ],
        {"months": (12, 36)},
    ),
    "different": (
        [[at_least("channels_12", 2)], [at_least("hours_36", 4), yes("orders_12")], [no("offers_12")]],
        {"months": (12, 36)},
    ),
    "growing": (
        [
            [at_most("days_since_contact", 40), at_least("orders_total", 1)],
            [at_most("months_since_order", 5, 8)],
            [at_least("relation_years", 3), at_most("company_age", 11)],
        ],
        {"months": (6, 9, 36), "days": (42,)},
    ),
    "expiring": (
        [[at_least("own_loyalty", 5), at_least("orders_36", 1)], [at_least("contacts_12", 1)]],
        {"months": (12, 36), "days": (1,)},
    ),
}


@pytest.mark.parametrize(("name", "minimum_days"), [*((name, 0) for name in SETS), ("growing", 200)])
def test_the_first_change_is_on_the_day_foreseen(name: str, minimum_days: int) -> None:
    rules, about = SETS[name]
    world = World(seed=len(name) + minimum_days)
    codes = "ABCD"[: len(rules)]
    scheme, segments = scheme_with(*codes, "R", minimum_days=minimum_days, minimum_known=60)
    in_force(
        scheme, {segments[code]: tree(parts) for code, parts in zip(codes, rules, strict=True)} | {segments["R"]: ALL}
    )
    world.evaluate(scheme, DAY)
    before = world.segments(scheme)
    foreseen = {row.customer_id: row.reasons.get("lapse") for row in Evaluation.objects.filter(scheme=scheme)}
    changes: dict[int, tuple[str, int | None]] = {}
    days = world.later(about["months"], about.get("days", ()))
    if minimum_days:
        days = sorted({*days, DAY + dt.timedelta(days=minimum_days)})
    new_years = [dt.date(year, 1, 1) for year in (2027, 2028, 2029, 2030)]
    for day in sorted({*days, *new_years}):
        world.evaluate(scheme, day)
        for pk, segment in world.segments(scheme).items():
            if segment != before[pk]:
                changes.setdefault(pk, (day.isoformat(), segment))
    said = {pk: (lapse["on"], lapse.get("segment")) for pk, lapse in foreseen.items() if lapse and pk in before}
    assert said == changes
    assert changes, "the world has nothing to foresee"


def test_every_figure_that_moves_with_the_calendar_is_foreseen_or_named() -> None:
    moving = {code for code, metric in fixed_metrics().items() if not metric.is_helper and is_time_bound(metric)}
    foreseen = {code for code in moving if windows_of(code) or growth_of(fixed_metrics()[code])}
    assert {code for code in moving - foreseen if not fixed_metrics()[code].is_value} == {
        *("contacts_known", "decision_maker_known"),  # people begin and end on their days
        *("ordered_before_12", "ordered_change", "order_periods_36", "retained", "delivery_days_36", "hit_rate_36"),
        *("solved_at_once_12", "nps_24"),
    }
    assert {code for code in fixed_metrics() if windows_of(code)} <= moving


def test_pages_name_what_is_not_foreseen(client: Any) -> None:
    scheme, segments = scheme_with("A", "B", "C")
    version = in_force(scheme, {
        segments["A"]: tree([at_least("nps_24", 50), at_least("orders_12", 1)]),
        segments["B"]: tree([top("ordered_36", 10)]),
        segments["C"]: ALL,
    })  # fmt: skip
    row = CustomerFactory()
    order = OrderFactory(customer=row, date=DAY - dt.timedelta(days=30))
    assert order.pk
    client.force_login(UserFactory(language="en"))
    text = client.get(reverse("criteria:detail", args=[version.pk])).content.decode()
    assert (
        "The day on which these change by themselves is not foreseen: NPS of 24 months, Ordered in 36 months." in text
    )
