"""The pipeline as board, table and forecast, and in the API."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.tests.factories import UserFactory
from activities.log.models import Activity
from customers.tests.factories import CustomerFactory
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer
from offers.offers.tests.factories import OfferFactory
from offers.offers.tests.pages import client_of
from offers.orders.tests.factories import OrderFactory
from offers.sales.selectors import pipeline
from offers.sales.selectors.pipeline import CARDS, LEAD
from offers.sales.tests.pipeline import columns, days_ago, make_lead, make_offer, with_next_step

pytestmark = pytest.mark.django_db


def pages_of_cards(client, name):
    """Read a column to its end by its button."""
    url, titles = f"/pipeline/?column={name}", []
    while url:
        answer = client.get(url, headers={"HX-Request": "true"})
        [shown] = answer.context["columns"]
        titles.append([card.pk for card in shown["cards"]])
        url = shown["more_url"]
    return titles


def test_a_long_column_is_read_on_by_key_each_card_once(user):
    customer = CustomerFactory()
    for days in range(2 * CARDS + 1):
        make_offer(customer=customer, owner=user, status_since=days_ago(days % 7))
    titles = pages_of_cards(client_of(user), "open")
    assert [len(page) for page in titles] == [CARDS, CARDS, 1]
    ages = [Offer.objects.get(pk=pk).status_since for page in titles for pk in page]
    assert ages == sorted(ages)
    assert len({pk for page in titles for pk in page}) == 2 * CARDS + 1


@pytest.mark.parametrize("status", [OfferStatus.ORDER, OfferStatus.LOST])
def test_a_decided_column_begins_with_the_newest_and_is_read_on_from_there(user, status):
    for days in (3, 1, 20, 1, 7) * 3:
        make_offer(owner=user, status=status, decided_at=days_ago(days))
    pages = pages_of_cards(client_of(user), status)
    decided = [Offer.objects.get(pk=pk).decided_at for page in pages for pk in page]
    assert [len(page) for page in pages] == [CARDS, 3]
    assert decided == sorted(decided, reverse=True)
    assert [row.pk for row in columns(user)[status].rows] == pages[0]


def test_the_leads_begin_with_the_longest_waiting_and_are_read_on_from_there(user):
    for days in (3, 1, 20, 1, 7) * 3:
        make_lead(start=days_ago(days))
    pages = pages_of_cards(client_of(user), LEAD)
    began = [Activity.objects.get(pk=pk).start for page in pages for pk in page]
    assert [len(page) for page in pages] == [CARDS, 3]
    assert began == sorted(began)
    assert [row.pk for row in columns(user)[LEAD].rows] == pages[0]


def test_without_javascript_show_more_leads_to_the_column_alone(user):
    OfferFactory.create_batch(CARDS + 1, customer=CustomerFactory(), owner=user)
    client = client_of(user)
    whole = client.get("/pipeline/")
    [more] = [shown["more_url"] for shown in whole.context["columns"] if shown["more_url"]]
    answer = client.get(more)
    assert len(answer.context["columns"]) == 1
    assert "Whole board" in answer.text


def test_the_board_opens_on_ones_own_cards_and_leads_to_everyones(user):
    own, other = make_offer(title="My own", owner=user), make_offer(title="Another's")
    client = client_of(user)
    text = client.get("/pipeline/").text
    assert own.title in text
    assert "Another&#x27;s" not in text
    assert 'href="/pipeline/?tab=everyone"' in text
    assert "Another&#x27;s" in client.get("/pipeline/?tab=everyone").text
    assert "Another&#x27;s" in client.get(f"/pipeline/?type={other.type_id}").text


def test_who_has_no_cards_of_ones_own_sees_everyones(user):
    make_offer(title="Another's")
    assert "Another&#x27;s" in client_of(user).get("/pipeline/").text


def test_long_columns_have_no_sum(user, monkeypatch):
    monkeypatch.setattr(pipeline, "COUNTED", 2)
    for _ in range(3):
        make_offer("10", owner=user)
    column = client_of(user).get("/pipeline/").context["columns"][1]["column"]
    assert (column.sums.count, column.sums.net, column.sums.is_more) == (2, 0, True)
    assert "narrow the board" in client_of(user).get("/pipeline/").text


def test_a_card_has_at_most_four_lines(user):
    offer = make_offer(owner=user, status_since=days_ago(400), expected_close=dt.date(2020, 1, 1))
    text = client_of(user).get("/pipeline/").text
    card = text[text.index("<li", text.index('data-column="open"')) : text.index("</li>", text.index(offer.title))]
    assert re.findall(r'class="board-(title|customer|line)', card) == ["title", "customer", "line", "line"]
    assert "no next activity" in card


def test_filters_go_along_from_board_to_table_and_forecast(user):
    text = client_of(user).get("/pipeline/?mine=true&column=open").text
    assert 'href="/pipeline/table/?mine=true"' in text
    assert 'href="/pipeline/forecast/?mine=true"' in text


def make_rows(count):
    for number in range(count):
        kinds = {"order": "decided_at", "lost": "decided_at"}
        for status in OfferStatus:
            offer = make_offer(status=status, **({kinds[status]: timezone.now()} if status in kinds else {}))
            with_next_step(offer)
        make_lead(title=f"Lead {number}")


@pytest.mark.parametrize(("url", "queries"), [("/pipeline/", 16), ("/pipeline/table/", 10), ("/pipeline/forecast/", 9)])
@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_costs_the_same_whatever_is_on_it(user, django_assert_num_queries, url, queries, rows):
    make_rows(rows)
    client = client_of(user)
    client.get(url)
    with django_assert_num_queries(queries):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize(("language", "numbers"), [("en", ";1234.50;50;617.25;"), ("fi", ";1234,50;50;617,25;")])
def test_the_table_shows_and_exports_the_same_offers(user, language, numbers):
    User.objects.filter(pk=user.pk).update(language=language)
    shown = make_offer("1234.50", title="=HYPERLINK(1)", probability=50, owner=user)
    make_offer(title="Not mine")
    client = client_of(user)
    assert shown.number in client.get("/pipeline/table/?mine=true").text
    answer = client.get("/pipeline/table/?mine=true&export=csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.count("\n") == 2
    assert "'=HYPERLINK(1)" in text
    assert numbers in text


@pytest.mark.parametrize("sort", ["since", "net", "expected_close", "valid_until"])
def test_the_table_is_sorted_by_what_an_index_serves(user, sort):
    first = make_offer(
        "1",
        status_since=days_ago(9),
        expected_close=dt.date(2026, 1, 1),
        valid_until=dt.date(2026, 1, 2),
        date=dt.date(2026, 1, 1),
    )
    last = make_offer("2", expected_close=dt.date(2027, 1, 1), valid_until=dt.date(2027, 1, 2))
    rows = client_of(user).get(f"/pipeline/table/?sort={sort}").context["table"].rows
    assert [row.object for row in rows] == [first, last]


def test_the_forecast_has_a_chart_of_the_figures_of_its_table(user):
    make_offer("1000", expected_close=timezone.localdate(), probability=10)
    answer = client_of(user).get("/pipeline/forecast/")
    chart = answer.context["chart"]
    assert [series.values[0] for series in chart.series] == [100.0, 1000.0]
    assert "1,000\N{NO-BREAK SPACE}€" in answer.text


def test_an_empty_pipeline_says_what_to_do(user):
    assert "Nothing here." in client_of(user).get("/pipeline/").text
    assert "No open offers here." in client_of(user).get("/pipeline/table/").text


def test_the_endpoints_give_the_figures_of_the_pages(user):
    make_offer("1000", expected_close=timezone.localdate(), probability=10, owner=user)
    make_offer("5", owner=UserFactory())
    OrderFactory()
    client = client_of(user)
    stages = {stage["name"]: stage["sums"] for stage in client.get("/api/v1/pipeline/?mine=true").json()["stages"]}
    assert stages["open"] == {"count": 1, "net": "1000.00", "weighted": "100.00"}
    assert client.get("/api/v1/pipeline/forecast/?mine=true").json()["total"] == stages["open"]
    assert client.get("/api/v1/pipeline/?owner=x").status_code == 400
