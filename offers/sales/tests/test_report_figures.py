"""The figures of sales reports, calculated by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.tests.factories import ActivityFactory
from core import clock
from customers.tests.factories import CustomerFactory
from offers.offers.models import OfferActivity, OfferStatusChange
from offers.offers.services.status import offer_lose, offer_set_status
from offers.offers.tests.factories import LostReasonFactory, OfferTypeFactory
from offers.orders.services.orders import offer_accept
from offers.orders.tests.factories import OrderFactory
from offers.products.enums import LineKind
from offers.products.tests.factories import ProductFactory, line, product_group
from offers.sales.enums import TargetKind
from offers.sales.models import SalesTarget
from offers.sales.selectors.buyers import groups_by_segment
from offers.sales.selectors.reports import ReportQuery, euro_targets, months, percent
from offers.sales.tests.reports import YEAR, decided, make_offer, order, tables
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db


# Open offers


def test_open_offers_stand_by_their_days_at_their_stage(manager):
    now = dt.datetime(2026, 11, 28, 10, tzinfo=dt.UTC)  # late in the evening summer time makes a day another one
    with clock.frozen(now):
        for days, status in ((7, "open"), (8, "open"), (8, "sent"), (91, "sent")):
            make_offer("100", status=status, probability=10, status_since=now - dt.timedelta(days=days))
        report = tables("open", manager)["open"]
    assert {name: (row["prepared"], row["sent"]) for name, row in report.items()} == {
        "0–7 days": (1, 0), "8–14 days": (1, 1), "15–30 days": (0, 0), "31–60 days": (0, 0), "61–90 days": (0, 0),
        "91 days or more": (0, 1), "Total": (2, 2),
    }  # fmt: skip
    assert (report["8–14 days"]["value"], report["8–14 days"]["weighted"]) == (Decimal(200), Decimal(20))


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/Helsinki", "Asia/Tokyo"])
def test_days_at_a_stage_are_days_of_our_own_clock_whoever_reads(manager, zone):
    with clock.frozen(dt.datetime(2026, 5, 8, 21, 30, tzinfo=dt.UTC)):  # 00:30 on the 9th here
        for since in ("2026-05-01T22:30Z", "2026-05-01T16:00Z"):  # 01:30 on the 2nd and 19:00 on the 1st here
            make_offer("1000", status_since=dt.datetime.fromisoformat(since))
        with timezone.override(zone):
            ages = tables("open", manager)["open"]
    assert [row["prepared"] for row in ages.values()][:2] == [1, 1]


def test_open_offers_tell_what_is_to_be_mended(manager):
    offer = make_offer(type=OfferTypeFactory(open_days=3), status_since=timezone.now() - dt.timedelta(days=4))
    make_offer(day="2025-01-01")  # expired
    OfferActivity.objects.create(
        offer=offer, activity=ActivityFactory(customer=offer.customer, status=ActivityStatus.IN_PROGRESS)
    )
    whole = tables("open", manager)["open"]["Total"]
    assert (whole["stuck"], whole["expired"], whole["stepless"]) == (1, 2 if offer.is_expired else 1, 1)


def test_an_accepted_offer_leaves_the_report_of_open_offers(manager):
    offer = make_offer()
    assert tables("open", manager)["open"]["Total"]["prepared"] == 1
    offer_accept(offer=offer, user=manager, confirm=["expired", "unsent"], reason="By phone")
    assert tables("open", manager)["open"]["Total"]["prepared"] == 0


# Totals


def test_totals_by_type_tell_what_became_of_the_offers_of_the_period(manager):
    type = OfferTypeFactory(name_en="Training")
    decided("order", "300", type=type, dated="2026-01-01")
    decided("lost", "100", type=type, dated="2026-12-31")
    decided("lost", "50", type=type)
    make_offer("7", type=type)
    make_offer("999", "2025-12-31", type=type)
    make_offer("999", "2027-01-01", type=type)
    report = tables("types", manager)["types"]
    assert report["Training"] == report["Total"] == {
        "offered": 4, "offered_net": 457, "open": 1, "open_net": 7, "won": 1, "won_net": 300, "lost": 2,
        "lost_net": 150, "hit_rate": Decimal("33.3"),
    }  # fmt: skip


def test_totals_by_person_stand_against_the_euro_targets(manager):
    seller = UserFactory(role="account_manager", first_name="Mari", last_name="Salo")
    SalesTarget.objects.create(user=seller, year=2026, kind=TargetKind.EUROS, amount=4000)
    make_offer("10", owner=seller)
    order("1000", owner=seller)
    order("500", "2025-12-31", owner=seller)
    order("800", owner=seller, status="cancelled")
    row = tables("people", manager)["people"]["Mari Salo"]
    assert (row["offered"], row["ordered_net"], row["target"], row["reached"]) == (1, 1000, 4000, Decimal("25.0"))


def test_a_person_with_nothing_but_a_target_is_told_too(manager):
    seller = UserFactory(role="account_manager", first_name="Mari", last_name="Salo")
    SalesTarget.objects.create(user=seller, year=2026, kind=TargetKind.EUROS, amount=4000)
    assert tables("people", manager)["people"]["Mari Salo"]["reached"] == Decimal(0)


def targets(seller, first, last):
    query = ReportQuery(reader=seller, first=dt.date.fromisoformat(first), last=dt.date.fromisoformat(last))
    return euro_targets(query, [seller.pk]).get(seller.pk)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-01-01", "2026-12-31", 36500),
        ("2026-01-01", "2026-03-31", 9000),  # the quarter has its own
        ("2026-03-31", "2026-04-01", 200),  # a ninetieth of it and a day of the year
        ("2026-04-01", "2026-04-30", 3000),
        ("2025-12-01", "2026-12-31", 36500),
        ("2027-01-01", "2027-12-31", 0),
    ],
)
def test_a_target_of_a_period_is_the_years_the_quarters_or_a_part_by_days(user, first, last, expected):
    for quarter, amount in ((0, 36500), (1, 9000)):
        SalesTarget.objects.create(user=user, year=2026, quarter=quarter, kind=TargetKind.EUROS, amount=amount)
    assert (targets(user, first, last) or 0) == expected


def test_quarters_without_a_year_are_added_up(user):
    for quarter in (1, 2, 3, 4):
        SalesTarget.objects.create(user=user, year=2026, quarter=quarter, kind=TargetKind.EUROS, amount=quarter)
    assert targets(user, "2026-01-01", "2026-12-31") == 10


# Hit rate


def test_hit_rate_is_won_of_decided_by_number_and_by_value(manager):
    decided("order", "900", "2026-01-31")
    decided("lost", "100", "2026-01-01")
    decided("lost", "100", "2026-02-01")
    make_offer()
    report = tables("hit-rate", manager, (dt.date(2026, 1, 1), dt.date(2026, 3, 31)))["months"]
    assert list(report) == ["January 2026", "February 2026", "March 2026", "Total"]
    assert (report["January 2026"]["hit_rate"], report["January 2026"]["hit_rate_net"]) == (50, 90)
    assert (report["February 2026"]["hit_rate"], report["March 2026"]["hit_rate"]) == (0, None)
    assert (report["Total"]["hit_rate"], report["Total"]["hit_rate_net"]) == (Decimal("33.3"), Decimal("81.8"))


@pytest.mark.parametrize(("at", "month"), [("2026-01-31 21:59", "January 2026"), ("2026-01-31 22:00", "February 2026")])
def test_a_decision_belongs_to_the_month_of_our_own_clock(manager, at, month):
    moment = dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC)
    make_offer(status="order", decided_at=moment)
    report = tables("hit-rate", manager)["months"]
    assert [name for name, row in report.items() if row["won"]] == [month, "Total"]


def test_months_run_over_years():
    assert months(dt.date(2025, 12, 31), dt.date(2026, 2, 1)) == [
        dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1)
    ]  # fmt: skip


def test_a_share_of_nothing_is_none():
    assert (percent(1, 3), percent(0, 5), percent(0, 0)) == (Decimal("33.3"), Decimal("0.0"), None)


# Time to decision


def test_time_to_decision_is_from_the_first_sending_or_the_date(manager):
    type = OfferTypeFactory(name_en="Training")
    for days, status in ((0, "order"), (10, "lost"), (20, "order")):
        decided(status, day=f"2026-03-{1 + days:02d}", dated="2026-03-01", type=type)
    resent = decided("order", day="2026-03-31", dated="2026-01-01", type=type)
    for day in ("2026-03-01", "2026-03-20"):
        at = timezone.make_aware(dt.datetime.fromisoformat(f"{day} 08:00"))
        OfferStatusChange.objects.create(offer=resent, from_status="open", to_status="sent", at=at)
    report = tables("decision-time", manager)
    # 0, 10, 20 and 30 days: half within 15, nine of ten within 27
    assert report["types"]["Training"] == {"count": 4, "median": Decimal(15), "ninety": Decimal(27)}
    assert report["outcomes"]["Lost"] == {"count": 1, "median": Decimal(10), "ninety": Decimal(10)}


def test_the_services_write_what_the_time_to_decision_reads(manager):
    with time_machine.travel("2026-03-01 09:00 +0200", tick=False) as clock:
        offer = make_offer(day="2026-02-01")
        offer_set_status(offer=offer, status="sent", user=manager)
        clock.move_to("2026-03-08 09:00 +0200")
        offer_lose(offer=offer, user=manager, reason=LostReasonFactory())
    assert tables("decision-time", manager)["outcomes"]["Total"]["median"] == 7


# Buyers


def test_recurring_buyers_have_two_orders_or_more_in_the_period(manager):
    names = {"once": [100], "twice": [200, 300], "often": [1] * 6}
    for name, sums in names.items():
        customer = CustomerFactory(name=name)
        for number, net in enumerate(sums, 1):
            order(net, f"2026-0{number}-05", customer=customer)
        order(50, "2025-06-01", customer=customer)
        order(50, customer=customer, status="cancelled")
    report = tables("recurring", manager)
    assert list(report["buyers"]) == ["twice", "often"]
    assert report["buyers"]["twice"] == {
        "orders": 2, "net": 500, "first": dt.date(2026, 1, 5), "last": dt.date(2026, 2, 5)
    }  # fmt: skip
    times = {name: (row["customers"], row["orders"], row["net"]) for name, row in report["times"].items()}
    assert times == {
        "One": (1, 1, 100), "Two": (1, 2, 500), "3–5": (0, 0, 0), "More than five": (1, 6, 6), "Total": (3, 9, 606)
    }  # fmt: skip


def test_rule_2_a_passive_buyer_counts_but_is_not_named(user):
    customer = CustomerFactory(name="Piilosana", passive=True)
    order(customer=customer)
    order(customer=customer)
    report = tables("recurring", user)
    assert report["buyers"] == {}
    assert report["times"]["Two"]["customers"] == 1


@pytest.mark.parametrize("name", ["types", "people"])
def test_one_definition_of_what_counts_on_one_screen(manager, name):
    """Decided offers of an inactive customer count, its open ones do not: here, on the board and in the forecast."""
    type, passive = OfferTypeFactory(name_en="Training"), CustomerFactory(passive=True)
    for customer in (CustomerFactory(), passive):
        make_offer("100", type=type, customer=customer)
        decided("order", "700", type=type, customer=customer)
        decided("lost", "50", type=type, customer=customer)
    [whole] = [
        table["All account managers" if name == "people" else "Total"] for table in tables(name, manager).values()
    ]
    assert (whole["offered"], whole["open"], whole["won"], whole["lost"]) == (5, 1, 2, 2)
    assert (whole["offered_net"], whole["open_net"]) == (1_600, 100)
    assert whole["hit_rate"] == Decimal("50.0")
    open_ones = tables("open", manager)["open"]["Total"]
    assert (open_ones["prepared"], open_ones["value"]) == (whole["open"], whole["open_net"])
    hits = tables("hit-rate", manager)["months"]["Total"]
    assert (hits["won"], hits["lost"]) == (whole["won"], whole["lost"])


# Reasons


def test_lost_offers_are_told_by_reason_and_competitor(manager):
    price, other = LostReasonFactory(name_en="Price"), LostReasonFactory(name_en="Timing")
    decided("order", "500")
    decided("lost", "100", lost_reason=price, competitor="Acme")
    decided("lost", "200", lost_reason=price, competitor="ACME")
    decided("lost", "50", lost_reason=other)
    report = tables("reasons", manager)
    shares = {name: (row["count"], row["share"], row["net"]) for name, row in report["reasons"].items()}
    assert shares == {
        "Won": (1, 25, 500), "Lost: Price": (2, 50, 300), "Lost: Timing": (1, 25, 50), "Total": (4, None, 850)
    }  # fmt: skip
    assert [(row["count"], row["net"]) for row in report["competitors"].values()] == [(2, 300), (1, 50)]
    assert list(report["competitors"])[1] == "no competitor known"


# Product groups and segments


@pytest.mark.usefixtures("defaults")
def test_orders_are_told_by_the_top_product_group_and_the_segment(manager):
    above = product_group("Above", code="above")
    below = product_group("Below", code="below", parent=above)
    in_group, without = ProductFactory(group=below), ProductFactory()
    lines = [
        line(kind=LineKind.HEADING),
        line(kind=LineKind.PRODUCT, product_id=in_group.pk, unit_price=100),
        line(kind=LineKind.PRODUCT, product_id=without.pk, unit_price=20),
        line(unit_price=3),
    ]
    OrderFactory(lines=lines, date=dt.date(2026, 2, 2), customer=CustomerFactory(segment=segment("A")))
    OrderFactory(lines=lines, date=dt.date(2026, 2, 2))
    order("0.50")
    order("7", "2025-02-02")
    report = tables("segments", manager)["segments"]
    sums = {name: (row["segment_A"], row["segment_none"], row["total"]) for name, row in report.items()}
    assert sums == {
        "Above": (100, 100, 200), "Products without a group": (20, 20, 40), "Tailored": (3, 3, 6),
        "Orders without lines": (0, Decimal("0.50"), Decimal("0.50")),
        "Total": (123, Decimal("123.50"), Decimal("246.50")),
    }  # fmt: skip


@pytest.mark.usefixtures("defaults")
def test_the_matrix_of_one_group_has_the_lines_of_that_group_only(manager):
    group = product_group("Above", code="above")
    product = ProductFactory(group=group)
    lines = [line(kind=LineKind.PRODUCT, product_id=product.pk, unit_price=100), line(unit_price=3)]
    OrderFactory(lines=lines, date=dt.date(2026, 2, 2))
    query = ReportQuery(reader=manager, first=YEAR[0], last=YEAR[1], group=group)
    assert [sum(row[1]) for row in groups_by_segment(query).rows] == [100]
