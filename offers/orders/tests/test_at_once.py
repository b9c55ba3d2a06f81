"""Concurrent changes of one order, each on a separate connection."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from offers.orders.enums import OrderStatus
from offers.orders.models import Delivery, Invoice, InvoiceBatch, InvoiceLine, Order
from offers.orders.services.deliveries import deliver_all, delivery_remove
from offers.orders.services.invoicing import batch_fetch, batch_make, batch_take_back
from offers.orders.services.status import order_set_status
from offers.orders.tests.billing import hand_over, seller, waiting
from offers.orders.tests.factories import OrderFactory
from offers.products.tests.factories import line
from tests.security.test_two_connections import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TODAY = timezone.localdate()


def told(action):
    """What an action came to: *done*, or the code of its refusal."""

    def run():
        try:
            action()
        except BusinessRuleError as error:
            return error.code
        return "done"

    return run


def test_never_twice_the_same_quantity():
    seller()
    user, order = UserFactory(role="sales_assistant"), waiting()
    lines = {order.lines.get().pk: Decimal(2)}
    answers = at_once(*[told(lambda: batch_make(order_lines=lines, user=user, day=TODAY))] * 4)
    assert sorted(answers) == ["done", "more_than_delivered", "more_than_delivered", "more_than_delivered"]
    assert InvoiceLine.objects.get().quantity == 2
    assert order.lines.get().invoiced == 2


def test_batches_of_the_same_customers_at_once_have_numbers_without_gaps():
    seller()
    user, orders = UserFactory(role="sales_assistant"), [waiting() for _number in range(4)]
    more = [waiting(customer=order.customer) for order in reversed(orders)]
    answers = at_once(told(lambda: hand_over(*orders, user=user)), told(lambda: hand_over(*more, user=user)))
    assert answers == ["done", "done"]
    assert sorted(int(number[-4:]) for number in Invoice.objects.values_list("number", flat=True)) == [*range(1, 9)]
    assert set(Order.objects.values_list("status", flat=True)) == {OrderStatus.INVOICED}


def test_an_order_is_either_invoiced_or_cancelled():
    seller()
    user, order = UserFactory(role="sales_assistant"), waiting()
    answers = at_once(
        told(lambda: hand_over(order, user=user)),
        told(lambda: order_set_status(order=order, status=OrderStatus.CANCELLED, user=user, reason="Too small")),
    )
    order.refresh_from_db()
    assert sorted(answers) in (["done", "order_not_in_delivery"], ["done", "status_not_allowed"])
    assert InvoiceBatch.objects.exists() == (order.status == OrderStatus.INVOICED)


def test_everything_is_delivered_once():
    user = UserFactory()
    order = OrderFactory(status=OrderStatus.IN_DELIVERY, lines=[line(quantity=3)])
    answers = at_once(*[told(lambda: deliver_all(order=order, day=TODAY, user=user))] * 3)
    assert sorted(answers) == ["done", "nothing_delivered", "nothing_delivered"]
    assert order.lines.get().delivered == Delivery.objects.get().quantity == 3


def test_a_delivery_is_either_invoiced_or_taken_back():
    seller()
    user, order = UserFactory(role="sales_assistant"), waiting()
    order.lines.update(delivered=0)
    [delivery] = deliver_all(order=order, day=TODAY, user=user)
    lines = {order.lines.get().pk: Decimal(3)}
    answers = at_once(
        told(lambda: batch_make(order_lines=lines, user=user, day=TODAY)),
        told(lambda: delivery_remove(delivery=delivery, user=user)),
    )
    order_line = order.lines.get()
    assert answers.count("done") == 1
    assert order_line.delivered == order_line.invoiced == (3 if InvoiceBatch.objects.exists() else 0)


def test_a_batch_is_either_fetched_or_taken_back():
    seller()
    user = UserFactory(role="sales_assistant")
    batch = hand_over(waiting(), user=user)
    answers = at_once(
        told(lambda: batch_fetch(batch=batch)),
        told(lambda: batch_take_back(batch=batch, user=user, reason="Wrong date")),
    )
    batch.refresh_from_db()
    assert answers.count("done") == 1
    assert (batch.fetched_at is None) != (batch.taken_back_at is None)
