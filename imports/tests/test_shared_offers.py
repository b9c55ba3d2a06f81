"""The shared products and sales pipeline, with the mappings of the worked example (``docs/import.md``)."""

from __future__ import annotations

import pytest
from django.db.models import F, Sum

from accounts.tests.factories import UserFactory
from activities.leads.models import Lead
from customers.models import Customer, CustomerSummary
from customers.tests.factories import CustomerFactory
from imports.models import ImportRun
from imports.services import assignment_execute, rows_assign
from imports.tests.helpers import counts
from imports.tests.test_shared_data import events, take_in
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer, OfferLine, OutsideNumber
from offers.orders.enums import OrderStatus
from offers.orders.models import Order, OrderLine
from offers.products.models import Product, ProductGroup

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("defaults")]
PIPELINE = "sales_pipeline.csv"
BEST = [
    ("Kan-code", 341_455),
    ("Konex", 269_245),
    ("Condax", 206_410),
    ("Cheers", 198_020),
    ("Hottechi", 194_957),
]


@pytest.fixture
def before() -> None:
    take_in("users", "sales_teams.csv")
    take_in("customers", "accounts.csv")
    take_in("products", "products.csv")


@pytest.fixture
def pipeline(before) -> ImportRun:
    return take_in("offers", PIPELINE)


def shares(run: ImportRun) -> dict[str, tuple[int, str, int, str]]:
    """Return rows and euros of each stage: imported, to review."""
    return {item["stage"]: (*item["taken_in"].values(), *item["held"].values()) for item in run.sums}


def test_products_make_groups_products_and_prices():
    run = take_in("products", "products.csv")
    assert counts(run) == (7, 0, 0, 0, 0)
    assert set(ProductGroup.objects.filter(products__isnull=False).values_list("name_fi", flat=True)) == {
        "GTX", "MG", "GTK",
    }  # fmt: skip
    product = Product.objects.with_prices().get(code="GTX-PRO")
    assert (product.name_fi, product.group.name_en, product.unit.code) == ("GTX Pro", "GTX", "piece")
    assert [price.price for price in product.prices.all()] == [4821]


def test_rule_17_products_again_change_nothing():
    take_in("products", "products.csv")
    counted = events()
    assert counts(take_in("products", "products.csv")) == (0, 0, 7, 0, 0)
    assert events() == counted


def test_pipeline_every_row_is_accounted_for(pipeline):
    assert counts(pipeline) == (7375, 0, 0, 1425, 0)
    held = pipeline.rows.filter(fate="held")
    assert {row["code"] for problems in held.values_list("problems", flat=True) for row in problems} == {"no_customer"}
    assert OutsideNumber.objects.count() == 7375
    assert shares(pipeline) == {
        "lead": (163, "0.00", 337, "0.00"),
        "open": (501, "0.00", 1088, "0.00"),
        "won": (4238, "10005534.00", 0, "0.00"),
        "lost": (2473, "0.00", 0, "0.00"),
    }


def test_pipeline_won_are_closed_orders_of_their_customers(pipeline):
    orders = Order.objects.filter(status=OrderStatus.CLOSED)
    assert (orders.count(), orders.aggregate(sum=Sum("net"))["sum"]) == (4238, 10_005_534)
    assert Offer.objects.filter(status=OfferStatus.ORDER, decided_at__isnull=False).count() == 4238
    assert not OrderLine.objects.exclude(delivered=F("quantity"), invoiced=F("quantity")).exists()
    best = Customer.objects.annotate(won=Sum("orders__net")).filter(won__isnull=False).order_by("-won")
    assert list(best.values_list("name", "won")[:5]) == BEST


def test_pipeline_offers_have_their_products_people_days_and_numbers(pipeline):
    offer = OutsideNumber.objects.get(number="Z063OYW0").offer
    line = OfferLine.objects.get(offer=offer)
    assert (line.product.name_fi, line.unit_price, line.vat_rate) == ("GTX Pro", 4514, 24)
    assert (str(offer.owner), offer.customer.name, offer.net) == ("Darcel Schlecht", "Isdom", 4514)
    assert (str(offer.date), str(offer.decided_at.date()), str(offer.order.date)) == (
        "2016-10-25", "2017-03-11", "2017-03-11",
    )  # fmt: skip
    assert OfferLine.objects.filter(product__name_fi="GTX Pro").exclude(offer=None).count() > 1_000
    for year in (2016, 2017):
        numbers = sorted(Offer.objects.filter(date__year=year).values_list("number", flat=True))
        assert numbers == [f"TA{year}-{number:04d}" for number in range(1, len(numbers) + 1)]
    assert sorted(offer.status_changes.values_list("from_status", "to_status")) == [("", "open"), ("open", "order")]


def test_pipeline_leads_are_taken_up_and_lost_have_a_reason(pipeline):
    assert Lead.objects.filter(state="taken", taken_by__isnull=False, activity__status="in_progress").count() == 163
    assert set(Offer.objects.filter(status="lost").values_list("lost_reason__code", flat=True)) == {"not_known"}
    assert CustomerSummary.objects.aggregate(sum=Sum("open_offers"))["sum"] == 501


def test_rule_17_pipeline_again_changes_nothing(pipeline):
    counted = events()
    rows = list(Offer.objects.order_by("pk").values_list("pk", "version", "updated_at"))
    again = take_in("offers", PIPELINE)
    assert counts(again) == (0, 0, 7375, 1425, 0)
    assert events() == counted
    assert list(Offer.objects.order_by("pk").values_list("pk", "version", "updated_at")) == rows
    assert again.sums == pipeline.sums


def test_dry_run_of_the_pipeline_tells_the_same_and_writes_nothing(before):
    counted = events()
    dry = take_in("offers", PIPELINE, dry_run=True)
    assert counts(dry) == (7375, 0, 0, 1425, 0)
    assert events() == counted
    assert {item["stage"]: item["taken_in"]["rows"] for item in dry.sums} == {
        "lead": 163, "open": 501, "won": 4238, "lost": 2473,
    }  # fmt: skip


def test_held_rows_given_to_one_customer_come_out_even_and_stay(pipeline):
    customer, user = CustomerFactory(name="Somebody"), UserFactory(grants=["imports.run_imports"])
    ids = list(pipeline.rows.with_reason("no_customer").values_list("pk", flat=True))
    assignment = rows_assign(run=pipeline, customer=customer, user=user, ids=ids)
    assignment_execute(assignment, lambda done, total: None)
    pipeline.refresh_from_db()
    assert (assignment.taken_in, counts(pipeline)) == (1425, (8800, 0, 0, 0, 0))
    assert (customer.offers.filter(status="open").count(), customer.activities.count()) == (1088, 337)
    assert sum(item["taken_in"]["rows"] for item in pipeline.sums) == 8800
    counted = events()
    assert counts(take_in("offers", PIPELINE)) == (0, 0, 8800, 0, 0)
    assert events() == counted
