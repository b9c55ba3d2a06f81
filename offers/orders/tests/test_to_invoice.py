"""The sum of all that can be invoiced of the orders that match, and the preview of all of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core import paging
from customers.tests.factories import CustomerFactory
from offers.orders.enums import OrderStatus
from offers.orders.models import InvoiceBatch, Order, OrderLine
from offers.orders.selectors import group_by_customer, orders_to_invoice
from offers.orders.services.invoicing import batch_make, batch_take_back
from offers.orders.tests.billing import billable, seller, waiting
from offers.orders.to_invoice import sum_to_invoice
from offers.orders.views.invoicing import InvoicingView
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def user(client):
    seller()
    user = UserFactory(role="sales_assistant", language="en")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def invoice(order, user, *quantities):
    lines = {row.pk: Decimal(quantity) for row, quantity in zip(order.lines.all(), quantities, strict=True) if quantity}
    return batch_make(order_lines=lines, user=user, day=timezone.localdate())


def test_sum_is_what_the_invoices_would_have(user):
    odd = [
        line("A", quantity=3, unit_price=Decimal("33.33"), discount=Decimal("12.5")),
        line("B", quantity=7, unit_price=Decimal("0.07")),
        line("C", quantity=2, unit_price=Decimal("0.33"), discount=Decimal("33.33")),
    ]
    fresh, begun, taken_back, elsewhere, half = (waiting(lines=list(odd)) for _number in range(5))
    invoice(begun, user, 1, 2, 0)
    batch_take_back(batch=invoice(taken_back, user, 2, 3, 0), user=user, reason="Väärä päivä laskulla")
    OrderLine.objects.filter(order=elsewhere, name="A").update(invoiced=Decimal("1.50"))
    OrderLine.objects.filter(order=half).exclude(name="C").update(delivered=Decimal("1.25"))
    orders = orders_to_invoice(user)
    by_invoices = sum(group.net for group in group_by_customer(list(orders)))
    found = sum_to_invoice(orders)
    assert orders.count() == 5
    assert fresh in orders
    assert (found.orders, found.net) == (5, by_invoices)


def test_page_sums_all_that_match_by_a_request_of_its_own(client, user, monkeypatch):
    monkeypatch.setattr(InvoicingView, "paginate_by", 2)
    for _number in range(3):
        waiting()
    waiting(customer=billable(name="Muu Oy"), title="Muu")
    response = client.get(reverse("orders:invoicing"))
    assert 'hx-get="/invoicing/?sums=1"' in response.text
    text = client.get(reverse("orders:invoicing"), {"sums": "1"}, headers=HTMX).text
    assert "of the 4 orders that match, without VAT" in text
    assert "1,200.00" in text
    assert "<h1" not in text
    muu = client.get(reverse("orders:invoicing"), {"sums": "1", "q": "Muu"}, headers=HTMX).text
    assert "of the 1 order that matches" in muu
    assert "of the 4 orders" in client.get(reverse("orders:invoicing"), {"sums": "1"}).text


def test_more_orders_than_are_counted_have_no_sum(user, monkeypatch):
    waiting()
    waiting()
    monkeypatch.setattr("offers.orders.to_invoice.count_up_to", lambda rows: paging.count_up_to(rows, 1))
    found = sum_to_invoice(orders_to_invoice(user))
    assert (found.are_more, found.net) == (True, None)


def test_preview_of_all_has_the_lines_of_every_page(client, user, monkeypatch):
    monkeypatch.setattr(InvoicingView, "paginate_by", 1)
    orders = [waiting(), waiting(lines=[line("B", quantity=2), line("C", quantity=1)])]
    waiting(title="Muu")
    Order.objects.filter(title="Muu").update(status=OrderStatus.WAITING)
    response = client.post(reverse("orders:hand_over"), {"all": "1", "query": "sort=since", "line": "9"})
    assert response.status_code == 200
    drafts = response.context["drafts"]
    assert [draft.order for draft, _rows in drafts] == orders
    assert [one.quantity for _draft, rows in drafts for _line, _field, one in rows] == [3, 2, 1]
    assert not InvoiceBatch.objects.exists()


def test_preview_of_all_keeps_to_the_filters_of_the_list(client, user):
    wanted = waiting(title="Kevään koulutus")
    waiting(title="Syksyn koulutus")
    response = client.post(reverse("orders:hand_over"), {"all": "1", "query": "q=kev"})
    assert [draft.order for draft, _rows in response.context["drafts"]] == [wanted]
    for query in ("owner=nobody", "nothing=1"):
        refused = client.post(reverse("orders:hand_over"), {"all": "1", "query": query})
        assert (refused.status_code, refused.context["drafts"]) == (422, [])


def test_customers_whose_invoices_lack_something_are_left_out_by_name(client, user):
    good = waiting()
    waiting(customer=CustomerFactory(name="Osoitteeton Oy"))
    response = client.post(reverse("orders:hand_over"), {"all": "1", "query": ""})
    assert [draft.order for draft, _rows in response.context["drafts"]] == [good]
    assert "1 customer is left out" in response.text
    assert "Osoitteeton Oy" in response.text


def test_too_many_lines_at_once_are_refused(client, user, monkeypatch):
    for module in ("offers.orders.services.invoicing", "offers.orders.views.invoicing", "offers.orders.forms"):
        monkeypatch.setattr(f"{module}.MAX_LINES_AT_ONCE", 1)
    waiting(lines=[line("A", quantity=1), line("B", quantity=1)])
    response = client.post(reverse("orders:hand_over"), {"all": "1", "query": ""})
    assert response.status_code == 422
    assert "At most 1 lines at once." in response.text


def test_handing_over_takes_the_lines_of_the_preview_and_not_all_again(client, user):
    shown, later = waiting(), waiting()
    chosen = shown.lines.get()
    data = {
        "all": "1", "confirm": "1", "line": chosen.pk, f"line_{chosen.pk}": "3",
        "day": timezone.localdate().isoformat(), "submission_key": "6a1d3c9e-5c6e-4b8b-9a55-0d4fb1a0f001",
    }  # fmt: skip
    client.post(reverse("orders:hand_over"), data)
    assert [row.order for row in InvoiceBatch.objects.get().invoices.all()] == [shown]
    assert later in orders_to_invoice(user)


def test_boxes_are_named_by_their_line_and_order(client, user):
    order = waiting()
    html = client.get(reverse("orders:invoicing")).text
    assert f'aria-label="{order.lines.get().name}, {order.number}"' in html
