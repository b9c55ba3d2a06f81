"""The services of orders: adding, changing, every change of status, deliveries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core import clock
from core.exceptions import BusinessRuleError, StaleVersionError
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.orders.enums import ORDER_TRANSITIONS, OrderStatus
from offers.orders.lines import OrderLineData, order_lines_of
from offers.orders.models import Delivery, Order, OrderLine, OrderStatusChange
from offers.orders.services.deliveries import deliver_all, deliveries_add, delivery_add, delivery_remove
from offers.orders.services.orders import order_change, order_create
from offers.orders.services.status import order_set_status, order_sums_refresh
from offers.orders.tests.factories import OrderFactory
from offers.orders.views.money import money_of
from offers.products.tests.factories import ProductFactory, line

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


def refused(code, action, **kwargs):
    with pytest.raises(BusinessRuleError) as error:
        action(**kwargs)
    assert error.value.code == code
    return error.value


def in_delivery(lines=None, **kwargs):
    return OrderFactory(status=OrderStatus.IN_DELIVERY, lines=lines or [line(quantity=3)], **kwargs)


def delivered(order, quantity, pk=None):
    order_line = order.lines.get(pk=pk) if pk else order.lines.get()
    return delivery_add(line=order_line, quantity=Decimal(quantity), day=TODAY, user=UserFactory())


def invoiced(order, quantity):
    """As the hand-over leaves it."""
    order.lines.update(delivered=Decimal(quantity), invoiced=Decimal(quantity))


def new_order(**kwargs):
    given = {"customer": CustomerFactory(), "owner": UserFactory(), "type": OfferTypeFactory(), "title": "Training"}
    return Order(**given | kwargs)


# Adding and changing


def test_an_order_that_came_directly_has_number_sums_and_history():
    order = order_create(order=new_order(), user=UserFactory(), lines=[line(quantity=2), line(vat_rate=0)])
    assert order.number == f"TI{TODAY.year}-0001"
    assert (order.net, order.vat, order.status) == (Decimal(300), Decimal("51.00"), OrderStatus.WAITING)
    assert [change.to_status for change in order.status_changes.all()] == [OrderStatus.WAITING]
    order.customer.summary.refresh_from_db()
    assert order.customer.summary.ordered_12_months == Decimal(300)


def test_an_order_without_lines_has_its_value():
    assert order_create(order=new_order(estimate=Decimal(5000)), user=UserFactory()).net == Decimal(5000)


@pytest.mark.parametrize(
    ("code", "field", "given"),
    [
        ("customer_passive", "customer", lambda: {"customer": CustomerFactory(passive=True)}),
        ("user_inactive", "owner", lambda: {"owner": UserFactory(is_active=False)}),
        ("user_inactive", "trainer", lambda: {"trainer": UserFactory(is_active=False)}),
        ("type_retired", "type", lambda: {"type": OfferTypeFactory(retired_at=timezone.now())}),
        ("contact_not_of_customer", "contact", lambda: {"contact": ContactFactory()}),
        ("date_not_allowed", "date", lambda: {"date": dt.date(1026, 1, 1)}),
        ("sum_too_large", "estimate", lambda: {"estimate": Decimal("99999999999")}),
        (
            "delivery_end_before_start", "delivery_end",
            lambda: {"delivery_start": TODAY, "delivery_end": TODAY - dt.timedelta(days=1)},
        ),
    ],
)  # fmt: skip
def test_what_is_not_right_is_told_at_its_field_and_takes_no_number(code, field, given):
    error = refused(code, order_create, order=new_order(**given()), user=UserFactory())
    assert error.field == field
    assert not Order.objects.exists()
    assert order_create(order=new_order(), user=UserFactory()).number.endswith("-0001")


def test_a_retired_product_is_not_ordered_anew_but_stays_where_it_was():
    product = ProductFactory()
    given = line("Course", kind="product", product_id=product.pk, unit_id=product.unit_id)
    order = order_create(order=new_order(), user=UserFactory(), lines=[given])
    product.retired_at = timezone.now()
    product.save()
    refused("product_retired", order_create, order=new_order(), user=UserFactory(), lines=[given])
    assert order_change(order=order, user=UserFactory(), changes={"title": "New"}, lines=order_lines_of(order))


def test_lines_that_were_delivered_keep_their_row_when_others_change():
    order = in_delivery([line("One", quantity=3), line("Two")])
    first, second = order_lines_of(order)
    delivered(order, 2, first.pk)
    lines = [line("Three", unit_price=10), OrderLineData(**vars(first) | {"name": "One more", "quantity": Decimal(2)})]
    changed = order_change(order=order, user=UserFactory(), changes={}, lines=lines)
    rows = list(order.lines.order_by("position"))
    assert [(row.name, row.pk == first.pk) for row in rows] == [("Three", False), ("One more", True)]
    assert rows[1].delivered == 2
    assert changed.net == Decimal(210)
    assert not OrderLine.objects.filter(pk=second.pk).exists()


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("line_delivered", lambda order_line: []),
        ("line_delivered", lambda order_line: [OrderLineData(**vars(order_line) | {"quantity": Decimal(1)})]),
        ("line_delivered", lambda order_line: [OrderLineData(**vars(order_line) | {"kind": "heading"})]),
        ("line_unknown", lambda order_line: [order_line, order_line]),
        ("line_unknown", lambda order_line: [order_line, OrderLineData(name="Other", pk=order_line.pk + 100)]),
    ],
)
def test_what_was_delivered_stays_true(code, lines):
    order = in_delivery()
    delivered(order, 2)
    [order_line] = order_lines_of(order)
    refused(code, order_change, order=order, user=UserFactory(), changes={}, lines=lines(order_line))
    assert [line.quantity for line in order.lines.all()] == [3]


@pytest.mark.parametrize("changed", [{"unit_price": Decimal(90)}, {"discount": Decimal(5)}, {"vat_rate": Decimal(0)}])
def test_a_line_that_was_invoiced_in_part_keeps_price_discount_and_vat(changed):
    order = in_delivery()
    invoiced(order, 1)
    [order_line] = order_lines_of(order)
    lines = [OrderLineData(**vars(order_line) | changed)]
    refused("line_invoiced", order_change, order=order, user=UserFactory(), changes={}, lines=lines)


def test_an_order_whose_rest_is_taken_off_is_invoiced_by_itself():
    order = in_delivery()
    invoiced(order, 2)
    [order_line] = order_lines_of(order)
    lines = [OrderLineData(**vars(order_line) | {"quantity": Decimal(2)})]
    assert order_change(order=order, user=UserFactory(), changes={}, lines=lines).status == OrderStatus.INVOICED


@pytest.mark.parametrize("status", [OrderStatus.INVOICED, OrderStatus.CLOSED, OrderStatus.CANCELLED])
def test_a_finished_order_is_not_changed(status):
    order = OrderFactory(status=status, lines=[line()])
    refused("order_finished", order_change, order=order, user=UserFactory(), changes={"title": "Other"})
    order.refresh_from_db()
    assert order.title != "Other"


def test_the_customer_of_an_order_from_an_offer_stays():
    order = OrderFactory(offer=OfferFactory())
    changes = {"customer": CustomerFactory()}
    refused("customer_fixed", order_change, order=order, user=UserFactory(), changes=changes)


def test_an_older_version_does_not_overwrite():
    order = OrderFactory()
    order_change(order=order, user=UserFactory(), changes={"title": "First"}, version=1)
    with pytest.raises(StaleVersionError):
        order_change(order=order, user=UserFactory(), changes={"title": "Second"}, version=1)
    order.refresh_from_db()
    assert order.title == "First"


def test_both_customers_figures_follow_when_an_order_moves():
    order = order_create(order=new_order(estimate=Decimal(100)), user=UserFactory())
    old, new = order.customer, CustomerFactory()
    order_change(order=order, user=UserFactory(), changes={"customer": new})
    old.summary.refresh_from_db()
    new.summary.refresh_from_db()
    assert (old.summary.ordered_12_months, new.summary.ordered_12_months) == (Decimal(0), Decimal(100))


def test_who_becomes_responsible_for_the_delivery_is_told():
    trainer, user = UserFactory(), UserFactory()
    order = order_create(order=new_order(trainer=trainer), user=user)
    assert [notice.kind for notice in trainer.notifications.all()] == ["order_to_deliver"]
    order_change(order=order, user=user, changes={"place": "Espoo"})
    assert trainer.notifications.count() == 1


# Statuses


@pytest.mark.parametrize("old", OrderStatus)
@pytest.mark.parametrize("new", OrderStatus)
def test_every_step_is_allowed_or_refused_as_the_table_says(old, new):
    order = OrderFactory(status=old)
    by_hand = [status for status in ORDER_TRANSITIONS[old] if (old, status) != ("invoiced", "in_delivery")]
    if new in by_hand or new == old:
        moved = order_set_status(order=order, status=new, user=UserFactory(), reason="Because")
        assert moved.status == new
        assert OrderStatusChange.objects.filter(order=order).count() == (new != old)
    else:
        refused("status_not_allowed", order_set_status, order=order, status=new, user=UserFactory(), reason="Because")
        order.refresh_from_db()
        assert order.status == old


def test_a_step_is_kept_with_who_when_and_why():
    user = UserFactory()
    order_set_status(order=OrderFactory(), status=OrderStatus.CANCELLED, user=user, reason=" The group was too small ")
    change = OrderStatusChange.objects.get()
    assert (change.from_status, change.to_status) == (OrderStatus.WAITING, OrderStatus.CANCELLED)
    assert (change.user, change.reason) == (user, "The group was too small")
    assert Order.objects.get().cancel_reason == "The group was too small"


@pytest.mark.parametrize(
    ("old", "new"), [("waiting", "cancelled"), ("in_delivery", "waiting"), ("cancelled", "waiting")]
)
def test_cancelling_and_going_back_need_a_reason(old, new):
    order = OrderFactory(status=old)
    refused("reason_required", order_set_status, order=order, status=OrderStatus(new), user=UserFactory(), reason=" x ")
    assert Order.objects.get().status == old


def test_a_cancelled_order_counts_no_more_and_again_when_it_waits():
    order = order_create(order=new_order(estimate=Decimal(100)), user=UserFactory())
    order_set_status(order=order, status=OrderStatus.CANCELLED, user=UserFactory(), reason="Too small")
    order.customer.summary.refresh_from_db()
    assert order.customer.summary.ordered_12_months == 0
    order_set_status(order=order, status=OrderStatus.WAITING, user=UserFactory(), reason="Mistake")
    order.customer.summary.refresh_from_db()
    assert order.customer.summary.ordered_12_months == 100
    assert Order.objects.get().cancel_reason == ""


def test_an_order_of_a_coming_day_is_in_the_sum_of_12_months_from_that_day_on():
    noon = dt.datetime(2026, 11, 29, 10, tzinfo=dt.UTC)
    with clock.frozen(noon):
        order = order_create(order=new_order(estimate=Decimal(100), date=dt.date(2026, 11, 30)), user=UserFactory())
        order.customer.summary.refresh_from_db()
        assert order.customer.summary.ordered_12_months == money_of(order.customer).net == 0
    with clock.frozen(noon + dt.timedelta(days=1)):
        order_sums_refresh()
        order.customer.summary.refresh_from_db()
        assert order.customer.summary.ordered_12_months == money_of(order.customer).net == 100


def test_an_order_waits_again_only_while_nothing_was_delivered():
    order = in_delivery()
    delivered(order, 1)
    again = {"order": order, "status": OrderStatus.WAITING, "user": UserFactory(), "reason": "Moved"}
    refused("order_delivered", order_set_status, **again)
    delivery_remove(delivery=Delivery.objects.get(), user=UserFactory())
    assert order_set_status(**again).status == OrderStatus.WAITING


def test_what_was_invoiced_is_not_cancelled():
    order = in_delivery()
    invoiced(order, 1)
    refused(
        "order_invoiced",
        order_set_status,
        order=order,
        status=OrderStatus.CANCELLED,
        user=UserFactory(),
        reason="Never",
    )


def test_an_order_is_not_called_invoiced_while_something_is_left():
    order = in_delivery()
    invoiced(order, 2)
    refused("not_all_invoiced", order_set_status, order=order, status=OrderStatus.INVOICED, user=UserFactory())


def test_what_costs_nothing_needs_no_invoice():
    order = in_delivery([line(unit_price=0), line("A heading", kind="heading")])
    assert order_set_status(order=order, status=OrderStatus.INVOICED, user=UserFactory()).status == "invoiced"


def test_an_order_of_a_value_alone_is_delivered_and_invoiced_as_one_line():
    order = OrderFactory(estimate=Decimal(5000))
    order_set_status(order=order, status=OrderStatus.IN_DELIVERY, user=UserFactory())
    order_line = order.lines.get()
    assert (order_line.name, order_line.net, order_line.vat_rate) == (order.title, Decimal(5000), 0)


def test_a_passive_customers_order_is_not_taken_up_again():
    order = OrderFactory(status=OrderStatus.CANCELLED, customer=CustomerFactory(passive=True))
    refused(
        "customer_passive", order_set_status, order=order, status=OrderStatus.WAITING, user=UserFactory(), reason="Oops"
    )


# Deliveries


def test_a_part_is_delivered_and_the_rest_later():
    order = in_delivery([line(quantity="2.5")])
    delivered(order, "1.25")
    assert (order.lines.get().delivered, order.lines.get().to_deliver) == (Decimal("1.25"), Decimal("1.25"))
    deliver_all(order=order, day=TODAY, user=UserFactory(), note="The last one")
    assert order.lines.get().to_deliver == 0
    assert [delivery.quantity for delivery in Delivery.objects.all()] == [Decimal("1.25"), Decimal("1.25")]


@pytest.mark.parametrize(
    ("code", "quantity"),
    [
        ("quantity_not_allowed", "0"), ("quantity_not_allowed", "-1"), ("quantity_not_allowed", "0.001"),
        ("quantity_not_allowed", "NaN"), ("more_than_ordered", "3.01"), ("more_than_ordered", "1E+9"),
    ],
)  # fmt: skip
def test_no_more_than_was_ordered_is_delivered(code, quantity):
    order = in_delivery()
    error = refused(code, delivered, order=order, quantity=quantity)
    assert error.field == f"line_{order.lines.get().pk}"
    assert not Delivery.objects.exists()
    assert order.lines.get().delivered == 0


@pytest.mark.parametrize("day", [TODAY + dt.timedelta(days=1), dt.date(1999, 12, 31)])
def test_a_delivery_has_taken_place(day):
    order = in_delivery()
    refused("day_not_allowed", deliver_all, order=order, day=day, user=UserFactory())


@pytest.mark.parametrize("status", [status for status in OrderStatus if status != OrderStatus.IN_DELIVERY])
def test_only_an_order_in_delivery_is_delivered(status):
    order = OrderFactory(status=status, lines=[line()])
    refused("order_not_in_delivery", delivered, order=order, quantity=1)


def test_lines_of_another_order_and_headings_are_not_delivered():
    order, other = in_delivery([line(), line("Part 1", kind="heading")]), in_delivery()
    for order_line in (other.lines.get(), order.lines.get(kind="heading")):
        given = {"order": order, "quantities": {order_line.pk: Decimal(1)}, "day": TODAY, "user": UserFactory()}
        refused("line_unknown", deliveries_add, **given)
    refused("nothing_delivered", deliveries_add, order=order, quantities={}, day=TODAY, user=UserFactory())


def test_a_delivery_is_taken_back_once_and_not_when_it_was_invoiced():
    order = in_delivery()
    first = delivered(order, 2)
    delivery_remove(delivery=first, user=UserFactory())
    delivery_remove(delivery=first, user=UserFactory())
    assert order.lines.get().delivered == 0
    second = delivered(order, 2)
    order.lines.update(invoiced=1)
    refused("delivery_invoiced", delivery_remove, delivery=second, user=UserFactory())
    assert order.lines.get().delivered == 2
