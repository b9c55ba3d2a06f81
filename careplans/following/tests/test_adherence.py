"""The figures of the adherence page by hand, where each leads, and who sees figures by person."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import Team, TeamMembership
from careplans.adherence.figures import Figures
from careplans.following.adherence import Query, days_of, figures_by, former_days, paces_by, reach_in
from careplans.following.enums import GroupBy, Period
from careplans.following.labels import links_of, reach_links
from careplans.following.reports import paces_table
from careplans.following.tests.world import owned, primary_model, refresh
from careplans.plans.tests.world import action, day, log, under, version_of
from core import clock
from segmentation.portfolio.selectors.goals import actuals_of
from segmentation.schemes.models import SegmentGoal

pytestmark = pytest.mark.usefixtures("may")


@pytest.fixture
def version(may):
    version = version_of(primary_model())
    action(version)
    return version


@pytest.fixture
def world(version, owner, colleague) -> dict[str, Any]:
    """The owner's customer: January and March in time, February and April missed, May done already; the colleague's:
    nothing done."""
    mine, other = owned(under(version), owner), owned(under(version), colleague)
    for on in ("2026-01-10", "2026-03-20", "2026-05-03"):
        log(mine, on, user=owner)
    refresh(mine, other)
    return {"mine": mine, "other": other, "version": version}


def query(reader: Any, by: str = GroupBy.SEGMENT, **about: Any) -> Query:
    return Query(reader, day("2026-01-01"), day("2026-06-30"), by=by, **about)


# Figures


def test_figures_by_owner_add_up_to_the_total(world, keeper, owner, colleague):
    found = figures_by(query(keeper, GroupBy.OWNER))
    assert found == {
        f"user:{owner.pk}": Figures(done=2, missed=2, coming=2, already_done=1),
        f"user:{colleague.pk}": Figures(missed=4, coming=2),
    }


@pytest.mark.parametrize("by", [one for one in GroupBy if one != GroupBy.OWNER])
def test_rows_of_every_kind_add_up_to_the_same(by, world, keeper):
    total = sum(figures_by(query(keeper, by)).values(), Figures())
    assert (total.planned, total.due, total.done, total.adherence) == (12, 8, 2, 25)


def test_figures_of_one_customer_are_of_its_occurrences(world, keeper):
    [found] = figures_by(query(keeper, chosen={"customer": world["mine"]})).values()
    assert (found.due, found.done, found.adherence) == (4, 2, 50)


def test_recommended_actions_are_apart(world, keeper, version):
    action(version, "talk", is_mandatory=False)
    refresh(world["mine"])
    assert sum(figures_by(query(keeper)).values(), Figures()).planned == 12
    assert sum(figures_by(query(keeper, part="recommended")).values(), Figures()).planned == 6


def test_pace_counts_customers(world, keeper, owner):
    """The owner's customer is behind by February; from May on it is ahead, and the other on schedule."""
    assert paces_by(query(keeper))[1] == {"behind": 2, "on_schedule": 0, "ahead": 0}
    late = Query(keeper, day("2026-05-01"), day("2026-06-30"), by=GroupBy.OWNER)
    assert paces_by(late)[0][f"user:{owner.pk}"] == {"behind": 0, "on_schedule": 0, "ahead": 1}


def test_reach_is_the_share_of_customers_with_a_contact_in_the_period(world, keeper):
    found = reach_in(Query(keeper, day("2026-03-01"), day("2026-03-31")), clock.today())
    assert (found.reached, found.customers, found.percent) == (1, 2, 50)
    empty = reach_in(Query(keeper, day("2026-04-01"), day("2026-04-30")), clock.today())
    assert (empty.reached, empty.customers) == (0, 2)


def test_a_statement_for_each_kind_of_rows(world, keeper, django_assert_num_queries):
    with django_assert_num_queries(1):
        figures_by(query(keeper))


def test_the_goal_of_a_segment_is_compared_with_its_adherence(world, keeper):
    """Of 2026 two of eight were done in time; without anything due no year has a value."""
    segment = world["version"].model.segment
    SegmentGoal.objects.create(segment=segment, year=2026, kind="adherence", target=50)
    [actual] = [one for one in actuals_of(segment, keeper, with_value=False) if one.kind == "adherence"]
    assert (actual.year, actual.value, actual.percent) == (2026, 25, 50)
    browser = Client()
    browser.force_login(keeper)
    assert len(browser.get(actual.url).context["table"].rows) == 8


# Periods


@pytest.mark.parametrize(
    ("period", "first", "last", "before"),
    [
        (Period.WEEK, "2026-05-11", "2026-05-17", "2026-05-04"),
        (Period.MONTH, "2026-05-01", "2026-05-31", "2026-04-01"),
        (Period.QUARTER, "2026-04-01", "2026-06-30", "2026-01-01"),
        (Period.YEAR, "2026-01-01", "2026-12-31", "2025-01-01"),
        (Period.MONTHS_12, "2025-05-16", "2026-05-15", "2024-05-16"),
    ],
)
def test_periods_and_the_ones_before(period, first, last, before):
    days = days_of(period, day("2026-05-15"))
    assert days == (day(first), day(last))
    assert former_days(period, days)[0] == day(before)
    assert (days[0] - former_days(period, days)[1]).days == 1


# Who sees whose figures


def test_others_see_their_own_row_and_the_rest_together(world, owner):
    found = figures_by(query(owner, GroupBy.OWNER))
    assert set(found) == {f"user:{owner.pk}", "others"}
    assert found["others"].missed == 4


def test_a_leader_sees_the_people_of_the_team(world, owner, colleague):
    team = Team.objects.create(name="Team", leader=owner)
    TeamMembership.objects.create(team=team, user=colleague)
    assert set(figures_by(query(owner, GroupBy.OWNER))) == {f"user:{owner.pk}", f"user:{colleague.pk}"}


def test_figures_of_someone_else_are_refused_as_a_filter(world, client, owner, colleague):
    client.force_login(owner)
    assert client.get(f"/care/adherence/?owner={colleague.pk}").status_code == 400
    assert client.get(f"/care/adherence/?owner={owner.pk}").status_code == 200
    assert client.get(f"/care/occurrences/?owner={colleague.pk}").status_code == 400


# Pages


@pytest.mark.parametrize("by", list(GroupBy))
def test_every_figure_leads_to_exactly_its_occurrences(by, world, client, keeper):
    client.force_login(keeper)
    asked = query(keeper, by)
    for key, figures in figures_by(asked).items():
        for name, url in links_of(asked, key).items():
            rows = client.get(url).context["view"].get_filterset().qs
            assert rows.count() == getattr(figures, name), (key, name)


@pytest.mark.parametrize("by", list(GroupBy))
@pytest.mark.parametrize("first", ["2026-01-01", "2026-05-01"])
def test_every_pace_leads_to_exactly_its_customers(by, first, world, client, keeper):
    client.force_login(keeper)
    table = paces_table(Query(keeper, day(first), day("2026-06-30"), by=by))
    for values, links in zip([*table.rows, table.total], [*table.links, table.total_links], strict=True):
        for column, number in zip(table.columns[1:], values[1:], strict=True):
            assert client.get(links[column.name]).context["view"].get_filterset().qs.count() == number


def test_pace_of_those_whose_figures_are_not_seen_leads_nowhere(world, owner):
    table = paces_table(query(owner, GroupBy.OWNER))
    assert [bool(links) for links in table.links] == [True, False]


def test_a_period_that_has_not_begun_has_no_reach(world, keeper):
    begins = clock.today() + dt.timedelta(days=1)
    assert reach_in(Query(keeper, begins, begins), clock.today()) is None
    assert reach_in(Query(keeper, clock.today(), begins), clock.today()) is not None


@pytest.mark.parametrize("chosen", ["customer", "segment", ""])
@pytest.mark.parametrize("month", [3, 4])
def test_reach_leads_to_exactly_its_customers(chosen, month, world, client, keeper):
    client.force_login(keeper)
    about = {"customer": world["mine"], "segment": world["version"].model.segment}
    of = {chosen: about[chosen]} if chosen else {}
    asked = Query(keeper, dt.date(2026, month, 1), dt.date(2026, month, 30), chosen=of)
    found, links = reach_in(asked, clock.today()), reach_links(asked)
    rows = {name: client.get(url).context["view"].get_filterset().qs.count() for name, url in links.items()}
    left = found.customers - found.reached
    assert rows == {"asked": found.customers, "reached": found.reached, "not_reached": left}


def test_the_customers_that_figures_count_have_their_strips(world, client, owner, django_assert_max_num_queries):
    client.force_login(owner)
    client.get("/care/adherence/customers/")
    with django_assert_max_num_queries(14):
        page = client.get("/care/adherence/customers/?pace=behind").content.decode()
    assert page.count('class="cadence"') == 2


def test_the_page_shows_figures_and_their_definitions(world, client, reader):
    client.force_login(reader)
    page = client.get("/care/adherence/", {"by": "segment", "period": "year"}).content.decode()
    assert "25 %" in page
    assert "Done in time ÷ expected by now" in page


@pytest.mark.parametrize("query", ["first=2026-05-01&last=2026-04-01", "by=nothing", "first=1890-01-01", "x=1"])
def test_what_the_page_cannot_read_is_refused(query, client, reader):
    client.force_login(reader)
    assert client.get(f"/care/adherence/?{query}").status_code == 400


def test_what_the_address_leaves_out_is_shown_as_it_is_asked(client, reader):
    client.force_login(reader)
    form = client.get("/care/adherence/?by=team").context["form"]
    assert (form["by"].value(), form["period"].value(), form["part"].value()) == ("team", "year", "mandatory")
    days = client.get("/care/adherence/?by=team&first=2026-02-01").context["form"]
    assert days["period"].value() == "own"


@pytest.mark.parametrize(("kind", "start"), [("xlsx", b"PK"), ("pdf", b"%PDF"), ("csv", b"")])
def test_the_figures_are_files(kind, start, world, client, reader):
    client.force_login(reader)
    answer = client.get("/care/adherence/", {"export": kind, "table": "adherence"})
    content = answer.getvalue() if answer.streaming else answer.content
    assert answer.status_code == 200
    assert content.startswith(start)


def test_the_paces_come_by_their_own_request(world, client, reader):
    client.force_login(reader)
    assert "Pace by customers" in client.get("/care/adherence/", {"late": "paces"}).content.decode()


def test_the_list_leads_to_the_activity_that_completed_an_occurrence(world, client, owner):
    client.force_login(owner)
    page = client.get("/care/occurrences/", {"customer": world["mine"].pk, "state": "done"}).content.decode()
    assert page.count('href="/activities/') >= 2


def test_the_list_costs_the_same_for_any_number_of_rows(world, client, owner, django_assert_max_num_queries):
    client.force_login(owner)
    client.get("/care/occurrences/")
    with django_assert_max_num_queries(14):
        client.get("/care/occurrences/")


def test_the_api_has_the_same_figures(world, client, keeper):
    client.force_login(keeper)
    found = client.get("/api/v1/adherence/", {"first": "2026-01-01", "last": "2026-06-30", "by": "owner"}).json()
    assert (found["total"]["due"], found["total"]["adherence"]) == (8, 25)
    assert sorted(row["missed"] for row in found["rows"]) == [2, 4]


def test_the_page_asks_for_its_reach_by_a_request_of_its_own(world, client, keeper):
    client.force_login(keeper)
    asked = {"period": "own", "first": "2026-03-01", "last": "2026-03-31"}
    address = client.get("/care/adherence/", asked).context["reach_url"]
    part = client.get(f"/care/adherence/{address}").content.decode()
    assert re.sub(r"<.*?>", "", part).split() == ["Reach:", "50", "%", "(1", "/", "2)"]


def test_the_page_to_print_has_the_reach(world, client, keeper, monkeypatch):
    client.force_login(keeper)
    printed: dict[str, Any] = {}

    def printing(template: str, name: str, context: dict[str, Any]) -> HttpResponse:
        printed.update(context)
        return HttpResponse()

    monkeypatch.setattr("careplans.following.views.adherence.pdf_response", printing)
    client.get("/care/adherence/", {"period": "own", "first": "2026-03-01", "last": "2026-03-31", "export": "pdf"})
    assert printed["reach"].percent == 50


def test_a_page_about_a_persons_work_has_no_reach(world, client, keeper, owner):
    client.force_login(keeper)
    assert not client.get("/care/adherence/", {"owner": owner.pk}).context["has_reach"]


def test_the_page_about_one_customer_shows_its_reach(world, client, keeper):
    client.force_login(keeper)
    assert client.get("/care/adherence/", {"customer": world["mine"].pk}).context["has_reach"]
