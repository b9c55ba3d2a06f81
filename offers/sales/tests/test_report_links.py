"""Every figure of reports and targets leads to exactly the rows that it counts; charts compare with a year before."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.tests.factories import TeamFactory, UserFactory
from activities.log.enums import ActivityChannel, ActivityStatus
from activities.log.tests.factories import ActivityFactory, activity_type
from core import clock
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import LostReasonFactory, OfferTypeFactory
from offers.offers.tests.pages import client_of
from offers.orders.tests.factories import OrderFactory
from offers.products.enums import LineKind
from offers.products.tests.factories import ProductFactory, line, product_group
from offers.sales.charts import Chart, Series, former_series
from offers.sales.enums import TargetKind
from offers.sales.reports import REPORTS
from offers.sales.reports.tables import COUNT
from offers.sales.selectors.targets import Period, progress_of, team_progress
from offers.sales.services import targets_set
from offers.sales.tests.reports import decided, make_offer, order
from offers.sales.views.targets import linked, with_links
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db
PERIOD = "first=1.1.2026&last=31.12.2026"


@pytest.fixture
def world():
    """Offers and orders of two people, of two types, in and outside the year; an open offer of an inactive customer."""
    types, people = [OfferTypeFactory(), OfferTypeFactory()], [UserFactory(), UserFactory()]
    reason, customer = LostReasonFactory(), CustomerFactory()
    for number in range(3):
        kind, owner = types[number % 2], people[number % 2]
        decided("order", f"{number + 1}00", type=kind, owner=owner)
        decided("lost", "70", type=kind, owner=owner, lost_reason=reason, competitor=["", "Konex"][number % 2])
        make_offer(type=kind, owner=owner)
        make_offer(type=kind, owner=owner, status="sent", valid_until=dt.date(2026, 4, 1), day="2026-03-01")
        order(customer=customer, owner=owner, type=kind)
    decided("order", day="2025-05-05", type=types[0], owner=people[0])
    order(day="2025-12-31", customer=customer, owner=people[0], type=types[0])
    order(owner=people[1], type=types[1], status="cancelled")
    order(owner=people[1], type=types[1])
    make_offer(type=types[0], owner=people[0], customer=CustomerFactory(state="passive"))
    return people


def listed(client, url):
    response = client.get(url)
    assert response.status_code == 200, url
    return response.context["count"]


def count_cells(shown):
    """The (name, figure, url) of every figure of a table that counts rows."""
    table = shown["table"]
    lines = [(row, cells) for row, cells in zip(table.rows, shown["rows"], strict=True)]
    lines += [(table.total, shown["total"])] if table.total else []
    for row, cells in lines:
        for column, value, cell in zip(table.columns, row, cells, strict=True):
            if column.unit == COUNT and column.name != "customers":
                yield f"{row[0]} {column.name}", value, cell.url


@pytest.mark.parametrize("name", REPORTS)
def test_every_figure_of_a_report_leads_to_the_rows_that_it_counts(world, manager, name):
    client = client_of(manager)
    address = f"/offers/reports/{name}/" + ("" if name == "open" else f"?{PERIOD}")
    for shown in client.get(address).context["tables"]:
        for figure, value, url in count_cells(shown):
            assert (bool(url), listed(client, url) if url else 0) == (bool(value), value), figure


@pytest.mark.parametrize("name", ["types", "people", "hit-rate", "reasons", "recurring", "decision-time"])
def test_the_figures_of_a_narrowed_report_lead_to_its_rows(world, manager, name):
    client = client_of(manager)
    team = TeamFactory(members=[world[0]])
    for shown in client.get(f"/offers/reports/{name}/?{PERIOD}&team={team.pk}").context["tables"]:
        for figure, value, url in count_cells(shown):
            assert (listed(client, url) if url else 0) == value, figure


def test_euros_of_a_report_lead_to_the_offers_and_orders_that_they_sum(world, manager):
    client = client_of(manager)
    [shown] = client.get(f"/offers/reports/people/?{PERIOD}").context["tables"]
    for row, cells in zip(shown["table"].rows, shown["rows"], strict=True):
        for column, value, cell in zip(shown["table"].columns, row, cells, strict=True):
            if column.name in ("won_net", "ordered_net") and value:
                page = client.get(cell.url).context["table"]
                assert len(page.rows) > 0
                assert f"owner={world[0].pk}" in cell.url or f"owner={world[1].pk}" in cell.url


def of_group(group):
    return line(kind=LineKind.PRODUCT, product_id=ProductFactory(group=group).pk)


def test_product_groups_and_segments_lead_to_their_orders(manager):
    group, key = product_group(), segment("A")
    customer = CustomerFactory()
    OrderFactory(customer=customer, date=dt.date(2026, 3, 1), lines=[of_group(group)])
    OrderFactory(date=dt.date(2026, 3, 1), lines=[of_group(product_group("Other"))])
    client = client_of(manager)
    [shown] = client.get(f"/offers/reports/segments/?{PERIOD}").context["tables"]
    urls = {cells[0].text: cells[-1].url for cells in shown["rows"]}
    assert listed(client, urls[str(group)]) == 1
    assert str(key.pk) in shown["table"].links[0]["segment_A"]


@pytest.fixture
def seller():
    return UserFactory(role="account_manager")


def test_every_actual_of_a_target_leads_to_the_rows_that_it_counts(seller):
    customer, period = CustomerFactory(), Period(2026)
    for number in range(3):
        order(day=f"2026-02-0{number + 1}", customer=customer, owner=seller)
    order(owner=seller)
    order(day="2025-02-01", owner=seller)
    meeting = {"type": activity_type("visit"), "channel": ActivityChannel.MEETING, "participants": [seller]}
    at = timezone.make_aware(dt.datetime(2026, 3, 3, 12))
    for _number in range(2):
        ActivityFactory(start=at, **meeting)
    ActivityFactory(start=at, **{**meeting, "channel": ActivityChannel.PHONE})
    ActivityFactory(start=at, status=ActivityStatus.OPEN, **meeting)
    client = client_of(seller)
    [one] = progress_of([seller], period)
    found = {row.kind: (row.actual, listed(client, row.url)) for row in with_links(one, period, seller).rows}
    assert found[TargetKind.EUROS][1] == 4
    assert [found[kind] for kind in (TargetKind.NEW_CUSTOMERS, TargetKind.REPEAT_PURCHASES, TargetKind.MEETINGS)] == [
        (2, 2), (2, 2), (2, 2),
    ]  # fmt: skip


def test_a_teams_actuals_lead_to_the_rows_of_its_members_each_meeting_once(seller):
    colleague, period = UserFactory(role="account_manager"), Period(2026)
    team = TeamFactory(members=[seller, colleague])
    at = timezone.make_aware(dt.datetime(2026, 3, 3, 12))
    ActivityFactory(
        type=activity_type("visit"), channel=ActivityChannel.VIDEO, start=at, participants=[seller, colleague]
    )
    order(owner=seller)
    order(owner=UserFactory())
    rows = {row.kind: row for row in linked(team_progress(team, period), period, team, seller)}
    client = client_of(seller)
    assert [listed(client, rows[kind].url) for kind in (TargetKind.EUROS, TargetKind.MEETINGS)] == [1, 1]


def test_the_target_page_links_every_actual(seller):
    targets_set(owner=seller, year=2026, amounts={(TargetKind.MEETINGS, 0): Decimal(10)})
    ActivityFactory(
        type=activity_type("visit"), channel=ActivityChannel.MEETING, participants=[seller],
        start=timezone.make_aware(dt.datetime(2026, 3, 3, 12)),
    )  # fmt: skip
    text = client_of(seller).get("/targets/?year=2026&quarter=0").text
    assert "meeting=true" in text


def test_the_bars_of_a_chart_lead_to_the_rows_of_the_table(world, manager):
    [shown, *_others] = client_of(manager).get(f"/offers/reports/reasons/?{PERIOD}").context["tables"]
    chart = json.loads(shown["chart"].json)
    [series] = chart["series"]
    assert len(series["urls"]) == len(chart["categories"]) == 1
    assert "lost_reason=" in series["urls"][0]


@pytest.mark.parametrize("name", ["open", "types", "people", "hit-rate", "decision-time", "recurring", "reasons"])
def test_every_bar_of_what_is_counted_leads_somewhere(world, manager, name):
    address = f"/offers/reports/{name}/" + ("" if name == "open" else f"?{PERIOD}")
    for shown in client_of(manager).get(address).context["tables"]:
        series = [one for one in shown["chart"].series if one.urls] if shown["chart"] else []
        assert series or not shown["chart"]
        for one in series:
            counted = [url for url, value in zip(one.urls, one.values, strict=True) if value]
            assert all(counted) or one.unit == "percent", one.name


def test_a_chart_compares_with_the_same_days_a_year_before(manager):
    kind = OfferTypeFactory(name_en="Training")
    decided("order", "300", type=kind)
    decided("order", "700", type=kind, day="2025-06-01")
    client = client_of(manager)
    page = client.get(f"/offers/reports/types/?{PERIOD}")
    assert "data-former=" in page.text
    series = client.get(f"/offers/reports/types/?{PERIOD}&former=types&chart=1").json()["series"]
    won = series[0]
    assert (won["name"], won["values"], won["former"]) == ("Won, a year before", [700.0], True)
    assert client.get(f"/offers/reports/types/?{PERIOD}&former=types&chart=x").status_code == 400


def test_months_are_compared_in_their_order_and_names_by_name():
    def chart(categories, values, *, of_time):
        return Chart("", categories, [Series("Won", values, column="won")], is_of_time=of_time)

    months = former_series(
        chart(["1/2026", "2/2026"], [1, 2], of_time=True), chart(["1/2025", "2/2025"], [3, 4], of_time=True)
    )
    names = former_series(chart(["A", "B"], [1, 2], of_time=False), chart(["B", "C"], [3, 4], of_time=False))
    assert [months[0].values, names[0].values] == [[3, 4], [None, 3]]


def test_the_chart_of_people_marks_where_one_should_be_today(seller, manager):
    targets_set(owner=seller, year=2026, amounts={(TargetKind.EUROS, 0): Decimal(3650)})
    order("100", owner=seller)
    with clock.frozen(timezone.make_aware(dt.datetime(2026, 4, 10, 12))):
        [shown] = client_of(manager).get(f"/offers/reports/people/?{PERIOD}").context["tables"]
    marks = [one for one in shown["chart"].series if one.mark]
    assert [(one.name, one.values) for one in marks] == [("Expected by today", [1000.0])]
    with clock.frozen(timezone.make_aware(dt.datetime(2027, 4, 10, 12))):
        [shown] = client_of(manager).get(f"/offers/reports/people/?{PERIOD}").context["tables"]
    assert not any(one.mark for one in shown["chart"].series)
