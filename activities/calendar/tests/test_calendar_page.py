"""The page of the calendar, moving activities, weeks and holidays."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.calendar.selectors.calendar import Day, holidays_between, week_window
from activities.calendar.tests.calendar_pages import FEED, client_of, local, on_tuesday
from activities.calendar.views.calendar import _coming
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Participation
from activities.log.services.activities import activity_change
from activities.log.tests.factories import activity_type
from core import clock
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


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


@pytest.mark.parametrize("date", ["x", "0001-01-01", "9999-12-31", "2026-02-30", "\x00"])
def test_a_strange_day_is_refused(page, date):
    assert page.get(reverse("calendar:view"), {"date": date}).status_code == 400


def test_no_day_is_today(page):
    answer = page.get(reverse("calendar:view"), {"date": ""})
    assert answer.context["date"] == clock.user_today().isoformat()


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


def test_the_panel_of_coming_events_counts_each_whole_day_event_once():
    whole, timed = SimpleNamespace(is_all_day=True), SimpleNamespace(is_all_day=False)
    full, cut = Day(dt.date(2026, 5, 18), "", [timed] * 8, False), Day(dt.date(2026, 5, 19), "", [whole] * 5, False)
    shown = [(len(one["shown"]), one["rest"]) for one in _coming([full, cut])]
    assert shown == [(8, 0), (2, 3)]
