"""The calendar: visibility, its window, moving, holidays, weeks across changes of summer time."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import TeamFactory, UserFactory
from activities.calendar.selectors.calendar import CalendarEvent, CalendarSource, holidays_between, week_window
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Participation
from activities.log.services.activities import activity_change
from activities.log.tests.factories import ActivityFactory, activity_type
from crm import registrations
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

FEED = "/calendar/events/"
JSON = {"Accept": "application/json"}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


def local(*parts):
    return timezone.make_aware(dt.datetime(*parts))


def week(**query):
    return reverse("calendar:events", query={"start": "2026-03-02", "end": "2026-03-09", **query})


def events(client, **query):
    response = client.get(week(**query))
    assert response.status_code == 200, response.content
    return response.json()["events"]


def on_tuesday(owner, **fields):
    defaults = {"created_by": owner, "start": local(2026, 3, 3, 9), "end": local(2026, 3, 3, 10)}
    return ActivityFactory(**(defaults | fields))


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
    found = {event["title"]: event["classNames"][0] for event in events(page, user=[owner.pk, colleague.pk])}
    assert found == {"Theirs": "who-0", "Mine": "who-1"}


def test_alone_the_colour_is_the_types(page, owner):
    on_tuesday(owner, type=activity_type("visit"), goal="Agree")
    assert events(page)[0]["classNames"][0] == "cal-green"


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
    found = {event["title"]: event["extendedProps"] for event in events(page)}
    assert (found["Done"]["done"], found["Done"]["overdue"]) == (True, False)
    assert (found["Late"]["done"], found["Late"]["overdue"]) == (False, True)


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
    assert (event["end"], event["extendedProps"]["hasEnd"]) == ("2026-03-03T09:15", False)


def test_times_are_those_of_the_users_profile(owner):
    owner.time_zone = "America/New_York"
    owner.save()
    on_tuesday(owner)
    assert events(client_of(owner))[0]["start"] == "2026-03-03T02:00"


def test_only_what_one_may_change_can_be_dragged(page, owner):
    colleague = UserFactory(role="account_manager")
    on_tuesday(owner, title="Mine")
    on_tuesday(colleague, title="Theirs")
    found = {event["title"]: event["editable"] for event in events(page, user=[owner.pk, colleague.pk])}
    assert found == {"Mine": True, "Theirs": False}


def test_a_reader_drags_nothing(owner, reader):
    on_tuesday(owner)
    assert [event["editable"] for event in events(reader, user=owner.pk)] == [False]


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
    assert page.get(reverse("calendar:view"), {"team": team.pk}).status_code == 200


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


COST_OF_PAGE = 16


def test_the_month_of_a_busy_user_costs_no_more(page, owner, django_assert_num_queries):
    customer, kind = CustomerFactory(), activity_type("call")
    starts = [local(2026, 3, 2, 8) + dt.timedelta(hours=number) for number in range(400)]
    rows = Activity.objects.bulk_create(
        Activity(type=kind, customer=customer, title="Call", start=start, created_by=owner) for start in starts
    )
    Participation.objects.bulk_create(Participation(activity=row, user=owner) for row in rows)
    url = reverse("calendar:events", query={"start": "2026-03-01", "end": "2026-04-01"})
    page.get(url)
    with django_assert_num_queries(6):
        assert len(page.get(url).json()["events"]) == 400


def test_the_participation_keeps_the_start_for_the_calendar(owner):
    activity = on_tuesday(owner)
    activity_change(activity=activity, user=owner, changes={"start": local(2026, 3, 5, 9), "end": None})
    assert Participation.objects.get(activity=activity).start_at == local(2026, 3, 5, 9)


# The page


def test_without_javascript_the_week_is_a_list_with_links(page, owner):
    on_tuesday(owner, title="Phone call")
    text = page.get(reverse("calendar:view"), {"date": "2026-03-03"}).content.decode()
    assert "Phone call" in text
    assert "date=2026-02-23" in text
    assert "date=2026-03-09" in text


def test_the_style_of_the_calendar_has_a_nonce_and_scripts_have_none(page):
    policy = page.get(reverse("calendar:view"))["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";") if " " in part.strip())
    assert "'nonce-" in directives["style-src"]
    assert "unsafe-inline" not in policy
    assert "nonce" not in directives.get("script-src", directives["default-src"])


def test_other_pages_allow_no_style_of_the_calendar(page):
    policy = page.get(reverse("activities:mine"))["Content-Security-Policy"]
    assert "font-src" not in policy


@pytest.mark.parametrize("date", ["", "x", "0001-01-01", "9999-12-31", "2026-02-30", "\x00"])
def test_a_strange_day_is_today(page, date):
    assert page.get(reverse("calendar:view"), {"date": date}).status_code == 200


def test_two_people_can_be_side_by_side_and_one_cannot(page, owner):
    colleague = UserFactory()
    both = page.get(reverse("calendar:view"), {"user": [owner.pk, colleague.pk], "side": "1"})
    alone = page.get(reverse("calendar:view"), {"side": "1"})
    assert both.content.count(b"data-person=") == 2
    assert b"data-person=" not in alone.content


def test_a_click_shows_the_essentials_and_what_to_do(page, owner):
    activity = on_tuesday(owner, title="Autumn call", place="Espoo", status=ActivityStatus.OPEN)
    text = page.get(reverse("calendar:card", args=[activity.pk])).content.decode()
    for words in ("Autumn call", "Espoo", str(activity.customer), "Mark done", "Change"):
        assert words in text


def test_who_may_not_change_sees_no_buttons(owner, reader):
    activity = on_tuesday(owner, status=ActivityStatus.OPEN)
    text = reader.get(reverse("calendar:card", args=[activity.pk])).content.decode()
    assert "Mark done" not in text
    assert activity.title in text


def test_the_log_form_knows_the_time_that_was_clicked(page):
    activity_type("call")
    query = {"type": "call", "start": "2026-03-03T13:30", "end": "2026-03-03T14:00", "next": "/calendar/?view=week"}
    text = page.get(reverse("activities:create", query=query)).content.decode()
    assert 'name="start" value="03/03/2026 13:30"' in text
    assert "14:00" in text


def test_logging_from_the_calendar_goes_back_there(page, owner):
    activity_type("call")
    url = reverse("activities:create", query={"type": "call", "next": "/calendar/?view=week"})
    content = {"title": "Call", "start": "2026-03-03T13:30", "customer": CustomerFactory().pk}
    assert page.post(url, content)["Location"] == "/calendar/?view=week"


def test_logging_never_goes_to_another_site(page):
    activity_type("call")
    url = reverse("activities:create", query={"type": "call", "next": "https://evil.example/"})
    content = {"title": "Call", "start": "2026-03-03T13:30", "customer": CustomerFactory().pk}
    assert page.post(url, content)["Location"].startswith("/activities/")


# Moving


def move(client, activity, **content):
    return client.post(reverse("calendar:move", args=[activity.pk]), content, headers=JSON)


def test_dragging_moves_and_undo_takes_it_back(page, owner):
    activity = on_tuesday(owner)
    response = move(page, activity, start="2026-03-04T13:00", end="2026-03-04T14:00", version=activity.version)
    assert response.status_code == 200, response.content
    activity.refresh_from_db()
    assert (activity.start, activity.end) == (local(2026, 3, 4, 13), local(2026, 3, 4, 14))
    assert page.post(response.json()["undo"], headers=JSON).status_code == 200
    activity.refresh_from_db()
    assert (activity.start, activity.end) == (local(2026, 3, 3, 9), local(2026, 3, 3, 10))


def test_undo_after_someone_elses_change_is_refused(page, owner):
    activity = on_tuesday(owner)
    undo = move(page, activity, start="2026-03-04T13:00").json()["undo"]
    activity_change(activity=activity, user=owner, changes={"title": "Changed meanwhile"})
    assert page.post(undo, headers=JSON).json()["error"]["code"] == "stale_version"
    activity.refresh_from_db()
    assert activity.start == local(2026, 3, 4, 13)


def test_dragging_an_old_version_is_refused(page, owner):
    activity = on_tuesday(owner)
    response = move(page, activity, start="2026-03-04T13:00", version=activity.version + 1)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "stale_version")
    activity.refresh_from_db()
    assert activity.start == local(2026, 3, 3, 9)


def test_the_end_before_the_start_is_refused(page, owner):
    activity = on_tuesday(owner)
    response = move(page, activity, start="2026-03-04T13:00", end="2026-03-04T12:00")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "end_before_start")
    activity.refresh_from_db()
    assert activity.start == local(2026, 3, 3, 9)


@pytest.mark.parametrize("start", ["", "soon", "1800-01-01T08:00", "\x00", "2026-03-04T25:00", "x" * 10_001])
def test_a_time_that_cannot_be_read_is_refused(page, owner, start):
    activity = on_tuesday(owner)
    assert move(page, activity, start=start).status_code == 422
    activity.refresh_from_db()
    assert activity.start == local(2026, 3, 3, 9)


@pytest.mark.parametrize("start", ["2026-03-29T03:30", "2026-10-25T03:30"])
def test_a_time_that_the_clock_skips_or_has_twice_is_refused(page, owner, start):
    activity = on_tuesday(owner)
    response = move(page, activity, start=start)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "no_such_time")
    activity.refresh_from_db()
    assert activity.start == local(2026, 3, 3, 9)


def test_resizing_what_begins_in_the_doubled_hour_keeps_its_start(page, owner):
    second = dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)  # half past three for the second time
    activity = on_tuesday(owner, start=second, end=second + dt.timedelta(hours=1))
    assert move(page, activity, start="2026-10-25T03:30", end="2026-10-25T05:00").status_code == 200
    activity.refresh_from_db()
    assert activity.start == second


def test_a_colleague_cannot_move_it(owner):
    activity = on_tuesday(owner)
    assert move(client_of(UserFactory(role="account_manager")), activity, start="2026-03-04T13:00").status_code == 403
    activity.refresh_from_db()
    assert activity.start == local(2026, 3, 3, 9)


def test_work_of_a_passive_customer_is_not_there_to_be_moved(page, owner):
    activity = on_tuesday(owner, customer=CustomerFactory(passive=True))
    assert move(page, activity, start="2026-03-04T13:00").status_code == 404


def test_moving_without_a_script_goes_back_to_the_calendar(page, owner):
    activity = on_tuesday(owner)
    url = reverse("calendar:move", args=[activity.pk], query={"next": "/calendar/?view=day"})
    response = page.post(url, {"start": "2026-03-04T13:00"})
    assert (response.status_code, response["Location"]) == (302, "/calendar/?view=day")
    activity.refresh_from_db()
    assert activity.start == local(2026, 3, 4, 13)


def test_moving_moves_what_is_due_too(page, owner):
    activity = on_tuesday(owner, status=ActivityStatus.OPEN)
    move(page, activity, start="2026-03-04T13:00")
    assert Participation.objects.get(activity=activity).due_at == local(2026, 3, 4, 13)


# Weeks and holidays


@pytest.mark.parametrize(
    ("day", "hours"), [((2026, 3, 23), 167), ((2026, 10, 25), 169), ((2026, 3, 4), 168), ((2026, 1, 1), 168)]
)
def test_a_week_is_from_monday_to_monday_of_the_clock(day, hours):
    window = week_window(dt.date(*day))
    assert timezone.localtime(window.start).weekday() == 0
    assert window.end.astimezone(dt.UTC) - window.start.astimezone(dt.UTC) == dt.timedelta(hours=hours)


def test_finnish_public_holidays_have_names_in_the_language_of_the_page():
    from django.utils import translation

    first, last = dt.date(2026, 12, 1), dt.date(2027, 1, 1)
    assert next(iter(holidays_between(first, last))) == dt.date(2026, 12, 6)
    assert holidays_between(first, last)[dt.date(2026, 12, 6)] == "Independence Day"
    with translation.override("fi"):
        assert holidays_between(first, last)[dt.date(2027, 1, 1)] == "Uudenvuodenpäivä"


def test_the_feed_tells_the_holidays(page):
    found = page.get(FEED, {"start": "2026-12-01", "end": "2026-12-31"}).json()["holidays"]
    assert {"date": "2026-12-06", "name": "Independence Day"} in found


def test_markup_in_a_title_stays_text(page, owner):
    on_tuesday(owner, title="<script>alert(1)</script>")
    text = page.get(reverse("calendar:view"), {"date": "2026-03-03"}).content.decode()
    assert "<script>alert(1)" not in text
    assert Activity.objects.get().title == "<script>alert(1)</script>"


@pytest.mark.parametrize("url", ["/calendar/", FEED, "/team-week/", "/hours/", "/hours/export/"])
def test_anonymous_visitors_sign_in_first(url):
    response = Client().get(url)
    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/account/login/")
