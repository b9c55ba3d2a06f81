"""The pipeline's stages with their sums, and the forecast."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.leads.enums import LeadState
from activities.leads.models import Lead
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.orders.services.orders import offer_accept
from offers.sales.selectors.pipeline import CARDS, LEAD, Sums, forecast, pipeline_offers
from offers.sales.tests.pipeline import columns, days_ago, make_lead, make_offer, numbers

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 16)


@pytest.fixture
def today():
    with time_machine.travel(dt.datetime(2026, 11, 16, 12, tzinfo=dt.UTC), tick=False):
        yield TODAY


# Sums and weighted values


def test_an_offer_counts_by_its_own_probability_or_the_usual_one_of_its_stage(user):
    type = OfferTypeFactory(open_probability=20, sent_probability=60)
    make_offer("1000", type=type, probability=75)
    make_offer("500.01", type=type)
    make_offer("200", type=type, status="sent")
    by_stage = columns(user)
    assert by_stage["open"].sums == Sums(2, Decimal("1500.01"), Decimal("850.00"))
    assert by_stage["sent"].sums == Sums(1, Decimal("200.00"), Decimal("120.00"))


def test_a_probability_of_nothing_is_not_the_usual_one(user):
    make_offer("1000", probability=0)
    assert columns(user)["open"].sums.weighted == 0


def test_a_weighted_value_is_the_same_on_the_page_and_in_the_database(user):
    make_offer("333.33", probability=33)
    offer = pipeline_offers(user).get()
    assert offer.weighted == (offer.net * offer.likely / 100).quantize(Decimal("0.01")) == Decimal("110.00")


def test_sums_are_of_all_rows_and_not_of_the_cards_shown(user):
    OfferFactory.create_batch(CARDS + 3, estimate=Decimal(10), customer=CustomerFactory(), owner=user)
    column = columns(user)["open"]
    assert (len(column.rows), column.sums.count, column.sums.net) == (CARDS, CARDS + 3, 10 * (CARDS + 3))


def test_leads_count_with_their_estimate(user):
    make_lead(details={"value": Decimal(300)})
    make_lead()
    assert columns(user)[LEAD].sums == Sums(2, Decimal(300), Decimal(0))


def test_decided_offers_stay_on_the_board_for_thirty_days(user):
    for days in (29, 31):
        make_offer(status="order", decided_at=days_ago(days))
        make_offer(status="lost", decided_at=days_ago(days))
    assert numbers(user) == {"order": 1, "lost": 1}


def test_an_accepted_offer_leaves_the_open_ones_by_itself(user):
    offer = make_offer()
    offer_accept(offer=offer, user=user, confirm=["unsent"], reason="By phone")
    assert numbers(user) == {"order": 1}
    assert not pipeline_offers(user).exists()


def test_a_lead_leaves_its_column_when_it_is_closed_has_an_offer_or_its_customer_rests(user):
    closed, offered, resting, _left = make_lead(), make_lead(), make_lead(), make_lead()
    Lead.objects.filter(pk=closed.pk).update(state=LeadState.CLOSED)
    OfferFactory(came_from=offered, customer=offered.customer)
    Customer.objects.filter(pk=resting.customer_id).update(
        state="passive", passive_reason="closed", passive_since=timezone.localdate()
    )
    assert numbers(user)[LEAD] == 1


def test_offers_of_passive_customers_rest_whoever_looks():
    make_offer(customer=CustomerFactory(passive=True))
    assert numbers(UserFactory(role="administrator")) == {}


# Forecast


def rows_of(user):
    return {(row.kind, row.month): row.sums for row in forecast(pipeline_offers(user)).rows if row.sums.count}


@pytest.mark.parametrize(
    ("day", "key"),
    [
        (TODAY - dt.timedelta(days=1), ("overdue", None)),
        (TODAY, ("month", dt.date(2026, 11, 1))),
        (dt.date(2026, 11, 30), ("month", dt.date(2026, 11, 1))),
        (dt.date(2026, 12, 1), ("month", dt.date(2026, 12, 1))),
        (dt.date(2027, 10, 31), ("month", dt.date(2027, 10, 1))),
        (dt.date(2027, 11, 1), ("later", None)),
        (None, ("no_date", None)),
    ],
)
def test_the_forecast_puts_an_offer_into_the_month_of_its_decision(today, user, day, key):
    make_offer("1000", expected_close=day, probability=40)
    assert rows_of(user) == {key: Sums(1, Decimal(1000), Decimal(400))}


def test_the_forecast_tells_empty_months_and_adds_up(today, user):
    make_offer("100", expected_close=dt.date(2026, 12, 5), probability=50)
    make_offer("200", expected_close=dt.date(2026, 12, 31), probability=100)
    make_offer("400", expected_close=TODAY, status="sent", probability=10)
    result = forecast(pipeline_offers(user))
    assert len(result.rows) == 12
    assert result.rows[1].sums == Sums(2, Decimal(300), Decimal(250))
    assert result.total == Sums(3, Decimal(700), Decimal(290))


def test_what_is_decided_is_not_forecast(user):
    make_offer(status="lost", expected_close=timezone.localdate())
    assert forecast(pipeline_offers(user)).total == Sums()
