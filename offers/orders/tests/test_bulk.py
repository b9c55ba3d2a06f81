"""Bulk operations on orders: the status as the machine allows it, its undo, the export."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core import clock
from core.exceptions import BusinessRuleError
from core.tests.bulk import bulk, draft, outcome, undo
from customers.models import CustomerSummary
from offers.orders.enums import OrderStatus
from offers.orders.models import Order, OrderLine
from offers.orders.services.status import order_set_status, order_sums_refresh
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db
STATUS = "orders.status"


@pytest.fixture
def user():
    return UserFactory(grants=["orders.manage_orders"], language="en")


def status_of(order):
    return Order.objects.get(pk=order.pk).status


def test_delivery_of_orders_starts_and_waits_again_by_undo(user):
    waiting, going_on, cancelled = OrderFactory(), OrderFactory(), OrderFactory()
    order_set_status(order=going_on, status=OrderStatus.IN_DELIVERY, user=user)
    order_set_status(order=cancelled, status=OrderStatus.CANCELLED, user=user, reason="Not needed")
    run = bulk(user, STATUS, [waiting, going_on, cancelled], status="in_delivery")
    assert [outcome(run, one) for one in (waiting, going_on, cancelled)] == [
        ("changed", ""), ("unchanged", "is"), ("refused", "status_not_allowed"),
    ]  # fmt: skip
    assert status_of(waiting) == "in_delivery"
    assert undo(run).undone == 1
    assert status_of(waiting) == "waiting"
    changes = waiting.status_changes.order_by("pk").values_list("to_status", "reason")
    assert list(changes)[-2:] == [("in_delivery", ""), ("waiting", "Undone")]


def test_undo_removes_the_line_that_the_start_of_delivery_made_of_a_value(user):
    order = OrderFactory(estimate=500, lines=[])
    run = bulk(user, STATUS, [order], status="in_delivery")
    assert OrderLine.objects.filter(order=order).count() == 1
    undo(run)
    assert (OrderLine.objects.filter(order=order).count(), status_of(order)) == (0, "waiting")


def test_order_of_which_something_was_delivered_since_stays_in_delivery(user):
    order = OrderFactory(lines=[line()])
    run = bulk(user, STATUS, [order], status="in_delivery")
    OrderLine.objects.filter(order=order).update(delivered=1)
    assert undo(run).kept == 1
    assert status_of(order) == "in_delivery"


def test_cancelling_needs_a_reason_and_leaves_out_what_was_invoiced(user):
    order, invoiced = OrderFactory(date=clock.today() - dt.timedelta(days=3)), OrderFactory(lines=[line()])
    OrderLine.objects.filter(order=invoiced).update(delivered=1, invoiced=1)
    order_sums_refresh([order.customer_id])
    before = CustomerSummary.objects.get(customer=order.customer).last_order_on
    with pytest.raises(BusinessRuleError, match="Explain the reason"):
        draft(user, STATUS, [order], status="cancelled")
    run = bulk(user, STATUS, [order, invoiced], status="cancelled", reason="Called off")
    assert outcome(run, invoiced) == ("refused", "order_invoiced")
    found = Order.objects.get(pk=order.pk)
    assert (found.status, found.cancel_reason) == ("cancelled", "Called off")
    assert CustomerSummary.objects.get(customer=order.customer).last_order_on is None
    undo(run)
    found = Order.objects.get(pk=order.pk)
    assert (found.status, found.cancel_reason) == ("waiting", "")
    assert CustomerSummary.objects.get(customer=order.customer).last_order_on == before


def test_invoiced_orders_do_not_return_to_delivery(user):
    order = OrderFactory()
    Order.objects.filter(pk=order.pk).update(status="invoiced")
    run = draft(user, STATUS, [order], status="in_delivery")
    assert outcome(run, order) == ("refused", "status_not_allowed")


def test_own_orders_only_without_the_right_to_manage_them():
    user = UserFactory(grants=["offers.write_offers"])
    own, foreign = OrderFactory(owner=user), OrderFactory()
    run = draft(user, STATUS, [own, foreign], status="in_delivery")
    assert (outcome(run, own), outcome(run, foreign)) == (("waiting", ""), ("refused", "forbidden"))


def test_reader_exports_chosen_orders_of_any_tab(client):
    reader = UserFactory(role="read_only", language="en")
    closed, other = OrderFactory(title="Closed one"), OrderFactory(title="Another")
    Order.objects.filter(pk=closed.pk).update(status="closed")
    client.force_login(reader)
    response = client.get(reverse("orders:list"), {"tab": "all"})
    assert [item.name for item in response.context["bulk_actions"]] == ["orders.export"]
    with bulk(reader, "orders.export", [closed], kind="csv").job.result as file:
        text = file.read().decode()
    assert "Closed one" in text
    assert other.title not in text
