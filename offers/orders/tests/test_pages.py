"""The pages of orders: list, order, form, steps, deliveries."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.orders import filters
from offers.orders.enums import OrderStatus
from offers.orders.models import Delivery, Order
from offers.orders.services.deliveries import deliver_all
from offers.orders.tests.factories import OrderFactory
from offers.products.enums import LineKind
from offers.products.tests.factories import ProductFactory, line, product_group

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def user(client):
    user = UserFactory(role="sales_assistant")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def send(client, name, *args, **data):
    return client.post(reverse(name, args=args), data)


def titles(response):
    return [row.object.title for row in response.context["table"].rows]


def in_delivery(**kwargs):
    return OrderFactory(**{"status": OrderStatus.IN_DELIVERY, "lines": [line("Course", quantity=3)]} | kwargs)


def form_data(**given):
    data = {
        "type": OfferTypeFactory().pk, "title": "Training of managers", "customer": CustomerFactory().pk,
        "owner": UserFactory().pk, "date": "1.2.2026", "line": ["1"], "line-1-kind": "free", "line-1-name": "Day",
        "line-1-quantity": "2", "line-1-unit_price": "100,50", "line-1-vat_rate": "25,5",
    }  # fmt: skip
    return data | given


# The list


@pytest.fixture
def orders(user):
    OrderFactory(title="Waiting", date=dt.date(2026, 1, 1), net=300)
    OrderFactory(title="Delivered", status=OrderStatus.IN_DELIVERY, date=dt.date(2026, 2, 1), net=100, trainer=user)
    OrderFactory(title="Closed", status=OrderStatus.CLOSED, date=dt.date(2026, 3, 1), net=200, owner=user)


def test_the_list_begins_with_what_is_running_and_coming(client, orders):
    assert titles(page(client, "orders:list")) == ["Delivered", "Waiting"]
    assert titles(page(client, "orders:list", tab="mine")) == ["Closed"]
    assert titles(page(client, "orders:list", tab="all")) == ["Closed", "Delivered", "Waiting"]


@pytest.mark.parametrize("most", [10, 0], ids=["few", "many"])
def test_a_product_group_has_the_orders_with_its_products_and_those_below(client, user, monkeypatch, most):
    monkeypatch.setattr(filters, "COUNT_LIMIT", most)
    top = product_group("Leadership")
    below = ProductFactory(group=product_group("Managers", parent=top))
    sold = [line("Course", kind=LineKind.PRODUCT, product_id=below.pk)]
    OrderFactory(title="Sold", lines=[*sold, *sold])
    OrderFactory(title="Other", lines=[line("Day")])
    assert titles(page(client, "orders:list", tab="all", group=top.pk)) == ["Sold"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "closed"}, ["Closed"]),
        ({"q": "deliv"}, ["Delivered"]),
        ({"date_from": "1.2.2026"}, ["Closed", "Delivered"]),
        ({"date_to": "31.1.2026"}, ["Waiting"]),
        ({"value_from": "150"}, ["Closed", "Waiting"]),
        ({"sort": "net"}, ["Delivered", "Closed", "Waiting"]),
        ({"sort": "-date"}, ["Closed", "Delivered", "Waiting"]),
    ],
)
def test_the_list_is_narrowed_and_sorted(client, orders, query, expected):
    assert titles(page(client, "orders:list", tab="all", **query)) == expected


@pytest.mark.parametrize(
    "query", ["status=x", "customer=999999", "date_from=x", "value_from=x", "owner=\x00", "type=x"]
)
def test_a_filter_that_cannot_be_read_shows_nothing_and_says_so(client, orders, query):
    response = client.get(f"/orders/?tab=all&{query}")
    assert titles(response) == []
    assert response.context["filter"].form.errors


def test_the_list_of_a_customer_has_its_finished_orders_too(client, user):
    order = OrderFactory(status=OrderStatus.CLOSED)
    assert titles(page(client, "orders:list", customer=order.customer_id)) == [order.title]


def test_the_list_is_exported_as_it_is_filtered(client, orders):
    response = page(client, "orders:list", tab="all", status="closed", export="csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    response.close()
    assert "Closed" in text
    assert "Waiting" not in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(client, user, count, django_assert_num_queries):
    for _number in range(count):
        in_delivery(trainer=UserFactory())
    client.get("/orders/")
    with django_assert_num_queries(7):
        client.get("/orders/", headers={"HX-Target": "list"})


# One order


def test_the_page_tells_where_the_order_came_from_and_what_is_left(client, user):
    order = in_delivery(offer=OfferFactory())
    deliver_all(order=order, day=TODAY, user=user, note="In the morning")
    order.lines.update(invoiced=1)
    text = page(client, "orders:detail", order.pk).text
    for expected in (order.offer.number, "In the morning", "In delivery".lower(), order.customer.name):
        assert expected in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_any_number_of_lines(client, user, count, django_assert_num_queries):
    order = in_delivery(lines=[line(f"Course {number}") for number in range(count)])
    deliver_all(order=order, day=TODAY, user=user)
    client.get(order.get_absolute_url())
    with django_assert_num_queries(11):
        client.get(order.get_absolute_url(), headers={"HX-Target": "tab"})


def steps_of(client, order):
    steps = page(client, "orders:detail", order.pk).context["steps"]
    return [(str(step.label), step.is_main) for step in steps]


def test_the_buttons_are_what_may_follow_the_one_that_brings_it_forward_first(client, user):
    def steps(order):
        return steps_of(client, order)

    assert steps(OrderFactory()) == [("Start delivery", True), ("Cancel the order", False)]
    order = in_delivery()
    back, cancel = ("Back to waiting", False), ("Cancel the order", False)
    assert steps(order) == [("Record a delivery", True), back, cancel]
    order.lines.update(delivered=1)
    assert steps(order) == [("Record a delivery", True), cancel]
    order.lines.update(delivered=3, invoiced=3)
    assert steps(order) == [("Nothing left to invoice", True)]
    assert steps(OrderFactory(status=OrderStatus.INVOICED)) == [("Close the order", True)]
    assert steps(OrderFactory(status=OrderStatus.CLOSED)) == []
    assert steps(OrderFactory(status=OrderStatus.CANCELLED)) == [back]


def test_what_has_been_delivered_leads_to_invoicing_who_may_invoice(client, user):
    order = in_delivery()
    order.lines.update(delivered=F("quantity"), invoiced=0)
    colleague = Client()
    who = UserFactory(role="account_manager", grants=["orders.manage_orders"])
    colleague.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    assert "To invoicing" not in dict(steps_of(colleague, order))
    response = page(client, "orders:detail", order.pk)
    assert f'href="/invoicing/?customer={order.customer_id}"' in response.text
    assert next((str(step.label), step.is_main) for step in response.context["steps"]) == ("To invoicing", True)


def test_an_orders_page_has_one_primary_action(client, user):
    for order in (OrderFactory(), in_delivery(), OrderFactory(status=OrderStatus.INVOICED)):
        head = page(client, "orders:detail", order.pk).text.partition('class="actions"')[2].partition("offer-head")[0]
        assert head.count("btn-primary") == 1


def test_documents_and_history_have_their_tabs(client, user):
    order = OrderFactory()
    send(client, "orders:status", order.pk, status="in_delivery")
    assert page(client, "orders:documents", order.pk).status_code == 200
    assert "in delivery" in page(client, "orders:history", order.pk).text


# Writing


def test_an_order_is_added_with_its_lines(client, user):
    response = send(client, "orders:create", **form_data())
    order = Order.objects.get()
    assert response.headers["Location"] == order.get_absolute_url()
    assert (order.net, order.created_by) == (201, user)
    assert [(line.name, line.quantity) for line in order.lines.all()] == [("Day", 2)]


def test_the_form_knows_the_customer_that_the_address_names(client, user):
    customer = CustomerFactory()
    form = page(client, "orders:create", customer=customer.pk).context["form"]
    assert form["customer"].value() == customer.pk


def test_a_new_order_is_of_today_until_another_day_is_written(client, user):
    assert page(client, "orders:create").context["form"]["date"].value() == TODAY


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": ""}, "title"), ({"customer": ""}, "customer"), ({"customer": "99999"}, "customer"),
        ({"date": "x"}, "date"), ({"date": "1.1.1026"}, "date"), ({"owner": ""}, "owner"),
        ({"participants": "-1"}, "participants"), ({"estimate": "99999999999999"}, "estimate"),
        ({"delivery_start": "2.2.2026", "delivery_end": "1.2.2026"}, "delivery_end"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_made(client, user, given, field):
    response = send(client, "orders:create", **form_data(**given))
    assert response.status_code == 422
    assert response.context["form"].errors[field]
    assert response.context["form"].rows.rows[0].values["name"] == "Day"
    assert not Order.objects.exists()


def test_a_line_that_cannot_be_read_is_told_at_the_line(client, user):
    response = send(client, "orders:create", **form_data(**{"line-1-quantity": "many"}))
    assert response.status_code == 422
    assert response.context["form"].rows.rows[0].errors["quantity"]
    assert not Order.objects.exists()


def test_the_buttons_of_lines_work_without_javascript(client, user):
    response = send(client, "orders:create", **form_data(**{"line-do": "add:free"}))
    assert response.status_code == 200
    assert len(response.context["form"].rows) == 2
    assert not Order.objects.exists()


def test_changing_keeps_the_rows_of_lines(client, user):
    order = in_delivery()
    order_line = order.lines.get()
    order_line.delivered = 2
    order_line.save()
    given = {
        "customer": order.customer_id,
        "line-1-ref": order_line.pk,
        "line-1-name": "Course B",
        "line-1-quantity": "2",
    }
    data = form_data(**given, **{"line-1-unit_price": "100"}, version=1)
    assert send(client, "orders:edit", order.pk, **data).status_code == 302
    changed = order.lines.get()
    assert (changed.pk, changed.name, changed.quantity, changed.delivered) == (order_line.pk, "Course B", 2, 2)


def test_less_than_was_delivered_cannot_be_ordered(client, user):
    order = in_delivery()
    order.lines.update(delivered=3)
    data = form_data(**{"customer": order.customer_id, "line-1-ref": order.lines.get().pk}, version=1)
    response = send(client, "orders:edit", order.pk, **data)
    assert response.status_code == 422
    assert "3 has already been delivered" in response.text
    assert order.lines.get().quantity == 3


def test_an_older_form_does_not_overwrite_but_keeps_what_was_typed(client, user):
    order = OrderFactory()
    Order.objects.update(version=2)
    data = form_data(customer=order.customer_id, title="Mine", version=1)
    response = send(client, "orders:edit", order.pk, **data)
    assert response.status_code == 422
    assert "Mine" in response.text
    again = send(client, "orders:edit", order.pk, **data | {"version": response.context["form"]["version"].value()})
    assert again.status_code == 302
    assert Order.objects.get().title == "Mine"


def test_a_finished_order_has_no_form(client, user):
    order = OrderFactory(status=OrderStatus.CLOSED)
    assert page(client, "orders:edit", order.pk).headers["Location"] == order.get_absolute_url()
    data = form_data(customer=order.customer_id, version=1)
    assert send(client, "orders:edit", order.pk, **data).status_code == 422


# Steps


def test_a_button_moves_the_order_on(client, user):
    order = OrderFactory()
    send(client, "orders:status", order.pk, status="in_delivery")
    assert Order.objects.get().status == OrderStatus.IN_DELIVERY


def test_a_button_pressed_too_late_says_why(client, user):
    order = OrderFactory(status=OrderStatus.CLOSED)
    response = client.post(reverse("orders:status", args=[order.pk]), {"status": "in_delivery"}, follow=True)
    assert "cannot become" in response.text
    assert Order.objects.get().status == OrderStatus.CLOSED


@pytest.mark.parametrize("status", ["", "x", "cancelled", "waiting", "\x00"])
def test_a_step_that_needs_a_reason_is_not_a_button(client, user, status):
    order = OrderFactory()
    assert send(client, "orders:status", order.pk, status=status).status_code == 404


@pytest.mark.parametrize(
    ("name", "old", "new"), [("orders:cancel", "waiting", "cancelled"), ("orders:wait", "in_delivery", "waiting")]
)
def test_a_step_with_its_reason(client, user, name, old, new):
    order = OrderFactory(status=old)
    assert send(client, name, order.pk, reason="x").status_code == 422
    assert Order.objects.get().status == old
    assert send(client, name, order.pk, reason="The group was too small").status_code == 302
    assert Order.objects.get().status == new


def test_who_may_not_change_the_order_moves_nothing(client):
    client.force_login(UserFactory(role="account_manager"), backend="django.contrib.auth.backends.ModelBackend")
    order = in_delivery()
    for name, data in (("orders:status", {"status": "invoiced"}), ("orders:deliver_all", {}), ("orders:edit", {})):
        assert send(client, name, order.pk, **data).status_code == 403
    assert page(client, "orders:detail", order.pk).context["steps"] == []


# Deliveries


def test_a_partial_delivery_by_the_form(client, user):
    order = in_delivery(lines=[line("One", quantity=3), line("Two", quantity=5)])
    first, second = order.lines.order_by("position")
    form = page(client, "orders:deliver", order.pk).context["form"]
    assert form[f"line_{first.pk}"].value() == "3"
    data = {f"line_{first.pk}": "1,5", f"line_{second.pk}": "", "day": "1.2.2026", "note": "First day"}
    assert send(client, "orders:deliver", order.pk, **data).status_code == 302
    assert [(delivery.line_id, delivery.quantity) for delivery in Delivery.objects.all()] == [(first.pk, 1.5)]


def test_a_form_sent_twice_delivers_once(client, user):
    order = in_delivery()
    key = page(client, "orders:deliver", order.pk).context["form"]["submission_key"].value()
    data = {f"line_{order.lines.get().pk}": "1", "day": "1.2.2026", "submission_key": key}
    for _time in range(2):
        assert send(client, "orders:deliver", order.pk, **data).status_code == 302
    assert order.lines.get().delivered == 1


@pytest.mark.parametrize(
    ("quantity", "day", "where"),
    [("4", "1.2.2026", "line"), ("x", "1.2.2026", "line"), ("-1", "1.2.2026", "line"), ("1", "1.2.2126", "day"),
     ("1", "", "day"), ("", "1.2.2026", "__all__"), ("0", "1.2.2026", "__all__")],
)  # fmt: skip
def test_a_delivery_that_cannot_be_is_told_at_its_field(client, user, quantity, day, where):
    order = in_delivery()
    name = f"line_{order.lines.get().pk}"
    response = send(client, "orders:deliver", order.pk, **{name: quantity, "day": day})
    assert response.status_code == 422
    assert response.context["form"].errors[name if where == "line" else where]
    assert not Delivery.objects.exists()


def test_everything_is_delivered_by_one_button_and_taken_back(client, user):
    order = in_delivery()
    assert page(client, "orders:deliver_all", order.pk).status_code == 200
    send(client, "orders:deliver_all", order.pk)
    delivery = Delivery.objects.get()
    assert (delivery.quantity, delivery.day) == (3, TODAY)
    send(client, "orders:delivery_remove", order.pk, delivery.pk)
    assert order.lines.get().delivered == 0


def test_a_delivery_of_another_order_is_not_here(client, user):
    order, other = in_delivery(), in_delivery()
    deliver_all(order=other, day=TODAY, user=user)
    assert send(client, "orders:delivery_remove", order.pk, Delivery.objects.get().pk).status_code == 404


# Search


def test_the_top_search_finds_orders(client, user):
    order = OrderFactory(title="Hygienia­koulutus".replace("\u00ad", ""))
    for text in (order.number, "hygienia"):
        assert order.number in client.get("/search/", {"q": text}).text
