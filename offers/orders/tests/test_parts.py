"""Invoicing in parts: however an order is divided, its invoices are exactly the order."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from offers.orders.enums import OrderStatus
from offers.orders.invoice_files import invoice_xml
from offers.orders.invoices import drafts_of
from offers.orders.models import Invoice, Order
from offers.orders.parts import share
from offers.orders.selectors import group_by_customer
from offers.orders.services.invoicing import batch_make, batch_take_back
from offers.orders.tests.billing import billable, hand_over, seller, waiting
from offers.orders.tests.finvoice_rules import breaches
from offers.products.money import totals
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def user():
    seller()
    return UserFactory(role="sales_assistant")


def make(user, quantities):
    return batch_make(order_lines=quantities, user=user, day=TODAY)


def valid_invoices(order):
    return list(Invoice.objects.filter(order=order, batch__taken_back_at=None).order_by("pk"))


def amounts(order):
    """The (net, VAT) of each valid invoice."""
    return [(invoice.net, invoice.vat) for invoice in valid_invoices(order)]


def by_rate(rates):
    sums = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in rates:
        sums[row.rate.normalize()][0] += row.net
        sums[row.rate.normalize()][1] += row.vat
    return {rate: tuple(pair) for rate, pair in sums.items() if pair != [0, 0]}


def assert_invoices_are_the_order(order):
    order = Order.objects.get(pk=order.pk)
    invoices = valid_invoices(order)
    assert sum(invoice.net for invoice in invoices) == order.net
    assert sum(invoice.vat for invoice in invoices) == order.vat
    assert sum(invoice.gross for invoice in invoices) == order.gross
    ordered = totals((row.net, row.vat_rate) for row in order.lines.exclude(kind="heading"))
    assert by_rate(rate for invoice in invoices for rate in invoice.totals.rates) == by_rate(ordered.rates)
    for invoice in invoices:
        assert sum(row.net for row in invoice.lines.all()) == invoice.net
        assert sum(rate.vat for rate in invoice.totals.rates) == invoice.vat


def cheap_and_reduced():
    """3 × 0.05 − 50 % = 0.08 and 7 × 9.99 − 33.33 % = 46.62: together 46.70, VAT 11.91."""
    return waiting(
        [
            line("Sticker", quantity=3, unit_price="0.05", discount=50),
            line("Course", quantity=7, unit_price="9.99", discount="33.33"),
        ]
    )


def test_one_piece_at_a_time_comes_to_the_order(user):
    order = cheap_and_reduced()
    sticker, course = order.lines.order_by("position")
    for piece in range(7):
        make(user, {course.pk: Decimal(1)} | ({sticker.pk: Decimal(1)} if piece < 3 else {}))
    order.refresh_from_db()
    assert (order.net, order.vat, order.status) == (Decimal("46.70"), Decimal("11.91"), OrderStatus.INVOICED)
    assert amounts(order) == [
        (Decimal("6.69"), Decimal("1.71")),
        (Decimal("6.68"), Decimal("1.70")),
        (Decimal("6.69"), Decimal("1.71")),
        (Decimal("6.66"), Decimal("1.69")),
        (Decimal("6.66"), Decimal("1.70")),
        (Decimal("6.66"), Decimal("1.70")),
        (Decimal("6.66"), Decimal("1.70")),
    ]
    assert sum(net for net, _vat in amounts(order)) == Decimal("46.70")
    assert sum(vat for _net, vat in amounts(order)) == Decimal("11.91")


def test_a_hundred_parts_do_not_grow_by_half_a_cent_each(user):
    order = waiting([line(quantity=20, unit_price="0.05", discount=50)])
    row = order.lines.get()
    for _piece in range(20):
        make(user, {row.pk: Decimal(1)})
    assert sum(net for net, _vat in amounts(order)) == Decimal("0.50")
    assert sum(vat for _net, vat in amounts(order)) == Decimal("0.13")


def test_the_rest_is_settled_after_a_batch_was_taken_back(user):
    order = cheap_and_reduced()
    sticker, course = order.lines.order_by("position")
    first = make(user, {sticker.pk: Decimal(1), course.pk: Decimal(1)})
    make(user, {sticker.pk: Decimal(1), course.pk: Decimal(2)})
    batch_take_back(batch=first, user=user, reason="Wrong date")
    assert amounts(order) == [(Decimal("13.34"), Decimal("3.40"))]
    hand_over(Order.objects.get(), user=user)
    assert amounts(order)[-1] == (Decimal("33.36"), Decimal("8.51"))
    assert_invoices_are_the_order(order)


def test_the_preview_and_the_list_show_what_will_be_invoiced(user):
    order = cheap_and_reduced()
    sticker = order.lines.order_by("position").first()
    make(user, {sticker.pk: Decimal(1)})
    rest = {row.pk: row.to_invoice for row in order.lines.all()}
    draft = drafts_of(list(order.lines.order_by("position")), rest)[0]
    assert [one.net for one in draft.lines] == [Decimal("0.05"), Decimal("46.62")]
    assert group_by_customer([Order.objects.get()])[0].net == Decimal("46.67")
    batch = hand_over(Order.objects.get(), user=user)
    assert (batch.net, batch.vat) == (draft.totals.net, draft.totals.vat)


def test_a_part_that_rounds_to_nothing_does_not_stop_the_order(user):
    order = waiting([line(quantity="0.02", unit_price="0.50")])
    row = order.lines.get()
    make(user, {row.pk: Decimal("0.01")})
    make(user, {row.pk: Decimal("0.01")})
    assert [net for net, _vat in amounts(order)] == [Decimal("0.01"), Decimal(0)]
    assert Order.objects.get().status == OrderStatus.INVOICED


def test_invoices_of_earlier_releases_are_settled_too(user):
    order = waiting([line(quantity=3, unit_price="0.05", discount=50)])
    row = order.lines.get()
    make(user, {row.pk: Decimal(1)})
    Invoice.objects.update(vat_rates=[])
    hand_over(Order.objects.get(), user=user)
    assert_invoices_are_the_order(order)


def test_what_another_system_had_invoiced_counts_as_invoiced(user):
    order = waiting([line(quantity=3, unit_price="0.05", discount=50)])
    order.lines.update(invoiced=1)
    hand_over(Order.objects.get(), user=user)
    assert amounts(order) == [(Decimal("0.05"), Decimal("0.01"))]


@pytest.mark.parametrize(
    ("exact", "reached", "before", "total", "is_last", "amount"),
    [
        ("0.025", "0.05", "0.03", "0.08", False, "0.02"),
        ("0.025", "0.08", "0.05", "0.08", True, "0.03"),
        ("0.025", "0.05", "0.00", "0.08", False, "0.03"),  # a part was taken back: within a cent of its own amount
        ("0.025", "0.05", "0.06", "0.08", False, "0.02"),
        ("0.005", "0.01", "0.50", "0.50", False, "0.00"),  # never more than what is left
    ],
)
def test_the_amount_of_a_part(exact, reached, before, total, is_last, amount):
    numbers = {"exact": exact, "reached": reached, "before": before, "total": total}
    part = share(**{name: Decimal(number) for name, number in numbers.items()}, is_last=is_last)
    assert part == Decimal(amount)


money_lines = st.lists(
    st.builds(
        lambda quantity, price, discount, rate: line(
            quantity=Decimal(quantity) / 4, unit_price=Decimal(price) / 100, discount=discount, vat_rate=rate
        ),
        st.integers(1, 40),
        st.one_of(st.integers(1, 60), st.integers(61, 100_000)),
        st.sampled_from(["0", "50", "33.33", "12.5", "99.99", "7.77"]),
        st.sampled_from(["0", "10", "13.5", "14", "25.5"]),
    ),
    min_size=1,
    max_size=4,
)
#: A step takes back a batch, or invoices a share (in quarters) of what is left of each line.
steps = st.lists(st.one_of(st.integers(0, 5), st.lists(st.integers(0, 4), min_size=4, max_size=4)), max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=money_lines, steps=steps)
def test_however_it_is_divided_and_taken_back_the_invoices_are_the_order(user, lines, steps):
    order = waiting(lines, customer=billable())
    batches = []
    for step in steps:
        order.refresh_from_db()
        if isinstance(step, int):
            if batches:
                batch_take_back(batch=batches.pop(step % len(batches)), user=user, reason="Wrong date")
            continue
        if order.status != OrderStatus.IN_DELIVERY:
            continue
        parts = {
            row.pk: (row.to_invoice * quarters / 4).quantize(Decimal("0.01"))
            for row, quarters in zip(order.lines.order_by("position"), step, strict=False)
        }
        chosen = {pk: quantity for pk, quantity in parts.items() if quantity}
        if order.lines.filter(pk__in=chosen, net__gt=0).exists():
            batches.append(make(user, chosen))
    order.refresh_from_db()
    if order.status == OrderStatus.IN_DELIVERY and order.net:
        batches.append(hand_over_rest(order, user))
    assert_invoices_are_the_order(order)
    assert all(invoice.net >= 0 for invoice in valid_invoices(order))
    assert all(row.net >= 0 for invoice in valid_invoices(order) for row in invoice.lines.all())
    if batches:
        document = invoice_xml(batches[-1].invoices.select_related("batch").get())
        assert breaches(document, vat_off_by=Decimal("0.10")) == []


def hand_over_rest(order, user):
    left = {row.pk: row.to_invoice for row in order.lines.all() if row.to_invoice}
    return make(user, left)
