"""The export of hours, the team's week, and the endpoints."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from accounts.tests.factories import TeamFactory, UserFactory
from activities.calendar.models import WorkTarget
from activities.calendar.selectors.team import person_week, team_week, totals_of
from activities.calendar.tests.hours_pages import MONDAY, WEEK, client_of, local, own_work, work
from activities.log.enums import ActivityStatus
from activities.log.tests.factories import activity_type
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", last_name="Virtanen")


@pytest.fixture
def page(owner):
    return client_of(owner)


# Export


def export(client, **query):
    asked = {"first": "2026-03-01", "last": "2026-03-31", "kind": "csv"} | query
    response = client.get(reverse("calendar:hours_export", query=asked))
    return response, b"".join(response.streaming_content).decode("utf-8-sig") if response.streaming else ""


def test_hours_go_out_by_person_week_type_and_customer(page, owner):
    work(owner, hours=2, customer=CustomerFactory(name="=cmd()"))
    own_work(owner, hours=1)
    lines = export(page)[1].splitlines()
    assert len(lines) == 3
    assert sorted(line.split(";")[3:6] for line in lines[1:]) == [
        ["Call", "'=cmd()", "2.00"],
        ["Customer work", "", "1.00"],
    ]


def test_hours_go_out_as_excel(page, owner):
    work(owner, hours=2)
    asked = {"first": "2026-03-01", "last": "2026-03-31", "kind": "xlsx"}
    response = page.get(reverse("calendar:hours_export", query=asked))
    rows = list(load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.values)
    assert rows[1][5] == 2


def test_everybodys_are_those_that_one_may_see(page, owner):
    work(owner, hours=2)
    work(UserFactory(last_name="Salonen"), hours=2)
    assert "Salonen" not in export(page)[1]
    assert "Salonen" in export(client_of(UserFactory(role="management")))[1]


def test_anothers_hours_are_refused_as_not_existing(page):
    response, _text = export(page, user=UserFactory().pk)
    assert response.status_code == 422


@pytest.mark.parametrize(
    "query", [{"first": "2026-04-01"}, {"last": "2030-01-01"}, {"first": "x"}, {"kind": "pdf"}, {"first": "0001-01-01"}]
)
def test_a_period_that_cannot_be_is_refused(page, query):
    assert export(page, **query)[0].status_code == 422


def test_the_export_does_not_name_passive_customers(page, owner):
    work(owner, hours=2, customer=CustomerFactory(name="Piilosana Oy", passive=True))
    assert "Piilosana" not in export(page)[1]


# The team's week


def team_url(team):
    return reverse("calendar:team_week", query=WEEK | {"team": team.pk})


def test_the_team_week_sums_each_ones_days_open_work_and_hours(owner):
    team = TeamFactory(members=[owner])
    work(owner, title="Offer call", hours=2)
    work(owner, title="Planned", status="open")
    work(owner, title="Late thing", start=timezone.now() - dt.timedelta(days=30), end=None, status="open")
    WorkTarget.objects.create(user=owner, hours=1)
    [member], _cut = team_week(UserFactory(role="management"), team, MONDAY)
    tuesday = member.days[1]
    assert (tuesday.count, tuesday.open, tuesday.hours) == (2, 1, 2)
    assert (member.unfinished, member.overdue, member.stale) == (2, 2, 2)
    assert (member.hours, member.target, member.is_over) == (2, 1, True)


def test_colleagues_see_the_week_but_no_hours(owner):
    team = TeamFactory(members=[owner])
    work(owner, title="Offer call", hours=2)
    [member], _cut = team_week(UserFactory(role="account_manager"), team, MONDAY)
    assert (member.hours, member.days[1].hours, member.days[1].count) == (None, None, 1)


def test_the_days_of_the_team_are_summed_over_its_people(owner):
    colleague = UserFactory()
    work(owner, hours=2)
    work(colleague, hours=3)
    members, _cut = team_week(UserFactory(role="management"), TeamFactory(members=[owner, colleague]), MONDAY)
    assert (totals_of(members, MONDAY)[1].count, totals_of(members, MONDAY)[1].hours) == (2, 5)


def test_what_began_before_the_week_and_lasts_is_counted_on_its_first_day(owner):
    work(owner, start=local(2026, 3, 1, 9), end=local(2026, 3, 4, 9))
    [member], _cut = team_week(UserFactory(role="management"), TeamFactory(members=[owner]), MONDAY)
    assert [day.count for day in member.days] == [1, 0, 0, 0, 0, 0, 0]


def test_a_name_unfolds_to_the_week_with_moments_as_one_line(page, owner):
    for number in range(3):
        start = local(2026, 3, 3, 9, number)
        work(owner, title=f"Letter {number}", type=activity_type("email"), start=start, end=None)
    work(owner, title="A long meeting")
    work(owner, title="Late thing", start=timezone.now() - dt.timedelta(days=30), end=None, status="open")
    url = reverse("calendar:person_week", args=[owner.pk], query=WEEK)
    text = page.get(url, headers={"HX-Request": "true"}).text
    assert "3 e-mails" in text
    assert "Letter 1" not in text
    assert "A long meeting" in text
    assert "Late thing" in text
    assert "<html" not in text
    assert "<html" in page.get(url).text  # without JavaScript the name opens a page


def test_a_full_day_shows_its_first_entries_and_the_number_of_the_others(owner):
    for number in range(9):
        work(owner, title=f"Meeting {number}", start=local(2026, 3, 3, 8 + number), end=local(2026, 3, 3, 9 + number))
    day = person_week(owner, owner, MONDAY).days[1]
    assert (len(day.events), day.more) == (6, 3)


def test_ones_own_team_is_the_first(page, owner):
    TeamFactory(name="A team")
    own = TeamFactory(name="B team", members=[owner])
    assert page.get(reverse("calendar:team_week")).context["team"] == own


@pytest.mark.parametrize("team", ["999999", "x", "9" * 40])
def test_a_team_that_is_not_there_is_refused(page, team):
    assert page.get(reverse("calendar:team_week"), {"team": team}).status_code == 400


@pytest.mark.parametrize("rows", [1, 3])
def test_the_team_week_costs_the_same_for_one_person_and_three(page, rows, django_assert_num_queries):
    members = [UserFactory() for _ in range(rows)]
    for member in members:
        work(member, participants=members)
        work(member, status=ActivityStatus.OPEN)
    url = team_url(TeamFactory(members=members))
    page.get(url)
    with django_assert_num_queries(COST_OF_TEAM):
        page.get(url)


COST_OF_TEAM = 15  # the tree of teams is one


# The hours of people


def test_the_hours_of_people_are_summed_by_day_and_compared_with_the_target(owner):
    work(owner, hours=2)
    WorkTarget.objects.create(user=owner, hours=1)
    client = client_of(UserFactory(role="management"))
    response = client.get(reverse("calendar:hours_people", query=WEEK))
    [row] = [row for row in response.context["rows"] if row.person == owner]
    assert (row.days[1], row.total, row.over) == (2, 2, 1)
    assert "1 h over the target" in response.text
    text = client.get(reverse("calendar:hours_person", args=[owner.pk], query=WEEK)).text
    assert "<input class" not in text  # they are read, not entered


def test_one_sees_the_hours_of_those_that_one_leads_and_of_oneself(page, owner):
    colleague = UserFactory()
    TeamFactory(members=[colleague])
    rows = page.get(reverse("calendar:hours_people", query=WEEK)).context["rows"]
    assert [row.person for row in rows] == [owner]
    assert page.get(reverse("calendar:hours_person", args=[colleague.pk])).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_the_hours_of_people_cost_the_same_for_one_and_three(rows, django_assert_num_queries):
    members = [UserFactory() for _ in range(rows)]
    for member in members:
        work(member)
    page = client_of(UserFactory(role="management"))
    url = reverse("calendar:hours_people", query=WEEK | {"team": TeamFactory(members=members).pk})
    page.get(url)
    with django_assert_num_queries(COST_OF_PEOPLE):
        page.get(url)


COST_OF_PEOPLE = 12  # the tree of teams is one


def test_hours_over_the_target_are_a_warning_and_no_success(page, owner):
    work(owner, hours=9)
    WorkTarget.objects.create(user=owner, hours=7)
    text = page.get(reverse("calendar:hours", query=WEEK)).text
    assert "2 h over the target" in text
    assert 'class="bar warn"' in text
    assert "The target has been reached." not in text


def test_rows_of_one_type_are_under_their_sums(page, owner):
    work(owner, hours=2)
    work(owner, hours=3)
    [group] = [
        group for group in page.get(reverse("calendar:hours", query=WEEK)).context["week"].groups if group.rows[1:]
    ]
    assert (len(group.rows), group.sums[1], group.total, group.is_folded) == (2, 5, 5, True)


# Endpoints


def api_of(user):
    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(user)
    return client


def test_the_calendar_is_read_by_programs(owner):
    activity = work(owner)
    found = api_of(owner).get("/api/v1/calendar/", {"start": "2026-03-02", "end": "2026-03-09"}).json()
    assert [(row["id"], row["may_move"]) for row in found["results"]] == [(str(activity.pk), True)]


def test_a_window_of_the_endpoint_that_cannot_be_is_refused(owner):
    response = api_of(owner).get("/api/v1/calendar/", {"start": "2026-03-02", "end": "2027-03-09"})
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, ["end"])


def test_hours_are_read_by_programs(owner):
    work(owner, hours=2)
    found = api_of(owner).get("/api/v1/hours/", {"week": "2026-03-05"}).json()
    assert (found["total"], found["week"], len(found["weeks"])) == ("2.00", "2026-03-02", 12)


def test_hours_of_others_are_not_for_the_programs_of_colleagues(owner):
    other = api_of(UserFactory(role="account_manager"))
    assert other.get("/api/v1/hours/", {"user": owner.pk}).status_code == 403
    assert other.get("/api/v1/hours/", {"user": 999_999}).status_code == 400


def test_an_activity_is_moved_by_programs(owner):
    activity = work(owner)
    url = f"/api/v1/activities/{activity.pk}/move/"
    assert api_of(owner).post(url, {"start": "2026-03-04T13:00:00+02:00"}).status_code == 200
    activity.refresh_from_db()
    assert (activity.start, activity.end) == (local(2026, 3, 4, 13), None)


def test_programs_meet_the_same_rules_when_moving(owner):
    activity = work(owner)
    url = f"/api/v1/activities/{activity.pk}/move/"
    wrong_order = {"start": "2026-03-04T13:00", "end": "2026-03-04T12:00"}
    assert api_of(owner).post(url, wrong_order).json()["error"]["code"] == "end_before_start"
    stale = {"start": "2026-03-04T13:00", "version": activity.version + 1}
    assert api_of(owner).post(url, stale).json()["error"]["code"] == "stale_version"
    assert api_of(UserFactory(role="account_manager")).post(url, {"start": "2026-03-04T13:00"}).status_code == 403
    activity.refresh_from_db()
    assert activity.start == local(2026, 3, 3, 9)


@pytest.mark.parametrize("name", ["team_week", "hours_people"])
def test_a_page_that_leaves_people_out_says_how_many_and_how_to_narrow(name, client, monkeypatch):
    for module in ("team", "hours_people"):
        monkeypatch.setattr(f"activities.calendar.selectors.{module}.MAX_PEOPLE", 2)
    team = TeamFactory(members=UserFactory.create_batch(3))
    client.force_login(UserFactory(role="management", language="en"))
    text = client.get(reverse(f"calendar:{name}"), {"team": team.pk}).content.decode()
    assert "The first 2 of 3 people by name are shown. Choose a smaller team to see the others." in text
