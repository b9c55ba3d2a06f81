"""The calendar files of public bug reports, read from the shared cases: what becomes of each of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from accounts.tests.factories import UserFactory
from activities.calendar.tests.calendars import NOW, imported, plans, starts, when
from activities.log.models import Activity
from core import clock
from core.richtext import to_text
from customers.tests.factories import ContactFactory, CustomerFactory

CASES = Path(settings.BASE_DIR).parent / "shared" / "cases" / "public-2026-11"

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not CASES.exists(), reason="no shared cases")]

TABLE = {
    "ics01": ({"new": 1}, [f"Tue {day} 03:00" for day in ("8.12.", "15.12.", "22.12.", "29.12.", "5.1.", "12.1.")]),
    "ics03": ({"new": 1, "cancelled": 1}, ["Tue 8.12. 10:00", "Tue 22.12. 10:00", "Tue 29.12. 10:00"]),
    "ics04": ({"new": 1}, ["Wed 9.12. 12:00"]),
    "ics06": ({"new": 1}, ["Thu 10.12. 10:00"]),
    "ics07": ({"new": 1}, ["Mon 14.12. 08:00"]),
    "ics09": ({"new": 1}, ["Thu 3.12. 15:00", "Thu 17.12. 15:00", "Thu 31.12. 15:00"]),
    "ics11": ({"new": 1, "refused": 2}, ["Fri 11.12. 12:00"]),
    "ics12": ({"new": 1}, ["Thu 17.12. 10:00"]),
    "ics13": ({"new": 1}, ["Thu 3.12. 09:00", "Thu 10.12. 09:00", "Thu 17.12. 09:00"]),
    "ics14": ({"new": 1}, ["Mon 22.3. 09:00", "Mon 29.3. 09:00", "Mon 5.4. 09:00"]),
    "ics17": ({"new": 1}, ["Fri 18.12. 10:00"]),
}


@pytest.fixture(autouse=True)
def on_28_november_2026():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


def case(name):
    [path] = [*CASES.glob(f"{name}_*.ics"), *CASES.glob(f"passing/{name}_*.ics")]
    return path.read_bytes()


def test_every_file_of_the_cases_is_in_the_table():
    assert {path.name[:5] for path in CASES.glob("**/*.ics")} == TABLE.keys()


@pytest.mark.parametrize("name", TABLE)
def test_a_calendar_file_of_a_public_report_has_the_right_outcome(owner, name):
    results, times = TABLE[name]
    assert imported(owner, case(name)) == results
    assert starts() == times
    again = imported(owner, case(name))
    assert (again.get("new"), again.get("changed"), again.get("cancelled")) == (None, None, None)
    assert starts() == times


def test_the_cancelled_occurrence_is_told(owner):
    [_series, cancelled] = plans(owner, case("ics03"))
    assert (cancelled.result, cancelled.told) == ("cancelled", "It has been cancelled: the series is made without it.")


def test_the_letters_of_a_line_folded_inside_a_character_are_right(owner):
    imported(owner, case("ics06"))
    row = Activity.objects.get()
    assert row.title == "BT06 Käynti Jämsässä"
    assert to_text(row.memo).endswith("aaäiti tässä")


def test_the_fair_of_three_days_ends_on_the_third(owner):
    imported(owner, case("ics07"))
    assert when(Activity.objects.get().end) == "Wed 16.12. 16:00"


def test_apples_attendee_is_found_as_by_mailto(owner):
    customer = CustomerFactory()
    contact = ContactFactory(customer=customer, email="ahmed.aalto@ikosenrakennus.example")
    imported(owner, case("ics12"))
    row = Activity.objects.get()
    assert (row.customer, [*row.contacts.all()]) == (customer, [contact])


def test_negative_lengths_are_told(owner):
    refused = [plan.reason for plan in plans(owner, case("ics11")) if plan.result == "refused"]
    assert refused == ["The end is before the start."] * 2


def test_quoted_printable_of_vcalendar_is_read(owner):
    imported(owner, case("ics17"))
    assert Activity.objects.get().title == "BT17 Käynti"
