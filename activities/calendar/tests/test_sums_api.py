"""The endpoints of sums by person and day: the week of a team, hours of several people."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import TeamFactory, UserFactory
from activities.calendar.models import WorkTarget
from activities.calendar.tests.hours_pages import work
from activities.log.enums import ActivityStatus

pytestmark = pytest.mark.django_db
WEEK = {"week": "2026-03-05"}
TEAM, PEOPLE = "/api/v1/team-week/", "/api/v1/hours/people/"


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", last_name="Aalto")


@pytest.fixture
def colleague():
    return UserFactory(role="account_manager", last_name="Berg")


@pytest.fixture
def team(owner, colleague):
    return TeamFactory(members=[owner, colleague])


def api_of(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_the_week_of_a_team_has_entries_open_ones_and_hours_by_person_and_day(owner, colleague, team):
    work(owner, hours=2)
    work(owner, hours=1, status=ActivityStatus.OPEN)
    WorkTarget.objects.create(user=owner, hours=37)
    found = api_of(owner).get(TEAM, {**WEEK, "team": team.pk}).json()
    first, second = found["people"]
    assert (found["team"], found["week"], found["is_cut"]) == (team.pk, "2026-03-02", False)
    assert (first["user"], first["entries"], first["open_activities"], first["target"]) == (owner.pk, 2, 1, "37.00")
    assert second["user"] == colleague.pk
    assert [(day["entries"], day["open"]) for day in found["totals"] if day["entries"]] == [(2, 1)]


def test_hours_of_colleagues_are_left_out_of_the_week_of_a_team(owner, colleague, team):
    work(colleague, hours=2)
    own, other = api_of(owner).get(TEAM, {**WEEK, "team": team.pk}).json()["people"]
    assert (own["hours"], other["hours"]) == ("0.00", None)
    assert {day["hours"] for day in other["days"]} == {None}


def test_the_hours_of_people_are_those_that_the_reader_may_see(owner, colleague, team):
    work(colleague, hours=2)
    work(owner, hours=1)
    alone = api_of(owner).get(PEOPLE, WEEK).json()
    assert [(row["user"], row["total"]) for row in alone["people"]] == [(owner.pk, "1.00")]
    team.leader = owner
    team.save()
    led = api_of(owner).get(PEOPLE, WEEK).json()
    assert [(row["user"], row["total"]) for row in led["people"]] == [(owner.pk, "1.00"), (colleague.pk, "2.00")]
    assert (led["total"], led["team"]) == ("3.00", None)
    assert [day["hours"] for day in led["days"] if day["day"] == "2026-03-03"] == ["3.00"]


@pytest.mark.parametrize("url", [TEAM, PEOPLE])
def test_people_narrow_the_sums_and_their_totals(owner, colleague, team, url):
    team.leader = owner
    team.save()
    work(owner, hours=1)
    work(colleague, hours=2)
    found = api_of(owner).get(url, {**WEEK, "team": team.pk, "user": [colleague.pk]}).json()
    days = found["totals"] if url == TEAM else found["days"]
    assert [row["user"] for row in found["people"]] == [colleague.pk]
    assert [day["hours"] for day in days if day["hours"] != "0.00"] == ["2.00"]


@pytest.mark.parametrize("url", [TEAM, PEOPLE])
@pytest.mark.parametrize(
    "query", [{"team": "999999"}, {"team": "x"}, {"user": "x"}, {"user": "999999"}, {"week": "x"}, {"other": "1"}]
)
def test_what_cannot_be_read_is_refused(owner, team, url, query):
    answer = api_of(owner).get(url, query)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, list(query))


@pytest.mark.parametrize("url", [TEAM, PEOPLE])
def test_sums_are_for_users_only(url):
    assert APIClient().get(url).status_code == 401


@pytest.mark.parametrize(("url", "most"), [(TEAM, 10), (PEOPLE, 8)])
def test_sums_cost_the_same_whatever_the_size_of_the_team(owner, team, url, most, django_assert_max_num_queries):
    team.leader = owner
    team.save()
    team.members.add(*(UserFactory() for _number in range(5)))
    with django_assert_max_num_queries(most):
        assert len(api_of(owner).get(url, {**WEEK, "team": team.pk}).json()["people"]) == 7


def test_a_team_with_more_people_than_the_limit_says_so(owner, team, monkeypatch):
    monkeypatch.setattr("activities.calendar.selectors.team.MAX_PEOPLE", 1)
    found = api_of(owner).get(TEAM, {**WEEK, "team": team.pk}).json()
    assert (found["is_cut"], len(found["people"])) == (True, 1)
