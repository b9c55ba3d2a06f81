"""The calendar: visibility, its window, moving, holidays, weeks across changes of summer time."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from accounts.tests.factories import TeamFactory, UserFactory
from activities.calendar.selectors.calendar import CalendarEvent, CalendarSource
from activities.calendar.tests.calendar_pages import FEED, client_of, local, on_tuesday
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Participation
from activities.log.services.activities import activity_change
from activities.log.tests.factories import activity_type
from crm import registrations
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


def week(**query):
    return reverse("calendar:events", query={"start": "2026-03-02", "end": "2026-03-09", **query})


def events(client, **query):
    response = client.get(week(**query))
    assert response.status_code == 200, response.content
    return response.json()["events"]


# What is shown


def test_it_opens_on_ones_own(page, owner):
    own = on_tuesday(owner)
    on_tuesday(UserFactory())
    assert [event["id"] for event in events(page)] == [str(own.pk)]


def test_rule_16_it_shows_to_every_participant(owner):
    second = UserFactory(role="account_manager")
    activity = on_tuesday(owner, participants=[owner, second])
    assert [event["id"] for event in events(client_of(second))] == [str(activity.pk)]


def test_colleagues_are_shown_beside_with_colours_of_their_own(page, owner):
    colleague = UserFactory(last_name="Aalto")
    owner.last_name = "Virtanen"
    owner.save()
    on_tuesday(owner, title="Mine")
    on_tuesday(colleague, title="Theirs")
    found = {event["title"]: event["color"] for event in events(page, user=[owner.pk, colleague.pk])}
    assert found == {"Theirs": "who-0", "Mine": "who-1"}


def test_alone_the_colour_is_the_types(page, owner):
    on_tuesday(owner, type=activity_type("visit"), goal="Agree")
    assert events(page)[0]["color"] == "cal-green"


def test_a_team_is_shown_whole(page):
    members = [UserFactory(), UserFactory()]
    team = TeamFactory(members=members)
    for member in members:
        on_tuesday(member)
    assert len(events(page, team=team.pk)) == 2


def test_filters_by_type_and_status(page, owner):
    call = on_tuesday(owner, title="Done call")
    on_tuesday(owner, title="Open memo", type=activity_type("memo"), status=ActivityStatus.OPEN)
    assert [event["title"] for event in events(page, type=call.type_id)] == ["Done call"]
    assert [event["title"] for event in events(page, status="open")] == ["Open memo"]


def test_overdue_is_told_in_words_and_done_is_marked(page, owner):
    on_tuesday(owner, title="Done")
    on_tuesday(owner, title="Late", status=ActivityStatus.OPEN)
    found = {event["title"]: event for event in events(page)}
    assert (found["Done"]["status"], "overdue" in found["Done"]) == ("done", False)
    assert (found["Late"]["status"], found["Late"]["overdue"]) == ("open", True)


def test_rule_2_work_of_a_passive_customer_rests_unseen(page, owner):
    on_tuesday(owner, customer=CustomerFactory(passive=True))
    assert events(page) == []


def test_work_of_a_passive_customer_rests_also_for_those_who_keep_them():
    admin = UserFactory(role="administrator")
    on_tuesday(admin, customer=CustomerFactory(passive=True))
    assert events(client_of(admin)) == []


def test_what_began_before_the_window_and_goes_on_is_shown(page, owner):
    on_tuesday(owner, start=local(2026, 2, 27, 9), end=local(2026, 3, 3, 12))
    on_tuesday(owner, start=local(2026, 2, 27, 9), end=local(2026, 2, 27, 12))
    assert len(events(page)) == 1


def test_the_end_of_the_window_is_outside(page, owner):
    on_tuesday(owner, start=local(2026, 3, 9), end=None)
    assert events(page) == []


def test_without_an_end_it_is_as_long_as_its_type_usually_is(page, owner):
    on_tuesday(owner, end=None)
    event = events(page)[0]
    assert (event["end"], event["endless"]) == ("2026-03-03T09:15", True)


def test_times_are_those_of_the_users_profile(owner):
    owner.time_zone = "America/New_York"
    owner.save()
    on_tuesday(owner)
    assert events(client_of(owner))[0]["start"] == "2026-03-03T02:00"


def test_only_what_one_may_change_can_be_dragged(page, owner):
    colleague = UserFactory(role="account_manager")
    on_tuesday(owner, title="Mine")
    on_tuesday(colleague, title="Theirs")
    found = {event["title"]: event.get("editable") for event in events(page, user=[owner.pk, colleague.pk])}
    assert found == {"Mine": True, "Theirs": None}


def test_a_reader_drags_nothing(owner, reader):
    on_tuesday(owner)
    assert [event.get("editable") for event in events(reader, user=owner.pk)] == [None]


def test_other_sources_stand_in_the_calendar_too(page, monkeypatch):
    moment = local(2026, 3, 4, 8)
    care = CalendarEvent(
        key="care-1", title="Yearly meeting", start=moment, end=moment, url="/", kind="Care", color="teal"
    )
    source = CalendarSource("care", "Care", lambda user, people, start, end: [care])
    monkeypatch.setattr(registrations, "CALENDAR_SOURCES", (source,), raising=False)
    assert [event["id"] for event in events(page)] == ["care-1"]
    assert events(page, status="open") == []


# The window


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2026-03-09", "2026-03-02", "end"),
        ("2026-01-01", "2026-06-01", "end"),
        ("yesterday", "2026-03-02", "start"),
        ("2026-13-45", "2026-03-02", "start"),
        ("", "2026-03-02", "start"),
        ("0001-01-01", "2026-03-02", "start"),
        ("9999-12-31T23:59:59+14:00", "2026-03-02", "start"),
        ("2026-03-02\x00", "2026-03-09", "start"),
        ("2" * 10_001, "2026-03-09", "start"),
    ],
)
def test_a_window_that_cannot_be_read_is_refused_with_a_sentence(page, start, end, field):
    response = page.get(FEED, {"start": start, "end": end})
    assert response.status_code == 400
    assert field in response.json()["error"]["fields"]


@pytest.mark.parametrize(
    "query", [{"user": "x"}, {"user": 10**30}, {"team": 999_999}, {"type": "\x00"}, {"status": "?"}]
)
def test_a_filter_that_cannot_be_read_is_refused(page, query):
    assert page.get(week(**query)).status_code == 400


def test_at_most_thirty_people_at_a_time(page):
    team = TeamFactory(members=[UserFactory() for _ in range(31)])
    assert page.get(week(team=team.pk)).status_code == 400
    answer = page.get(reverse("calendar:view"), {"team": team.pk})
    assert answer.status_code == 400
    assert "At most 30 people at a time." in answer.text
    assert not answer.context["legend"]


def test_more_than_the_limit_is_told(page, owner, monkeypatch):
    monkeypatch.setattr("activities.calendar.selectors.calendar.LIMIT", 2)
    for _ in range(3):
        on_tuesday(owner)
    content = page.get(week()).json()
    assert (len(content["events"]), content["is_cut"]) == (2, True)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_feed_costs_the_same_for_one_row_and_three(page, owner, rows, django_assert_num_queries):
    colleague = UserFactory()
    for _ in range(rows):
        on_tuesday(owner, participants=[owner, colleague])
    page.get(week(user=[owner.pk, colleague.pk]))
    with django_assert_num_queries(7):
        page.get(week(user=[owner.pk, colleague.pk]))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_row_and_three(page, owner, rows, django_assert_num_queries):
    for _ in range(rows):
        on_tuesday(owner)
    url = reverse("calendar:view", query={"date": "2026-03-03"})
    page.get(url)
    with django_assert_num_queries(COST_OF_PAGE):
        page.get(url)


COST_OF_PAGE = 12


def test_the_month_of_a_busy_user_costs_no_more(page, owner, django_assert_num_queries):
    customer, kind = CustomerFactory(), activity_type("call")
    starts = [local(2026, 3, 2, 8) + dt.timedelta(hours=number) for number in range(400)]
    rows = Activity.objects.bulk_create(
        Activity(type=kind, customer=customer, title="Autumn courses: agree", start=start, created_by=owner)
        for start in starts
    )
    Participation.objects.bulk_create(Participation(activity=row, user=owner) for row in rows)
    url = reverse("calendar:events", query={"start": "2026-03-01", "end": "2026-04-01"})
    page.get(url)
    with django_assert_num_queries(6):
        response = page.get(url)
    assert len(response.json()["events"]) == 400
    assert len(response.content) < 100_000


def test_the_participation_keeps_the_start_for_the_calendar(owner):
    activity = on_tuesday(owner)
    activity_change(activity=activity, user=owner, changes={"start": local(2026, 3, 5, 9), "end": None})
    assert Participation.objects.get(activity=activity).start_at == local(2026, 3, 5, 9)
