"""Approval by price: what counts is the reduction from the register's price, however it was entered."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from imports.tests.helpers import run_import
from offers.offers.enums import ApprovalStep
from offers.offers.migrations import __name__ as migrations
from offers.offers.models import Offer
from offers.offers.selectors import is_approved, step_states, steps_needed
from offers.offers.services.approvals import approval_decide, approvals_ask
from offers.offers.services.offers import offer_change, offer_create
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.products.models import ProductPrice
from offers.products.reductions import DEFINITION, reduction_percent, reductions_of
from offers.products.tests.factories import ProductFactory, line

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
DESCRIPTION = "Three days of training for new managers at our place."


@pytest.fixture
def writer():
    return UserFactory(role="account_manager")


@pytest.fixture
def limited():
    return OfferTypeFactory(content_limit=None, price_limit=None, discount_limit=15, signature_limit=None)


def course(**fields):
    fields = {"code": "K-77", "name_fi": "Esimiesvalmennus", "name_en": "Manager training"} | fields
    return ProductFactory(description_en=DESCRIPTION, prices={"2020-01-01": 100}, **fields)


def of_product(product, **fields):
    return line("Anything", kind="product", product_id=product.pk, **fields)


def offered(writer, type, *lines, **fields):
    offer = Offer(type=type, title="Course", customer=CustomerFactory(), owner=writer, date=TODAY, **fields)
    return offer_create(offer=offer, user=writer, lines=lines)


@pytest.mark.parametrize(
    ("unit_price", "discount", "register", "percent"),
    [
        ("10", "0", "100", "90"),  # the price typed down
        ("100", "15.01", "100", "15.01"),  # a discount
        ("90", "10", "100", "19"),  # both: 100 − 90 × 0.9
        ("84.99", "0", "100", "15.01"),
        ("9999.99", "0", "10000", "0.01"),  # rounded up
        ("120", "20", "100", "4"),  # a higher price offsets a discount
        ("150", "0", "100", "0"),
        ("100", "20", None, "20"),  # no register's price: the discount
        ("100", "20", "0", "20"),
        ("0", "0", "100", "100"),
    ],
)
def test_the_reduction_is_what_the_line_is_below_the_registers_price(unit_price, discount, register, percent):
    price = Decimal(register) if register else None
    assert reduction_percent(Decimal(unit_price), Decimal(discount), price) == Decimal(percent)


@given(
    register=st.integers(1, 10**7),
    price=st.integers(0, 10**7),
    discount=st.integers(0, 10_000),
    limit=st.integers(0, 99),
)
def test_a_limit_is_exceeded_exactly_when_less_is_paid_than_it_leaves(register, price, discount, limit):
    """In whole cents and hundredths of per cent, so that nothing is rounded in the comparison."""
    percent = reduction_percent(Decimal(price) / 100, Decimal(discount) / 100, Decimal(register) / 100)
    assert (percent > limit) == (price * (10_000 - discount) < register * (100 - limit) * 100)


@pytest.mark.parametrize(
    ("entered", "needed"),
    [
        ({"unit_price": 10}, True),
        ({"unit_price": 100, "discount": "15.01"}, True),
        ({"unit_price": 100, "discount": 15}, False),
        ({"unit_price": "84.99"}, True),
        ({"unit_price": 85}, False),
        ({"unit_price": 90, "discount": 10}, True),
        ({"unit_price": 95, "discount": 10}, False),
        ({"unit_price": 200, "discount": 40}, False),
    ],
)
def test_a_product_that_is_made_cheaper_needs_the_director_however_it_was_entered(writer, limited, entered, needed):
    offer = offered(writer, limited, of_product(course(), **entered))
    assert steps_needed(offer) == ([ApprovalStep.PRICE] if needed else [])


@pytest.mark.parametrize(
    ("name", "details", "percent"),
    [
        ("Esimiesvalmennus", "", 40),
        ("ESIMIES-valmennus.", "", 40),
        ("Manager  training", "", 40),
        ("Esimies\u200bvalmennus", "", 40),
        ("K-77", "", 40),
        ("K-77 Esimiesvalmennus", "", 40),
        ("Something of our own", DESCRIPTION, 40),
        ("Something of our own", "Short", 0),
        ("...", "", 0),
    ],
)
def test_a_tailored_line_that_copies_a_product_is_compared_with_it(name, details, percent):
    course()
    [reduction] = reductions_of([line(name, details=details, unit_price=60)], TODAY)
    assert reduction.percent == percent


def test_the_price_of_the_offers_date_counts(writer, limited):
    product = course()
    ProductPrice.objects.create(product=product, valid_from=TODAY, price=200)
    today = offered(writer, limited, of_product(product, unit_price=100))
    before = offered(writer, limited, of_product(product, unit_price=100), valid_until=None)
    assert (today.max_discount, steps_needed(today)) == (Decimal(50), [ApprovalStep.PRICE])
    changed = offer_change(offer=before, user=writer, changes={"date": TODAY - dt.timedelta(days=1)})
    assert (changed.max_discount, steps_needed(changed)) == (Decimal(0), [])


def test_a_date_that_makes_the_reduction_greater_needs_a_new_approval(writer, limited):
    product = course()
    ProductPrice.objects.create(product=product, valid_from=TODAY, price=1_000)
    yesterday = TODAY - dt.timedelta(days=1)
    offer = offered(writer, limited, of_product(product, unit_price=80))
    offer = offer_change(offer=offer, user=writer, changes={"date": yesterday})
    [approval] = approvals_ask(offer=offer, user=writer)
    approval_decide(approval=approval, user=UserFactory(role="management"), state="approved")
    assert is_approved(offer)
    offer = offer_change(offer=offer, user=writer, changes={"date": TODAY})
    assert (offer.max_discount, is_approved(offer)) == (Decimal(92), False)
    assert [state.approval for state in step_states(offer)] == [None]


def test_headings_and_lines_of_no_product_are_compared_with_nothing():
    heading, own = reductions_of([line("Esimiesvalmennus", kind="heading"), line("Own", discount=7)], TODAY)
    assert (heading.percent, own.percent, own.register_price) == (0, 7, None)


def test_reductions_cost_the_same_for_any_number_of_lines(django_assert_num_queries):
    products = [course(code=f"K-{number}") for number in range(4)]
    for count in (1, 4):
        lines = [of_product(product) for product in products[:count]] + [line(f"Own {n}") for n in range(count)]
        with django_assert_num_queries(5):
            reductions_of(lines, TODAY)


def test_the_line_and_the_approval_show_the_reduction_with_its_definition(writer, limited):
    offer = offered(writer, limited, of_product(course(), unit_price=60, discount=10))
    client = Client()
    client.force_login(writer)
    page = client.get(reverse("offers:detail", args=[offer.pk])).content.decode()
    assert "reduction 46 %" in page
    assert str(DEFINITION).replace("'", "&#x27;") in page
    panel = client.get(reverse("offers:approvals", args=[offer.pk])).content.decode()
    assert "Greatest reduction 46 %" in panel
    assert "limit 15 %" in panel
    assert str(DEFINITION).replace("'", "&#x27;") in panel
    approvals_ask(offer=offer, user=writer)
    client.force_login(UserFactory(role="management"))
    queue = client.get(reverse("offers:approval_queue")).content.decode()
    assert '<td class="num hide-sm">46</td>' in queue


def test_the_api_shows_the_reduction_of_each_line_and_in_the_approvals(writer, limited):
    offer = offered(writer, limited, of_product(course(), unit_price=60, discount=10), line("Own"))
    api = APIClient()
    api.force_authenticate(writer)
    lines = api.get(f"/api/v1/offers/{offer.pk}/").json()["lines"]
    assert [(row["register_price"], row["reduction"]) for row in lines] == [("100.00", "46.00"), (None, "0.00")]
    content = api.get(f"/api/v1/offers/{offer.pk}/approvals/").json()
    assert (content["needed"], content["reduction"], content["reduction_limit"]) == (["price"], "46.00", "15.00")
    asked = api.post(f"/api/v1/offers/{offer.pk}/ask-approval/").json()
    assert asked[0]["reduction"] == "46.00"


def test_the_migration_finds_what_was_typed_down_before(writer, limited):
    offer = OfferFactory(owner=writer, type=limited, lines=[of_product(course(), unit_price=60, discount=10)])
    Offer.objects.update(max_discount=10)
    module = __import__(f"{migrations}.0002_reductions", fromlist=["RAISE"])
    with connection.cursor() as cursor:
        cursor.execute(module.RAISE)
    offer.refresh_from_db()
    assert (offer.max_discount, steps_needed(offer)) == (Decimal(46), [ApprovalStep.PRICE])


def test_an_imported_open_offer_has_the_reduction_of_its_value(defaults, limited):
    UserFactory(username="meri")
    CustomerFactory(name="Acme")
    course(code="P-1")
    columns = {
        "id": "offer_number", "who": "account_manager", "customer": "customer", "product": "product",
        "stage": "stage", "value": "value", "began": "began",
    }  # fmt: skip
    config = {
        "columns": [{"column": name, "field": field} for name, field in columns.items()],
        "defaults": {"offer_type": limited.code},
    }
    config["columns"][0]["system"] = "Old"
    run_import("id;who;customer;product;stage;value;began\n1;meri;Acme;P-1;open;60;01-02-21\n", "offers", config=config)
    offer = Offer.objects.get()
    assert (offer.max_discount, steps_needed(offer)) == (Decimal(40), [ApprovalStep.PRICE])
