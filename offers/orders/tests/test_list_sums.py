"""Sums at the foot of lists and groups of their rows: both are of exactly the rows that the filters let through."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core import grouping
from customers.models import ClassificationBranch, ClassificationNode
from customers.tests.factories import CustomerFactory
from offers.orders.tests.factories import OrderFactory
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db
URL = reverse("orders:list")
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


@pytest.fixture
def page():
    client = Client()
    client.force_login(UserFactory(role="administrator", language="en"))
    return client


def foot(page, url=URL, **query):
    answer = page.get(url, {"tab": "all", "sums": "1", **query}, headers=HTMX)
    assert answer.status_code == 200, answer.content
    return answer.context["foot"]


def heads(page, by, url=URL, **query):
    answer = page.get(url, {"tab": "all", "group_by": by, "heads": "1", **query}, headers=HTMX)
    assert answer.status_code == 200, answer.content
    return answer.context["heads"].heads


def rows_of(page, head):
    return len(page.get(head.url).context["table"].rows)


def test_the_foot_sums_all_rows_that_match_also_beyond_the_page(page):
    owner = UserFactory()
    OrderFactory.create_batch(60, net=Decimal("10.50"), owner=owner)
    OrderFactory(net=Decimal(1000))
    all_rows, of_owner = foot(page), foot(page, owner=owner.pk)
    assert (all_rows.sums.rows, all_rows.sums.values["sum_net"]) == (61, Decimal("1630.00"))
    assert (of_owner.sums.rows, of_owner.sums.values["sum_net"]) == (60, Decimal("630.00"))


def test_each_sum_says_its_definition(page):
    OrderFactory(net=Decimal(7))
    body = page.get(URL, {"tab": "all", "sums": "1"}, headers=HTMX).content.decode()
    assert 'title="Values without VAT of all rows that match, in euros"' in body


def test_more_rows_than_are_counted_have_no_sum(page, monkeypatch):
    OrderFactory.create_batch(3, net=Decimal(1))
    monkeypatch.setattr("core.paging.count_up_to.__defaults__", (2,))
    found = foot(page)
    assert (found.sums.count, found.sums.values) == ("2+", {})


def test_the_page_asks_for_the_sums_by_their_own_request_and_a_link_does_without_javascript(page):
    OrderFactory(net=Decimal(7))
    page_itself = page.get(URL, {"tab": "all"})
    assert "foot" not in page_itself.context
    assert 'hx-get="/orders/?tab=all&amp;sums=1"' in page_itself.content.decode()
    assert page.get(URL, {"tab": "all", "sums": "1"}).context["foot"].sums.values["sum_net"] == 7


def test_groups_by_owner_count_and_sum_exactly_the_rows_that_they_lead_to(page):
    first, second = UserFactory(last_name="Yksi"), UserFactory(last_name="Kaksi")
    OrderFactory.create_batch(3, net=Decimal(10), owner=first)
    OrderFactory(net=Decimal(5), owner=second)
    found = heads(page, "owner")
    assert [(head.text, head.count) for head in found] == [(str(first), "3"), (str(second), "1")]
    assert [rows_of(page, head) for head in found] == [3, 1]
    assert [head.sums[0][1] for head in found] == ["30.00\xa0€", "5.00\xa0€"]


def test_groups_by_month_stay_within_the_days_that_the_list_is_filtered_by(page):
    for day in (dt.date(2026, 10, 5), dt.date(2026, 10, 20), dt.date(2026, 11, 2)):
        OrderFactory(date=day)
    query = {"date_from": "2026-10-10"}
    found = heads(page, "month", **query)
    assert [head.text for head in found] == ["November 2026", "October 2026"]
    assert [(head.count, rows_of(page, head)) for head in found] == [("1", 1), ("1", 1)]


def test_groups_by_segment_count_the_segments_and_those_without(page):
    for _number in range(2):
        OrderFactory(customer=CustomerFactory(segment=segment("B")))
    OrderFactory(customer=CustomerFactory())
    found = heads(page, "segment")
    assert [(head.text, head.count) for head in found] == [(str(segment("B")), "2"), ("No segment", "1")]
    assert [rows_of(page, head) for head in found] == [2, 1]


def test_groups_beyond_the_most_are_added_up(page, monkeypatch):
    monkeypatch.setattr(grouping, "MOST_HEADS", 1)
    OrderFactory.create_batch(2, owner=UserFactory(), net=Decimal(1))
    for _number in range(2):
        OrderFactory(owner=UserFactory(), net=Decimal(3))
    _biggest, others = heads(page, "owner")
    assert (others.count, others.url, others.sums[0][1]) == ("2", "", "6.00\xa0€")


def test_the_rows_below_a_head_come_by_their_own_request(page):
    owner = UserFactory()
    order = OrderFactory(owner=owner)
    [head] = heads(page, "owner")
    body = page.get(head.url + "&rows=1", headers=HTMX).content.decode()
    assert order.number in body
    assert "<html" not in body


def test_groups_by_segment_unfold_to_the_rows_of_the_segments_that_are_asked_for(page):
    segments = [segment("A"), segment("B"), segment("C")]
    for one in segments:
        OrderFactory(customer=CustomerFactory(segment=one))
    found = heads(page, "segment", segment=[one.pk for one in segments[:2]])
    assert len(found) == 2
    assert [rows_of(page, head) for head in found] == [int(head.count) for head in found]


@pytest.mark.parametrize("by", ["owner", "segment", "month"])
def test_groups_cost_the_same_whatever_the_number_of_rows(page, by, django_assert_num_queries):
    OrderFactory()
    heads(page, by)
    with CaptureQueriesContext(connection) as captured:
        heads(page, by)
    OrderFactory.create_batch(3)
    with django_assert_num_queries(len(captured)):
        heads(page, by)


@pytest.mark.parametrize("query", [{"group_by": "colour"}, {"heads": "2"}, {"rows": "x"}, {"sums": "yes"}])
def test_what_cannot_be_read_is_refused(page, query):
    OrderFactory()
    assert page.get(URL, query).status_code == 400


def test_a_list_without_groups_refuses_them(page):
    assert page.get(reverse("customers:contacts"), {"group_by": "owner"}).status_code == 400


@pytest.mark.parametrize("by", ["owner", "segment", "city"])
def test_customers_are_grouped_and_each_head_leads_to_its_rows(page, by):
    CustomerFactory.create_batch(2, owner=UserFactory(), municipality=None)
    CustomerFactory()
    url = reverse("customers:list")
    found = heads_of_customers(page, by)
    assert sum(int(head.count) for head in found) == 3
    for head in found:
        assert len(page.get(head.url).context["table"].rows) == int(head.count), head.text
    assert url in found[0].url


def heads_of_customers(page, by):
    answer = page.get(reverse("customers:list"), {"group_by": by, "heads": "1"}, headers=HTMX)
    assert answer.status_code == 200, answer.content
    return answer.context["heads"].heads


@pytest.mark.parametrize("by", ["owner", "month"])
def test_activities_are_grouped_with_their_hours(page, by):
    from activities.log.tests.factories import ActivityFactory

    ActivityFactory.create_batch(2, hours=Decimal("1.5"))
    answer = page.get(reverse("activities:list"), {"group_by": by, "heads": "1"}, headers=HTMX)
    found = answer.context["heads"].heads
    assert found
    for head in found:
        if head.url:
            assert len(page.get(head.url).context["table"].rows) == int(head.count)


def test_a_list_of_one_participant_has_no_heads_of_those_who_took_part_with_them(page):
    from activities.log.tests.factories import ActivityFactory

    one, colleague = UserFactory(), UserFactory()
    ActivityFactory(participants=[one, colleague])
    ActivityFactory(participants=[colleague])
    url = reverse("activities:list")
    for query, counts in (({}, [2, 1]), ({"participant": one.pk}, [1]), ({"participant": colleague.pk}, [2])):
        answer = page.get(url, {"group_by": "owner", "heads": "1", **query}, headers=HTMX)
        found = answer.context["heads"].heads
        assert [int(head.count) for head in found] == [rows_of(page, head) for head in found] == counts
