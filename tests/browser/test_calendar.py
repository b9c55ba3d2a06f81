"""The calendar in the browser: dragging with undo, adding by a click, side by side, without JavaScript, hours."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

DAY = dt.timedelta(days=1)
#: What happens meanwhile, on the installation.
CHANGE = """
from activities.log.models import Activity
row = Activity.objects.get(title="{title}")
from activities.log.services.activities import activity_change
activity_change(activity=row, user=row.created_by, changes={{"place": "Espoo"}})
"""
LOG = """
import datetime as dt
from accounts.models import User
from activities.log.models import ActivityType
from activities.log.services.activities import activity_log
from customers.models import Customer
customer, user = Customer.objects.create(name="Passive soon Oy"), User.objects.get(username="manager")
start, kind = dt.datetime.fromisoformat("{start}"), ActivityType.objects.get(code="call")
activity_log(user=user, type=kind, title="Passive call", customer=customer, start=start)
"""
PASSIVATE = """
from customers.models import Customer
Customer.objects.filter(name="Passive soon Oy").update(state="passive")
"""


@pytest.fixture
def monday():
    """A Monday far ahead, where the demo data has nothing of anybody's."""
    day = dt.date.today() + 400 * DAY
    return day - day.weekday() * DAY


def log_planning(page, start, title):
    page.goto(f"/activities/new/?type=planning&start={start}&end={start[:11]}10:00")
    page.fill("input[name=title]", title)
    page.click("main form[method=post] button[type=submit].btn-primary")
    page.wait_for_url("**/activities/*/")


def week_of(page, monday):
    page.goto(f"/calendar/?view=week&date={monday}")
    page.wait_for_selector(".fc-timegrid-body")


def middle(box):
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag_to_day(page, event, day):
    x, y = middle(event.bounding_box())
    column = page.locator(f".fc-timegrid-col[data-date='{day}']").first.bounding_box()
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 8, y, steps=3)
    page.mouse.move(middle(column)[0], y, steps=12)
    page.mouse.up()


def test_dragging_plans_and_undo_takes_it_back(visit, monday):
    page = visit("manager")
    log_planning(page, f"{monday}T09:00", "Dragged planning")
    week_of(page, monday)
    event = page.locator(".fc-event", has_text="Dragged planning")
    event.wait_for()
    with page.expect_response(re.compile(r"/calendar/\d+/move/")) as moved:
        drag_to_day(page, event, monday + 2 * DAY)
    assert moved.value.status == 200
    toast = page.locator(".toastx", has_text="Dragged planning")
    toast.wait_for()
    there = f".fc-timegrid-col[data-date='{monday + 2 * DAY}'] .fc-event"
    page.locator(there, has_text="Dragged planning").wait_for()
    with page.expect_response(re.compile(r"/calendar/\d+/move/")):
        toast.locator("button[type=submit]").click()
    back = f".fc-timegrid-col[data-date='{monday}'] .fc-event"
    page.locator(back, has_text="Dragged planning").wait_for()


def refused_drag(page, title, monday, meanwhile):
    """Drag what something has happened to meanwhile; return what is said when it has jumped back."""
    week_of(page, monday)
    event = page.locator(".fc-event", has_text=title)
    event.wait_for()
    meanwhile()
    with page.expect_response(re.compile(r"/calendar/\d+/move/")) as moved:
        drag_to_day(page, event, monday + 2 * DAY)
    assert moved.value.status in (404, 409)
    toast = page.locator(".toastx")
    toast.wait_for()
    there = page.locator(f".fc-timegrid-col[data-date='{monday + 2 * DAY}'] .fc-event", has_text=title)
    expect(there).to_have_count(0)
    return toast.inner_text()


def test_a_drag_of_what_somebody_else_has_changed_jumps_back_with_a_sentence(visit, site, monday):
    monday += 35 * DAY
    page = visit("manager")
    log_planning(page, f"{monday}T09:00", "Stale planning")
    said = refused_drag(
        page, "Stale planning", monday, lambda: site.manage("shell", "-c", CHANGE.format(title="Stale planning"))
    )
    assert "Joku muu" in said
    page.locator(f".fc-timegrid-col[data-date='{monday}'] .fc-event", has_text="Stale planning").wait_for()


def test_a_drag_of_work_whose_customer_has_become_passive_jumps_back_with_a_sentence(visit, site, monday):
    monday += 42 * DAY
    page = visit("manager")
    site.manage("shell", "-c", LOG.format(start=f"{monday}T09:00:00+02:00"))
    said = refused_drag(page, "Passive call", monday, lambda: site.manage("shell", "-c", PASSIVATE))
    assert "ei ole enää" in said
    page.locator(".fc-event", has_text="Passive call").wait_for(state="detached")  # it shows nowhere any more


def test_what_is_saved_to_be_repeated_recurs_in_the_calendar(visit, monday):
    monday -= 245 * DAY  # within the year for which series are made
    page = visit("manager")
    page.goto(f"/activities/new/?type=planning&start={monday}T09:00&end={monday}T10:00")
    page.fill("input[name=title]", "Repeated planning")
    page.click("main form[method=post] button[name=then][value=repeat]")
    page.wait_for_url("**/activities/*/repeat/")
    page.select_option("select[name=repeat]", "daily")
    page.fill("input[name=times]", "4")
    page.click("main form[method=post] button[type=submit].btn-primary")
    page.wait_for_url(re.compile(r"/activities/\d+/$"))
    week_of(page, monday)
    page.locator(".fc-event", has_text="Repeated planning").nth(3).wait_for()
    expect(page.locator(".fc-event", has_text="Repeated planning")).to_have_count(4)


def test_a_click_on_an_empty_time_logs_there(visit, monday):
    page = visit("manager")
    week_of(page, monday + 7 * DAY)
    column = page.locator(f".fc-timegrid-col[data-date='{monday + 8 * DAY}']").first.bounding_box()
    row = page.locator(".fc-timegrid-slot-lane[data-time='10:00:00']").bounding_box()
    page.mouse.click(middle(column)[0], row["y"] + 3)
    dialog = page.locator("#dialog[open]")
    dialog.get_by_role("link", name="Vaihda tyyppiä").click()  # a visit is planned unless another type is chosen
    dialog.locator("a[href*='type=planning']").click()
    dialog.locator("input[name=title]").fill("Clicked planning")
    assert "10" in dialog.locator("input[name=start]").input_value()
    dialog.locator("button[type=submit].btn-primary").first.click()
    page.wait_for_url("**/calendar/**")
    page.locator(f".fc-timegrid-col[data-date='{monday + 8 * DAY}'] .fc-event", has_text="Clicked planning").wait_for()


def test_a_click_on_an_activity_tells_of_it_and_marks_it_done(visit, site, monday):
    page = visit("manager")
    log_planning(page, f"{monday + 20 * DAY}T09:00", "Told planning")  # a Sunday: in the past, the demo has more events
    week_of(page, monday + 14 * DAY)
    page.locator(".fc-event", has_text="Told planning").click()
    expect(page.locator("#dialog[open] a", has_text="Avaa sivu")).to_be_visible()
    expect(page.locator("#dialog[open] [name=status][value=done]")).to_have_count(0)  # it has not begun
    site.manage(
        "shell",
        "-v0",
        "-c",
        """
import datetime as dt
from activities.log.models import Activity
from django.db.models import F
back = dt.timedelta(days=448)
Activity.objects.filter(title="Told planning").update(start=F("start") - back, end=F("end") - back)
""",
    )
    week_of(page, monday - 434 * DAY)
    page.locator(".fc-event", has_text="Told planning").click()
    dialog = page.locator("#dialog[open]")
    dialog.locator("form:has([name=status][value=done]) button").click()
    page.locator(".fc-event.is-done", has_text="Told planning").wait_for()


def test_people_stand_side_by_side_and_the_view_is_remembered(visit):
    page = visit("management")
    page.goto("/team-week/")
    people = page.locator("a[data-unfold]").evaluate_all(
        "links => links.slice(0, 3).map(link => new URL(link.href).pathname.split('/')[2])"
    )
    query = "&".join(f"user={pk}" for pk in people)
    page.goto(f"/calendar/?{query}&side=1")
    expect(page.locator(".beside .fc")).to_have_count(len(people))
    page.click("[data-set-view=day]")
    page.wait_for_function("new URLSearchParams(location.search).get('view') === 'day'")
    page.goto("/calendar/")
    page.wait_for_selector("[data-set-view=day][aria-pressed=true]")


def test_a_holiday_is_named_beside_its_day_where_no_event_lies_on_it(visit):
    page, year = visit("manager"), dt.date.today().year + 1
    for hour in (7, 8, 9):
        log_planning(page, f"{year}-01-01T{hour:02d}:00", f"New Year's work {hour}")
    page.goto(f"/calendar/?view=month&date={year}-01-01")
    page.locator(".fc-event", has_text="New Year's work 8").wait_for()
    name = page.locator(f".fc-day[data-date='{year}-01-01'] .fc-bg-event .fc-event-title")
    expect(name).to_have_text("Uudenvuodenpäivä")
    box = name.bounding_box()
    for event in page.locator(f".fc-day[data-date='{year}-01-01'] .fc-daygrid-event").all():
        lies = event.bounding_box()
        assert lies["y"] >= box["y"] + box["height"] or lies["y"] + lies["height"] <= box["y"]


def test_without_javascript_the_week_is_a_list(visit, monday):
    page = visit("manager", javascript=False)
    page.goto(f"/calendar/?date={monday}")
    expect(page.locator(".agenda-day")).to_have_count(7)
    page.click(f"a[href*='date={monday + 7 * DAY}']")
    expect(page.locator(".agenda-day")).to_have_count(7)


def test_hours_are_written_into_the_week(visit, monday):
    page = visit("manager")
    page.goto(f"/hours/?week={monday - 2002 * DAY}")
    page.locator("table.hours tbody tr input.form-control").first.fill("2,5")
    page.locator("form[method=post] button[type=submit].btn-primary").click()
    page.locator("table.hours tbody tr").first.locator("strong", has_text="2,5").wait_for()
    page.locator(".toastx").first.wait_for()
