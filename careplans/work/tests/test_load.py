"""What plans ask for in coming months is no load: counts of people, and the lists that they lead to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Team, TeamMembership
from activities.calendar.selectors.team import team_week
from activities.log.models import Activity
from activities.log.tests.factories import ActivityFactory
from careplans.plans.tests.world import at, day, log
from careplans.work.tests.world import may, owned, run, work_of
from core.formatting import local

__all__ = ["may"]
pytestmark = pytest.mark.usefixtures("may")
MONDAY = day("2026-05-11")


@pytest.fixture
def planned(owner: Any) -> Activity:
    """Work of a plan that has been done for May: a whole day of the next months."""
    customer = owned(owner)
    log(customer, "2026-05-04", user=owner)
    run(customer)
    activity = work_of(customer).activity
    assert activity
    assert activity.start > at("2026-05-22", "23:59")
    return activity


@pytest.fixture
def team(owner: Any, director: Any) -> Team:
    team = Team.objects.create(name="Sales", leader=director)
    TeamMembership.objects.create(team=team, user=owner)
    return team


def rows(client: Any, url: str) -> list[Any]:
    return [row.object for row in client.get(url).context["table"].rows]


def test_the_team_week_counts_it_in_the_week_when_it_is_due_as_its_list_does(client, planned, owner, team, director):
    now = ActivityFactory(participants=[owner], status="open", start=at("2026-05-12", "10:00"))
    client.force_login(director)
    due = local(planned.end).date()
    expected = {MONDAY: [now], due - dt.timedelta(days=due.weekday()): [now, planned]}
    for monday, found in expected.items():
        [member], _cut = team_week(director, team, monday)
        assert member.unfinished == len(found)
        page = client.get(f"/team-week/?team={team.pk}&week={monday}").content.decode()
        url = f"/activities/?participant={owner.pk}&open_by={monday + dt.timedelta(days=6)}"
        assert url.replace("&", "&amp;") in page
        assert rows(client, url) == found


def test_the_load_of_the_team_on_the_start_page_is_the_number_of_rows(client, planned, owner, team, director):
    now = ActivityFactory(participants=[owner], status="open", start=at("2026-05-18", "10:00"))
    client.force_login(director)
    [row] = client.get("/start/team/").context["grid"].rows
    assert row[1].text == 1
    assert rows(client, row[1].url) == [now]


def test_activities_are_told_by_whether_a_plan_asked_for_them(client, planned, owner):
    other = ActivityFactory()
    client.force_login(owner)
    assert rows(client, "/activities/?from_plans=true") == [planned]
    assert planned not in rows(client, "/activities/?from_plans=false")
    assert other in rows(client, "/activities/?from_plans=false")


def test_the_filter_costs_one_query_whatever_it_finds(client, planned, owner):
    client.force_login(owner)
    with CaptureQueriesContext(connection) as asked:
        client.get("/activities/?from_plans=true")
    assert sum("carework_carework" in query["sql"] for query in asked.captured_queries) == 1
