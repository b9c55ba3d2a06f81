"""Hours by week: counting, visibility, entering, copying a week, exports, targets; the team week."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from accounts.tests.factories import TeamFactory, UserFactory
from activities.calendar.models import WorkTarget
from activities.calendar.selectors.hours import last_weeks, week_hours
from activities.calendar.selectors.team import team_week
from activities.calendar.services.hours import undo_token, week_copy, week_copy_undo
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivitySeries
from activities.log.tests.factories import ActivityFactory, activity_type
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 3, 2)
WEEK = {"week": "2026-03-02"}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", last_name="Virtanen")


@pytest.fixture
def page(owner):
    return client_of(owner)


def local(*parts):
    return timezone.make_aware(dt.datetime(*parts))


def work(owner, **fields):
    defaults = {"created_by": owner, "start": local(2026, 3, 3, 9), "end": local(2026, 3, 3, 10, 30)}
    return ActivityFactory(**(defaults | fields))


def own_work(owner, **fields):
    return work(owner, **({"type": activity_type("customer_work"), "customer": None} | fields))


def hours_url(**query):
    return reverse("calendar:hours", query=WEEK | query)


def cell(kind, customer=None, day="20260303"):
    return f"h-{kind.pk}-{customer.pk if customer else 0}-{day}"


# What counts


def test_hours_that_are_written_count(owner):
    work(owner, hours=Decimal("2.25"))
    assert week_hours(owner, MONDAY).total == Decimal("2.25")


def test_a_done_activity_without_hours_counts_by_its_length(owner):
    work(owner)
    assert week_hours(owner, MONDAY).total == Decimal("1.5")


def test_an_open_activity_without_hours_is_planned(owner):
    work(owner, status=ActivityStatus.OPEN)
    week = week_hours(owner, MONDAY)
    assert (week.total, week.planned) == (0, Decimal("1.5"))


def test_a_length_counts_for_eight_hours_at_most(owner):
    work(owner, end=local(2026, 3, 5, 16))
    assert week_hours(owner, MONDAY).total == 8


def test_an_activity_without_end_or_hours_counts_for_nothing(owner):
    work(owner, end=None)
    assert week_hours(owner, MONDAY).total == 0


def test_types_that_are_not_work_time_are_left_out(owner):
    work(owner, type=activity_type("memo"), hours=3)
    assert week_hours(owner, MONDAY).total == 0


def test_every_participant_has_the_hours(owner):
    second = UserFactory()
    work(owner, participants=[owner, second], hours=2)
    assert week_hours(second, MONDAY).total == week_hours(owner, MONDAY).total == 2


def test_rows_are_types_and_customers_with_other_customer_work_first(owner):
    customer = CustomerFactory(name="Aktia")
    work(owner, customer=customer, hours=1)
    work(owner, customer=customer, hours=2)
    own_work(owner, hours=4)
    rows = [(str(row.type), str(row.customer or ""), row.total) for row in week_hours(owner, MONDAY).rows]
    assert rows == [("Customer work", "", 4), ("Call", "Aktia", 3)]


def test_days_add_up(owner):
    work(owner, hours=1)
    work(owner, hours=2, start=local(2026, 3, 8, 23, 30), end=None)
    assert week_hours(owner, MONDAY).sums == [0, 1, 0, 0, 0, 0, 2]


def test_a_week_ends_at_midnight_of_the_clock(owner):
    work(owner, hours=1, start=local(2026, 3, 9), end=None)
    work(owner, hours=2, start=local(2026, 3, 2), end=None)
    assert week_hours(owner, MONDAY).total == 2


def test_the_night_when_summer_time_begins_is_an_hour_shorter(owner):
    work(owner, start=local(2026, 3, 29, 1), end=local(2026, 3, 29, 5))
    assert week_hours(owner, dt.date(2026, 3, 29)).total == 3


def test_the_night_when_summer_time_ends_is_an_hour_longer(owner):
    work(owner, start=local(2026, 10, 25, 1), end=local(2026, 10, 25, 5))
    assert week_hours(owner, dt.date(2026, 10, 25)).total == 5


def test_the_last_twelve_weeks_are_summed(owner):
    work(owner, hours=1)
    work(owner, hours=2, start=local(2026, 2, 24, 9), end=None)
    sums = last_weeks(owner, MONDAY)
    assert (len(sums), [row.hours for row in sums[:3]], sums[0].number) == (12, [1, 2, 0], 10)


def test_rule_2_hours_with_a_customer_made_passive_stay_and_its_name_goes(page, owner):
    work(owner, hours=2, customer=CustomerFactory(name="Piilosana Oy", passive=True))
    response = page.get(hours_url())
    assert response.context["week"].total == 2
    assert "Piilosana" not in response.content.decode()


def test_rule_2_hours_with_a_customer_made_passive_are_not_changed(page, owner):
    activity = work(owner, hours=2, customer=CustomerFactory(passive=True))
    name = cell(activity.type, activity.customer)
    assert page.post(hours_url(), {name: "9", f"was-{name}": "2"}).status_code == 422
    activity.refresh_from_db()
    assert activity.hours == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_row_and_three(page, owner, rows, django_assert_num_queries):
    for _ in range(rows):
        work(owner)
    page.get(hours_url())
    with django_assert_num_queries(COST_OF_HOURS):
        page.get(hours_url())


COST_OF_HOURS = 17


# The people of the hours that a user sees


def test_hours_of_others_are_not_for_colleagues(owner):
    assert client_of(UserFactory(role="account_manager")).get(hours_url(user=owner.pk)).status_code == 403


@pytest.mark.parametrize("how", ["manager", "leader", "management", "administrator"])
def test_managers_leaders_management_and_administrators_see_hours(owner, how):
    role = how if how in ("management", "administrator") else "account_manager"
    boss = UserFactory(role=role)
    if how == "manager":
        owner.manager = boss
        owner.save()
    if how == "leader":
        TeamFactory(leader=boss, members=[owner])
    work(owner, hours=7)
    response = client_of(boss).get(hours_url(user=owner.pk))
    assert (response.status_code, response.context["week"].total) == (200, 7)
    assert b'name="h-' not in response.content  # to look at, not to write


@pytest.mark.parametrize("user", ["0", "x", "999999", "9" * 40, "\x00"])
def test_someone_who_is_not_there_is_not_found(page, user):
    assert page.get(hours_url(user=user)).status_code == 404


def test_nobody_writes_anothers_hours(owner):
    boss = UserFactory(role="administrator")
    activity = own_work(owner)
    response = client_of(boss).post(hours_url(user=owner.pk), {cell(activity.type): "5"})
    assert response.status_code == 403
    activity.refresh_from_db()
    assert activity.hours is None


# Writing


def test_writing_into_a_cell_gives_its_activity_the_hours(page, owner):
    activity = own_work(owner)
    name = cell(activity.type)
    assert page.post(hours_url(), {name: "2,5", f"was-{name}": "1.5"}).status_code == 302
    activity.refresh_from_db()
    assert activity.hours == Decimal("2.5")


def test_writing_into_an_empty_cell_logs_other_customer_work(page, owner):
    kind = activity_type("customer_work")
    page.post(hours_url(), {cell(kind): "2"})
    activity = Activity.objects.get()
    assert (activity.type, activity.customer, activity.hours, activity.status) == (kind, None, 2, "done")
    assert (activity.start, activity.end) == (local(2026, 3, 3, 8), local(2026, 3, 3, 10))
    assert list(activity.users.all()) == [owner]


def test_the_second_work_of_a_day_stands_after_the_first(page, owner):
    own_work(owner, type=activity_type("planning"), start=local(2026, 3, 3, 8), end=local(2026, 3, 3, 11))
    page.post(hours_url(), {cell(activity_type("customer_work")): "1"})
    assert Activity.objects.latest("pk").start == local(2026, 3, 3, 11)


def test_sending_the_same_twice_logs_once(page):
    content = {cell(activity_type("customer_work")): "2"}
    page.post(hours_url(), content)
    second = page.post(hours_url(), content)
    assert second.status_code == 422
    assert "This has changed in the meantime." in second.content.decode()
    assert Activity.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("many", "Enter the hours as a number"),
        ("25", "The hours of a day must be between 0 and 24."),
        ("-1", "The hours of a day must be between 0 and 24."),
        ("9" * 5_000, "The hours of a day must be between 0 and 24."),
        ("<script>", "Enter the hours as a number"),
        ("١٢", "Enter the hours as a number"),
        ("\x00", "Enter the hours as a number"),
    ],
)
def test_hours_that_cannot_be_are_refused_with_a_sentence_and_nothing_changes(page, typed, sentence):
    kind = activity_type("customer_work")
    response = page.post(hours_url(), {cell(kind): typed, cell(kind, day="20260304"): "2"})
    assert (response.status_code, sentence in response.content.decode()) == (422, True)
    assert not Activity.objects.exists()


def test_a_cell_of_several_activities_is_not_written_at_once(page, owner):
    first, _second = own_work(owner, hours=1), own_work(owner, hours=2)
    name = cell(first.type)
    assert f'name="{name}"' not in page.get(hours_url()).content.decode()
    assert page.post(hours_url(), {name: "9", f"was-{name}": "3"}).status_code == 422
    first.refresh_from_db()
    assert first.hours == 1


def test_a_visit_cannot_be_logged_by_hours_alone(page, owner):
    visit = work(owner, type=activity_type("visit"), goal="Agree")
    name = cell(visit.type, visit.customer, "20260305")
    assert page.post(hours_url(), {name: "2"}).status_code == 422
    assert Activity.objects.count() == 1


def test_cells_of_other_weeks_or_types_are_not_read(page):
    page.post(hours_url(), {"h-1-1-20270101": "5", cell(activity_type("memo")): "5", "h-x": "1"})
    assert not Activity.objects.exists()


def test_a_reader_writes_no_hours():
    reader = client_of(UserFactory(role="read_only"))
    assert reader.get(hours_url()).status_code == 200
    assert reader.post(hours_url(), {}).status_code == 403


# Copying a week


def test_a_week_is_copied_at_the_same_times_as_open_work(owner):
    row = own_work(owner, title="Monday meeting", hours=1)
    [copy] = week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk])
    assert (copy.title, copy.start, copy.end) == ("Monday meeting", local(2026, 3, 10, 9), local(2026, 3, 10, 10, 30))
    assert (copy.status, copy.hours) == (ActivityStatus.OPEN, None)


def test_a_copy_keeps_the_clock_over_the_change_of_summer_time(owner):
    row = own_work(owner, start=local(2026, 3, 24, 9), end=local(2026, 3, 24, 10))
    [copy] = week_copy(user=owner, week=dt.date(2026, 3, 30), chosen=[row.pk])
    assert timezone.localtime(copy.start).hour == 9


def test_copying_twice_makes_one(owner):
    row = own_work(owner)
    for _ in range(2):
        week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk])
    assert Activity.objects.count() == 2


def test_work_for_customers_series_and_others_is_not_copied(owner):
    moment = local(2026, 3, 3, 9)
    series = ActivitySeries.objects.create(rule="FREQ=WEEKLY", start=moment, made_until=moment)
    rows = [work(owner), own_work(owner, series=series, series_start=moment), own_work(UserFactory())]
    assert week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk for row in rows]) == []


def test_what_a_copy_made_is_told_and_taken_back(page, owner):
    row = own_work(owner, title="Monday meeting")
    response = page.post(reverse("calendar:hours_copy", query={"week": "2026-03-09"}), {"rows": [row.pk]})
    confirmation = page.get(response["Location"])
    assert [copy.title for copy in confirmation.context["copied"]] == ["Monday meeting"]
    page.post(reverse("calendar:hours_copy_undo"), {"copied": confirmation.wsgi_request.GET["copied"]})
    assert list(Activity.objects.all()) == [row]


def test_undo_leaves_what_has_been_changed_meanwhile(owner):
    row = own_work(owner)
    made = week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk])
    Activity.objects.filter(pk=made[0].pk).update(version=2)
    assert week_copy_undo(user=owner, token=undo_token(owner, made)) == 0
    assert Activity.objects.count() == 2


@pytest.mark.parametrize("token", ["", "forged", "\x00", "x" * 10_001])
def test_a_forged_undo_takes_nothing_back(owner, token):
    own_work(owner)
    assert week_copy_undo(user=owner, token=token) == 0
    assert Activity.objects.count() == 1


def test_anothers_undo_takes_nothing_back(owner):
    row = own_work(owner)
    made = week_copy(user=owner, week=MONDAY + dt.timedelta(days=7), chosen=[row.pk])
    other = UserFactory(role="account_manager")
    assert week_copy_undo(user=other, token=undo_token(owner, made)) == 0


# Targets


def test_one_sets_ones_own_target_and_takes_it_away(page, owner):
    url = reverse("calendar:work_target", args=[owner.pk])
    page.post(url, {"hours": "37,5"})
    assert week_hours(owner, MONDAY).target == Decimal("37.5")
    page.post(url, {"hours": ""})
    assert not WorkTarget.objects.exists()


def test_a_manager_sets_the_target_of_staff_and_a_colleague_does_not(owner):
    boss = UserFactory(role="account_manager")
    owner.manager = boss
    owner.save()
    url = reverse("calendar:work_target", args=[owner.pk])
    assert client_of(UserFactory(role="account_manager")).post(url, {"hours": "1"}).status_code == 403
    assert client_of(boss).post(url, {"hours": "30"}).status_code == 302
    assert WorkTarget.objects.get().hours == 30


@pytest.mark.parametrize("hours", ["101", "-1", "much", "1.234"])
def test_a_target_that_cannot_be_is_refused(page, owner, hours):
    assert page.post(reverse("calendar:work_target", args=[owner.pk]), {"hours": hours}).status_code == 422
    assert not WorkTarget.objects.exists()


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


def test_the_team_week_shows_each_ones_week_open_work_and_hours(owner):
    team = TeamFactory(members=[owner])
    work(owner, title="Offer call", hours=2)
    work(owner, title="Late thing", start=timezone.now() - dt.timedelta(days=30), end=None, status="open")
    boss = UserFactory(role="management")
    WorkTarget.objects.create(user=owner, hours=30)
    [member], _cut = team_week(boss, team, MONDAY)
    assert [event.title for event in member.days[1].events] == ["Offer call"]
    assert [activity.title for activity in member.open] == ["Late thing"]
    assert (member.unfinished, member.overdue, member.stale) == (1, 1, 1)
    assert (member.hours, member.target) == (2, 30)


def test_colleagues_see_the_week_but_no_hours(owner):
    team = TeamFactory(members=[owner])
    work(owner, title="Offer call", hours=2)
    [member], _cut = team_week(UserFactory(role="account_manager"), team, MONDAY)
    assert (member.hours, member.days[1].events[0].title) == (None, "Offer call")


def test_ones_own_team_is_the_first(page, owner):
    TeamFactory(name="A team")
    own = TeamFactory(name="B team", members=[owner])
    assert page.get(reverse("calendar:team_week")).context["team"] == own


@pytest.mark.parametrize("team", ["999999", "x", "9" * 40])
def test_a_team_that_is_not_there_is_an_empty_page_or_ones_own(page, team):
    assert page.get(reverse("calendar:team_week"), {"team": team}).status_code == 200


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


COST_OF_TEAM = 21


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
    assert other.get("/api/v1/hours/", {"user": 999_999}).status_code == 404


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
