"""Orders, deliveries, invoice batches and billing details in the API."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.services import api_token_create
from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferTypeFactory
from offers.orders.enums import OrderStatus
from offers.orders.models import BillingDetails, Delivery, InvoiceBatch, Order
from offers.orders.tests.billing import billable, hand_over, seller, waiting
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import ProductFactory, line

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def user():
    seller()
    return UserFactory(role="sales_assistant")


@pytest.fixture
def api(client, user):
    _token, secret = api_token_create(user=user, name="test")
    headers = {"Authorization": f"Token {secret}"}

    def call(method, path, data=None):
        given = {"get": {"data": data}, "delete": {}}.get(method, {"data": data, "content_type": "application/json"})
        return getattr(client, method)(f"/api/v1/{path}", headers=headers, **given)

    return call


def in_delivery():
    return OrderFactory(status=OrderStatus.IN_DELIVERY, lines=[line("Course", quantity=3)])


def test_an_order_is_added_with_product_and_tailored_lines(api, user):
    product = ProductFactory(prices={"2020-01-01": 250})
    data = {
        "type": OfferTypeFactory().code, "title": "Training", "customer": CustomerFactory().pk,
        "lines": [{"product": product.pk, "quantity": "2"}, {"name": "Travel", "unit_price": "80", "vat_rate": "25.5"}],
    }  # fmt: skip
    response = api("post", "orders/", data)
    assert response.status_code == 201, response.text
    body = response.json()
    assert (body["net"], body["owner"]) == ("580.00", user.pk)
    assert [(line["name"], line["quantity"], line["delivered"]) for line in body["lines"]] == [
        (product.name_fi, "2.00", "0.00"), ("Travel", "1.00", "0.00"),
    ]  # fmt: skip


def test_a_kept_line_is_changed_in_what_is_sent(api):
    order = in_delivery()
    old_line = order.lines.get()
    old_line.delivered = 1
    old_line.save()
    response = api("patch", f"orders/{order.pk}/", {"lines": [{"id": old_line.pk, "quantity": "5"}], "version": 1})
    assert response.status_code == 200, response.text
    new_line = order.lines.get()
    assert (new_line.pk, new_line.name, new_line.quantity, new_line.unit_price, new_line.delivered) == (
        old_line.pk,
        "Course",
        5,
        100,
        1,
    )


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (lambda row: [{"id": row.pk, "quantity": "1"}], "line_delivered"),
        (lambda row: [], "line_delivered"),
        (lambda row: [{"id": row.pk + 99}], "line_unknown"),
    ],
)
def test_what_was_delivered_stays_true(api, lines, code):
    order = in_delivery()
    order.lines.update(delivered=2)
    response = api("patch", f"orders/{order.pk}/", {"lines": lines(order.lines.get())})
    assert (response.status_code, response.json()["error"]["code"]) == (409, code)
    assert order.lines.get().quantity == 3


def test_a_stale_version_is_refused(api):
    order = OrderFactory()
    response = api("patch", f"orders/{order.pk}/", {"title": "Other", "version": 9})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "stale_version")


def test_status_and_its_reason(api):
    order = OrderFactory()
    assert api("post", f"orders/{order.pk}/status/", {"status": "in_delivery"}).json()["status"] == "in_delivery"
    refused = api("post", f"orders/{order.pk}/status/", {"status": "cancelled"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "reason_required")
    refused = api("post", f"orders/{order.pk}/status/", {"status": "closed"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "status_not_allowed")


def test_deliveries_in_part_whole_and_back(api):
    order = in_delivery()
    pk = order.lines.get().pk
    part = {"day": str(TODAY), "lines": [{"line": pk, "quantity": "1"}]}
    assert api("post", f"orders/{order.pk}/deliver/", part).json()["lines"][0]["delivered"] == "1.00"
    assert api("post", f"orders/{order.pk}/deliver/", {"day": str(TODAY)}).json()["lines"][0]["delivered"] == "3.00"
    deliveries = api("get", f"orders/{order.pk}/deliveries/").json()
    assert [delivery["quantity"] for delivery in deliveries] == ["2.00", "1.00"]
    assert api("delete", f"orders/{order.pk}/deliveries/{deliveries[0]['id']}/").status_code == 204
    assert Delivery.objects.count() == 1
    twice = {"day": str(TODAY), "lines": [{"line": pk, "quantity": "1"}] * 2}
    assert api("post", f"orders/{order.pk}/deliver/", twice).status_code == 400


def test_rule_5_what_may_be_invoiced_is_handed_over_once(api):
    order = waiting()
    OrderFactory(lines=[line()])
    orders = api("get", "orders/to-invoice/").json()["results"]
    assert [order["id"] for order in orders] == [order.pk]
    data = {"lines": [{"line": order.lines.get().pk, "quantity": "3"}]}
    body = api("post", "invoice-batches/", data).json()
    assert (body["net"], body["day"], len(body["invoices"])) == ("300.00", str(TODAY), 1)
    again = api("post", "invoice-batches/", data)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "order_not_in_delivery")
    assert InvoiceBatch.objects.count() == 1


@pytest.mark.parametrize("quantity", ["0", "-1", "0.001", "x", None, "1000001"])
def test_a_quantity_that_cannot_be_is_refused(api, quantity):
    order = waiting()
    data = {"lines": [{"line": order.lines.get().pk, "quantity": quantity}]}
    assert api("post", "invoice-batches/", data).status_code == 400
    assert not InvoiceBatch.objects.exists()


def test_files_and_taking_back(api, user):
    batch = hand_over(waiting(), user=user)
    assert api("get", f"invoice-batches/{batch.pk}/csv/").content.startswith(b"\xef\xbb\xbf")
    assert api("get", f"invoice-batches/{batch.pk}/finvoice/").content.startswith(b"PK")
    refused = api("post", f"invoice-batches/{batch.pk}/take-back/", {"reason": "Wrong"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "batch_fetched")
    other = hand_over(waiting(), user=user)
    assert api("post", f"invoice-batches/{other.pk}/take-back/", {"reason": "Wrong"}).json()["taken_back_at"]
    assert api("get", f"invoice-batches/{other.pk}/csv/").status_code == 409


def test_billing_details_of_a_customer(api):
    customer = billable()
    assert api("get", f"billing-details/{customer.pk}/").json()["reference"] == "4711"
    changed = api("patch", f"billing-details/{customer.pk}/", {"reference": "5", "version": 1})
    assert (changed.status_code, BillingDetails.objects.get().reference) == (200, "5")
    assert api("patch", f"billing-details/{customer.pk}/", {"reference": "6", "version": 1}).status_code == 409
    wrong = api("patch", f"billing-details/{customer.pk}/", {"einvoice_operator": ""})
    assert list(wrong.json()["error"]["fields"]) == ["einvoice_operator"]
    new = CustomerFactory()
    assert api("get", f"billing-details/{new.pk}/").json()["einvoice_address"] == ""
    assert api("patch", f"billing-details/{new.pk}/", {"email": "a@b.fi"}).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_any_number_of_rows(api, user, count, django_assert_num_queries):
    for _number in range(count):
        hand_over(waiting(), user=user)
        waiting()
    for path, cost in (("orders/", 3), ("orders/to-invoice/", 4), ("invoice-batches/", 3)):
        api("get", path)
        with django_assert_num_queries(cost):
            api("get", path)


def test_a_delivered_quantity_is_not_written_directly(api):
    order = in_delivery()
    order_line = order.lines.get()
    api(
        "patch",
        f"orders/{order.pk}/",
        {"lines": [{"id": order_line.pk, "delivered": "3", "invoiced": "3"}], "status": "closed"},
    )
    assert Order.objects.get().status == OrderStatus.IN_DELIVERY
    assert order.lines.get().delivered == Decimal(0)
