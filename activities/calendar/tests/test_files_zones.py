"""Times of calendar files: series in the zone of their start, zones that the file itself brings, unknown ones."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.calendar.tests.calendars import NOW, event, ics, imported, plans, starts, types
from activities.log.models import Activity, ActivitySeries
from activities.log.recurrence.zones import OffsetZone
from activities.log.services.series import series_continue
from activities.log.services.series_changes import series_change
from core import clock

pytestmark = pytest.mark.django_db

NO_SUMMER_TIME = ["BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0545", "TZOFFSETTO:+0545", "END:STANDARD"]


@pytest.fixture(autouse=True)
def on_28_november_2026():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


def vtimezone(name, *lines):
    return "\r\n".join(["BEGIN:VTIMEZONE", f"TZID:{name}", *lines, "END:VTIMEZONE"])


def observance(kind, start, before, after, *lines):
    heads = [f"BEGIN:{kind}", f"DTSTART:{start}", f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}"]
    return [*heads, *lines, f"END:{kind}"]


@pytest.mark.parametrize(
    ("start", "rule", "times"),
    [
        # New York at 20:00 is 3:00 of the next day here; the clocks differ by 6 hours between 14 and 28 March 2027.
        ("America/New_York:20270312T200000", "FREQ=WEEKLY;COUNT=4",
         ["Sat 13.3. 03:00", "Sat 20.3. 02:00", "Sat 27.3. 02:00", "Sat 3.4. 03:00"]),
        # Tokyo at 8:00 has no summer time: 1:00 here in winter, 2:00 in summer.
        ("Asia/Tokyo:20270326T080000", "FREQ=DAILY;COUNT=3", ["Fri 26.3. 01:00", "Sat 27.3. 01:00", "Sun 28.3. 01:00"]),
        ("Asia/Tokyo:20270327T080000", "FREQ=DAILY;COUNT=3", ["Sat 27.3. 01:00", "Sun 28.3. 01:00", "Mon 29.3. 02:00"]),
        # Sydney at 5:00 on Mondays is Sunday evening here.
        ("Australia/Sydney:20261207T050000", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3",
         ["Sun 6.12. 20:00", "Tue 8.12. 20:00", "Sun 13.12. 20:00"]),
        ("America/Los_Angeles:20261231T200000", "FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3",
         ["Fri 1.1. 06:00", "Mon 1.2. 06:00", "Mon 1.3. 06:00"]),
        ("America/Los_Angeles:20261207T170000", "FREQ=WEEKLY;UNTIL=20261222T010000Z",
         ["Tue 8.12. 03:00", "Tue 15.12. 03:00", "Tue 22.12. 03:00"]),
        ("America/Los_Angeles:20261207T170000", "FREQ=YEARLY;COUNT=2", ["Tue 8.12. 03:00"]),
    ],
)  # fmt: skip
def test_a_series_goes_by_the_clock_of_its_own_zone(owner, start, rule, times):
    imported(owner, ics(event(f"DTSTART;TZID={start}", f"RRULE:{rule}")))
    assert starts() == times


def test_a_series_in_utc_keeps_its_time_of_utc(owner):
    imported(owner, ics(event("DTSTART:20270327T070000Z", "RRULE:FREQ=DAILY;COUNT=2")))
    assert starts() == ["Sat 27.3. 09:00", "Sun 28.3. 10:00"]


def test_days_left_out_are_days_of_the_series_zone(owner):
    zone = "America/Los_Angeles"
    lines = ["EXDATE:20261216T010000Z", f"EXDATE;TZID={zone}:20261223T170000", "EXDATE;VALUE=DATE:20261230"]
    start = f"DTSTART;TZID={zone}:20261208T170000"
    imported(owner, ics(event(start, "RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE:20261216T010000Z")))
    assert starts() == ["Wed 9.12. 03:00", "Wed 23.12. 03:00", "Wed 30.12. 03:00", "Wed 6.1. 03:00"]
    imported(owner, ics(event(start, "RRULE:FREQ=DAILY;COUNT=3", *lines[:1], uid="2@x", title="Daily")))
    assert starts("Daily") == ["Wed 9.12. 03:00", "Thu 10.12. 03:00", "Fri 11.12. 03:00"]


def test_a_series_changed_and_continued_here_stays_in_its_zone(owner):
    imported(owner, ics(event("DTSTART;TZID=America/Los_Angeles:20261207T170000", "RRULE:FREQ=WEEKLY")))
    series = ActivitySeries.objects.get()
    first = series.activities.order_by("start")[0]
    series_change(activity=first, user=owner, changes={"at": dt.time(18)}, rule="FREQ=WEEKLY;BYDAY=FR", whole=True)
    assert starts()[:2] == ["Sat 12.12. 04:00", "Sat 19.12. 04:00"]
    series_continue(now=NOW + dt.timedelta(weeks=3))
    assert {row.start.astimezone(ZoneInfo("America/Los_Angeles")).weekday() for row in series.activities.all()} == {4}


def test_the_page_names_a_zone_that_is_not_the_readers(owner):
    imported(owner, ics(event("DTSTART;TZID=America/Los_Angeles:20261207T170000", "RRULE:FREQ=WEEKLY;COUNT=3")))
    first = Activity.objects.order_by("start")[0]
    page = Client()
    page.force_login(owner)
    shown = page.get(reverse("activities:series", args=[first.pk])).content.decode()
    assert "every week on Mondays, 3 times (America/Los_Angeles)" in shown
    form = page.get(reverse("activities:series_change", args=[first.pk])).content.decode()
    assert "By the clock of America/Los_Angeles." in form


# The zones of the file


def test_a_zone_of_the_file_holds_whatever_its_name(owner):
    for name in ("Kathmandu office", "Europe/Helsinki"):
        content = event(
            f"DTSTART;TZID={name}:20261209T100000", f"DTEND;TZID={name}:20261209T110000", uid=name, title=name
        )
        imported(owner, ics(vtimezone(name, *NO_SUMMER_TIME), content))
        assert starts(name) == ["Wed 9.12. 06:15"]


def test_a_zone_written_after_its_events_is_read_and_one_calendars_is_not_anothers(owner):
    own = ics(event("DTSTART;TZID=Office:20261209T100000"), vtimezone("Office", *NO_SUMMER_TIME))
    other = ics(event("DTSTART;TZID=Office:20261209T100000", uid="2@x", title="Other"))
    imported(owner, own + other)
    assert (starts("Planning"), starts("Other")) == (["Wed 9.12. 06:15"], ["Wed 9.12. 10:00"])


def test_several_observances_hold_each_in_its_time(owner):
    lines = [
        *observance("STANDARD", "20260101T000000", "+0000", "+0100"),
        *observance("DAYLIGHT", "20261210T000000", "+0100", "+0300", "RDATE:20261220T000000"),
        *observance("STANDARD", "20261215T000000", "+0300", "+0100"),
    ]
    zone = vtimezone("Odd", *lines)
    imported(owner, ics(zone, event("DTSTART;TZID=Odd:20261209T100000", "RRULE:FREQ=WEEKLY;COUNT=3")))
    assert starts() == ["Wed 9.12. 11:00", "Wed 16.12. 11:00", "Wed 23.12. 09:00"]


def test_a_series_in_a_zone_of_the_file_goes_by_it_for_good(owner):
    lines = [
        *observance("STANDARD", "16011104T020000", "-0700", "-0800", "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"),
        *observance("DAYLIGHT", "16010311T020000", "-0800", "-0700", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
    ]
    zone = vtimezone("Pacific by hand", *lines)
    imported(owner, ics(zone, event("DTSTART;TZID=Pacific by hand:20261207T170000", "RRULE:FREQ=WEEKLY")))
    series_continue(now=NOW + dt.timedelta(weeks=60))
    pacific = ZoneInfo("America/Los_Angeles")
    local = [row.start.astimezone(pacific) for row in Activity.objects.all()]
    assert {(time.weekday(), time.hour) for time in local} == {(0, 17)}
    assert len(local) > 70


def test_offsets_agree_with_the_zone_they_were_taken_from():
    zone, changes = ZoneInfo("Europe/Helsinki"), []
    for day in range(3 * 366):
        moment = dt.datetime(2026, 1, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=day)
        seconds = int(moment.astimezone(zone).utcoffset().total_seconds())
        if not changes or changes[-1][1] != seconds:
            changes.append((int(moment.timestamp()), seconds))
    own = OffsetZone("Helsinki", changes)
    for day in (dt.date(2026, 3, 29), dt.date(2026, 7, 1), dt.date(2026, 10, 25), dt.date(2027, 1, 1)):
        for minutes in range(0, 24 * 60, 30):
            for fold in (0, 1):
                local = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
                ours, theirs = (local.replace(tzinfo=one, fold=fold).astimezone(dt.UTC) for one in (own, zone))
                assert ours == theirs
                assert ours.astimezone(own).replace(tzinfo=None) == ours.astimezone(zone).replace(tzinfo=None)


def test_an_unknown_zone_is_told_on_the_page_and_in_the_api(owner):
    types()
    content = ics(event("DTSTART;TZID=Nowhere/Land:20261209T100000")).encode()
    page = Client()
    page.force_login(owner)
    answer = page.post(reverse("calendar:file_import"), {"file": SimpleUploadedFile("c.ics", content)})
    assert "unknown time zone “Nowhere/Land”: your own is used" in page.get(answer["Location"]).content.decode()
    body = {"file": SimpleUploadedFile("c.ics", content)}
    told = page.post("/api/v1/calendar-import/", body, headers={"Accept-Language": "en"}).json()
    assert told["events"][0]["notes"] == ["unknown time zone “Nowhere/Land”: your own is used"]
    assert starts() == ["Wed 9.12. 10:00"]


@pytest.mark.parametrize("name", ["FLE Standard Time", "/mozilla.org/20050126_1/Europe/Helsinki", "europe/helsinki"])
def test_a_known_zone_by_another_name_is_known(owner, name):
    [plan] = plans(owner, ics(event(f"DTSTART;TZID={name}:20261209T100000")))
    assert (plan.event.start.hour, plan.told) == (8, "")


@pytest.mark.parametrize(
    "rule", ["FREQ=SECONDLY", "FREQ=DAILY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=MINUTELY;COUNT=99999999"]
)
def test_a_zone_with_an_endless_rule_takes_no_time(owner, rule):
    lines = observance("STANDARD", "16010101T000000", "+0100", "+0000", f"RRULE:{rule}")
    began = time.thread_time()
    plans(owner, ics(vtimezone("Trap", *lines), event("DTSTART;TZID=Trap:20261209T100000")))
    assert time.thread_time() - began < 2
