"""Rule 14: two working days skip weekends and Finnish public holidays."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from core.working_days import answer_due, is_working_day, working_days_after

HELSINKI = ZoneInfo("Europe/Helsinki")

#: (received on, two working days later); each named by what is in between.
CASES = {
    "an ordinary week": ("2026-11-16", "2026-11-18"),
    "a weekend": ("2026-11-19", "2026-11-23"),
    "Friday": ("2026-11-20", "2026-11-24"),
    "Saturday": ("2026-11-21", "2026-11-24"),
    "Sunday": ("2026-11-22", "2026-11-24"),
    "New Year's Day": ("2025-12-30", "2026-01-02"),
    "Epiphany": ("2026-01-02", "2026-01-07"),
    "Easter": ("2026-04-01", "2026-04-07"),
    "Vappu": ("2026-04-29", "2026-05-04"),
    "Ascension Day": ("2026-05-12", "2026-05-15"),
    "Midsummer": ("2026-06-17", "2026-06-22"),
    "Independence Day": ("2027-12-03", "2027-12-08"),
    "Christmas": ("2026-12-22", "2026-12-28"),
    "Christmas on a weekend": ("2027-12-23", "2027-12-28"),
}


@pytest.mark.parametrize(("heard", "due"), CASES.values(), ids=CASES.keys())
def test_rule_14_two_working_days_skip_weekends_and_public_holidays(heard, due):
    assert working_days_after(dt.date.fromisoformat(heard), 2) == dt.date.fromisoformat(due)


def test_rule_14_feedback_heard_on_friday_evening_is_answered_by_tuesday():
    heard = dt.datetime(2026, 11, 20, 21, 30, tzinfo=HELSINKI)
    assert answer_due(heard) == dt.datetime(2026, 11, 24, 16, 0, tzinfo=HELSINKI)


def test_rule_14_the_day_is_that_of_helsinki():
    heard = dt.datetime(2026, 11, 16, 22, 30, tzinfo=dt.UTC)  # Tuesday 00:30 in Helsinki
    assert answer_due(heard).astimezone(HELSINKI).date() == dt.date(2026, 11, 19)


def test_rule_14_the_due_time_is_the_same_by_the_clock_when_summer_time_begins():
    heard = dt.datetime(2026, 3, 27, 12, 0, tzinfo=HELSINKI)
    assert answer_due(heard) == dt.datetime(2026, 3, 31, 13, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("day", ["2026-12-24", "2026-06-19"])
def test_eves_are_working_days_only_where_the_setting_says_so(settings, day):
    assert not is_working_day(dt.date.fromisoformat(day))
    settings.WORK_ON_EVES = True
    assert is_working_day(dt.date.fromisoformat(day))


def test_the_number_of_days_is_a_setting(settings):
    settings.FEEDBACK_ANSWER_DAYS = 5
    heard = dt.datetime(2026, 11, 16, 12, 0, tzinfo=HELSINKI)
    assert answer_due(heard).date() == dt.date(2026, 11, 23)
