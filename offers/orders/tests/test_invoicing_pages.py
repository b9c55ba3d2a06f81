"""The pages of the hand-over: orders to invoice, preview, batch, files, billing details."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from offers.offers.models import SellerDetails
from offers.orders.enums import OrderStatus
from offers.orders.models import BillingDetails, InvoiceBatch, Order
from offers.orders.services.invoicing import batch_fetch
from offers.orders.tests.billing import billable, hand_over, seller, waiting
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def user(client):
    seller()
    user = UserFactory(role="sales_assistant")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def send(client, name, *args, **data):
    return client.post(reverse(name, args=args), data)


def selected_lines(*orders, quantity="1"):
    lines = [order_line.pk for order in orders for order_line in order.lines.all()]
    return {"line": lines} | {f"line_{pk}": quantity for pk in lines}


def test_the_page_groups_what_waits_by_customer_the_oldest_first(client, user):
    first, other = billable(name="Eka Oy"), billable(name="Toka Oy")
    orders = [waiting(customer=customer) for customer in (first, other, first)]
    for days, order in zip((9, 5, 1), orders, strict=True):
        since = timezone.now() - dt.timedelta(days=days)
        Order.objects.filter(pk=order.pk).update(status_since=since)
    waiting(customer=other)
    Order.objects.filter(pk__gt=orders[-1].pk).update(status=OrderStatus.WAITING)
    groups = page(client, "orders:invoicing").context["groups"]
    assert [(group.customer.name, len(group.orders), group.net) for group in groups] == [
        ("Eka Oy", 2, 600), ("Toka Oy", 1, 300),
    ]  # fmt: skip


def test_what_is_missing_is_told_where_it_is_missing(client, user):
    SellerDetails.objects.update(iban="")
    waiting(customer=CustomerFactory(name="Osoitteeton Oy"))
    text = page(client, "orders:invoicing").text
    assert "our bank account (IBAN)" in text
    assert "the customer&#x27;s address" in text
    assert page(client, "orders:invoicing").context["groups"][0].is_blocked


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_orders(client, user, count, django_assert_num_queries):
    for _number in range(count):
        waiting()
    page(client, "orders:invoicing")
    with django_assert_num_queries(10):
        client.get("/invoicing/", headers={"HX-Target": "list"})


def test_the_preview_shows_the_sums_and_writes_nothing(client, user):
    order = waiting()
    response = send(client, "orders:hand_over", **selected_lines(order, quantity="2,5"))
    assert response.status_code == 200
    assert (response.context["net"], response.context["gross"]) == (250, 313.75)
    assert not InvoiceBatch.objects.exists()


def test_the_confirmed_preview_makes_the_batch_once(client, user):
    order = waiting()
    form = send(client, "orders:hand_over", **selected_lines(order)).context["form"]
    filled = {name: form[name].value() for name in ("day", "submission_key")}
    data = selected_lines(order) | filled | {"confirm": 1}
    for _time in range(2):
        response = send(client, "orders:hand_over", **data)
        assert response.headers["Location"] == InvoiceBatch.objects.get().get_absolute_url()
    assert order.lines.get().invoiced == 1


@pytest.mark.parametrize("quantity", ["4", "0", "-1", "x", "", "0,001", "9" * 30])
@pytest.mark.parametrize("confirm", [{}, {"confirm": "1"}])
def test_a_quantity_that_cannot_be_is_told_at_its_line(client, user, quantity, confirm):
    order = waiting()
    response = send(client, "orders:hand_over", **selected_lines(order, quantity=quantity), **confirm)
    assert response.status_code == 422
    assert response.context["form"].errors[f"line_{order.lines.get().pk}"]
    assert not InvoiceBatch.objects.exists()


@pytest.mark.parametrize("data", [{}, {"line": ["x", "99999", "\x00"]}, {"line": "1", "day": "x"}])
def test_what_is_not_there_is_not_handed_over(client, user, data):
    for confirm in ({}, {"confirm": "1"}):
        response = send(client, "orders:hand_over", **data, **confirm)
        assert response.status_code == 422
        assert response.context["form"].errors
    assert not InvoiceBatch.objects.exists()


def test_rule_5_an_order_that_is_not_in_delivery_any_more_is_told(client, user):
    order = waiting()
    Order.objects.update(status=OrderStatus.INVOICED)
    response = send(client, "orders:hand_over", **selected_lines(order), confirm="1")
    assert response.status_code == 422
    assert "Only an order in delivery can be invoiced" in response.text
    assert not InvoiceBatch.objects.exists()


def test_a_batch_shows_its_invoices_and_gives_its_files(client, user):
    batch = hand_over(waiting([line("Course")]), user=user)
    text = page(client, "orders:batch", batch.pk).text
    invoice = batch.invoices.get()
    for expected in (batch.number, invoice.number, invoice.reference, invoice.buyer["name"]):
        assert expected in text
    for name, args, media_type in (
        ("orders:batch_csv", [], "text/csv"), ("orders:batch_finvoice", [], "application/zip"),
        ("orders:invoice_finvoice", [invoice.pk], "application/xml"),
    ):  # fmt: skip
        response = page(client, name, batch.pk, *args)
        assert response.headers["Content-Type"].startswith(media_type)
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.content == page(client, name, batch.pk, *args).content
    batch.refresh_from_db()
    assert batch.fetched_at


def test_a_batch_costs_the_same_for_any_number_of_invoices(client, user):
    def cost(count):
        batch = hand_over(*(waiting() for _number in range(count)), user=user)
        page(client, "orders:batch", batch.pk)
        with CaptureQueriesContext(connection) as queries:
            page(client, "orders:batch", batch.pk)
        return len(queries)

    assert cost(1) == cost(3) < 25  # the figures of the navigation are among them


def test_a_batch_is_taken_back_with_its_reason_until_it_is_fetched(client, user):
    batch = hand_over(waiting(), user=user)
    assert send(client, "orders:batch_take_back", batch.pk, reason="").status_code == 422
    assert send(client, "orders:batch_take_back", batch.pk, reason="Wrong date").status_code == 302
    batch.refresh_from_db()
    assert batch.taken_back_at
    assert page(client, "orders:batch_csv", batch.pk).headers["Location"] == batch.get_absolute_url()
    other = batch_fetch(batch=hand_over(waiting(), user=user))
    response = send(client, "orders:batch_take_back", other.pk, reason="Wrong date")
    assert response.status_code == 422
    assert "correct the invoices in the accounting" in response.text


def test_an_invoice_of_another_batch_is_not_here(client, user):
    batch, other = hand_over(waiting(), user=user), hand_over(waiting(), user=user)
    assert page(client, "orders:invoice_finvoice", batch.pk, other.invoices.get().pk).status_code == 404


def test_batches_are_found_by_the_number_of_an_invoice(client, user):
    hand_over(waiting(), user=user)
    second = hand_over(waiting(), user=user)
    rows = page(client, "orders:batches", q=second.invoices.get().number).context["table"].rows
    assert [row.object for row in rows] == [second]


@pytest.mark.parametrize("role", ["account_manager", "read_only"])
def test_who_does_not_invoice_sees_no_batches(client, role):
    seller()
    batch = hand_over(waiting(), user=UserFactory(role="sales_assistant"))
    client.force_login(UserFactory(role=role), backend="django.contrib.auth.backends.ModelBackend")
    assert page(client, "orders:invoicing").status_code == 403
    for name in ("orders:batch", "orders:batch_csv", "orders:batch_finvoice", "orders:batch_take_back"):
        assert page(client, name, batch.pk).status_code == 404


def test_management_looks_but_hands_nothing_over(client):
    seller()
    order = waiting()
    batch = hand_over(waiting(), user=UserFactory(role="sales_assistant"))
    client.force_login(UserFactory(role="management"), backend="django.contrib.auth.backends.ModelBackend")
    assert page(client, "orders:invoicing").status_code == 200
    assert page(client, "orders:batch", batch.pk).status_code == 200
    assert page(client, "orders:batch_csv", batch.pk).status_code == 403
    assert send(client, "orders:hand_over", **selected_lines(order), confirm="1").status_code == 403


# Billing details


def test_billing_details_are_written_and_changed(client, user):
    customer = CustomerFactory()
    data = {"einvoice_address": "003712345671", "einvoice_operator": "DABAFIHH", "email": "a@b.fi", "reference": "X"}
    back = {"next": "/invoicing/"}
    url = reverse("orders:billing", args=[customer.pk], query=back)
    assert client.post(url, data).headers["Location"] == "/invoicing/"
    assert (
        client.post(url, data | {"reference": "Y", "version": BillingDetails.objects.get().version}).status_code == 302
    )
    billing = BillingDetails.objects.get()
    assert (billing.customer, billing.einvoice_address, billing.reference) == (customer, "003712345671", "Y")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"einvoice_address": "0037 1234 5671", "einvoice_operator": "DABAFIHH"}, "einvoice_address"),
        ({"einvoice_address": "003712345671"}, "einvoice_operator"),
        ({"einvoice_operator": "<b>"}, "einvoice_operator"),
        ({"email": "x"}, "email"),
        ({"reference": "x" * 36}, "reference"),
    ],
)
def test_billing_details_that_cannot_be_are_told_at_their_field(client, user, given, field):
    customer = CustomerFactory()
    response = send(client, "orders:billing", customer.pk, **given)
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert not BillingDetails.objects.exists()


def test_an_older_form_of_billing_details_does_not_overwrite(client, user):
    customer = billable()
    BillingDetails.objects.update(version=5)
    assert send(client, "orders:billing", customer.pk, reference="X", version=1).status_code == 422
    assert BillingDetails.objects.get().reference == "4711"


def test_a_redirect_leads_nowhere_else(client, user):
    customer = CustomerFactory()
    url = reverse("orders:billing", args=[customer.pk], query={"next": "https://evil.example/"})
    assert client.post(url, {}).headers["Location"] == customer.get_absolute_url()
