"""The table of what people type as a day or a time, on Saturday 28 November 2026."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core import clock
from core.dates import DayField, TimeField
from core.natural_dates import parse_day, parse_moment

TODAY = dt.date(2026, 11, 28)

DAYS = {
    "27.11.": "2026-11-27", "27.11": "2026-11-27", "27/11": "2026-11-27", "27.11.26": "2026-11-27",
    "3.1.": "2027-01-03", "30.5.": "2026-05-30", "27.11.2026": "2026-11-27", "2026-12-24": "2026-12-24",
    "tänään": "2026-11-28", "today": "2026-11-28", "huomenna": "2026-11-29", "Tomorrow": "2026-11-29",
    "ylihuomenna": "2026-11-30", "day after tomorrow": "2026-11-30", "eilen": "2026-11-27",
    "yesterday": "2026-11-27", "toissapäivänä": "2026-11-26",
    "la": "2026-11-28", "ma": "2026-11-30", "maanantaina": "2026-11-30", "mon": "2026-11-30", "friday": "2026-12-04",
    "ensi ma": "2026-11-30", "next sat": "2026-12-05", "viime pe": "2026-11-27", "last sat": "2026-11-21",
    "+3": "2026-12-01", "+2 vk": "2026-12-12", "in 3 days": "2026-12-01", "2 viikon päästä": "2026-12-12",
    "ma 30.11.": "2026-11-30", "maanantai 30.11.2026": "2026-11-30", "Friday 27 Nov 2026": "2026-11-27",
    "27. marraskuuta": "2026-11-27", "3 Jan": "2027-01-03", "5. joulukuuta 2027": "2027-12-05",
}  # fmt: skip
TIMES = {
    "27.11. 13": "2026-11-27T13:00", "27.11 13.30": "2026-11-27T13:30", "eilen 13": "2026-11-27T13:00",
    "eilen klo 13.05": "2026-11-27T13:05", "ma 9": "2026-11-30T09:00", "ma klo 9.30": "2026-11-30T09:30",
    "tomorrow 9:30": "2026-11-29T09:30", "tomorrow at 2pm": "2026-11-29T14:00", "huomenna 14": "2026-11-29T14:00",
    "fri 12 am": "2026-12-04T00:00", "fri 12pm": "2026-12-04T12:00", "13": "2026-11-28T13:00",
    "13.30": "2026-11-28T13:30", "27.11.2026 8": "2026-11-27T08:00", "27.11.": "2026-11-27T09:00",
    "huomenna": "2026-11-29T09:00", "ma 30.11. klo 9": "2026-11-30T09:00", "27. marraskuuta 13": "2026-11-27T13:00",
    "maanantai 30.11.2026 9.00": "2026-11-30T09:00", "Friday 27 Nov 2026 13:00": "2026-11-27T13:00",
    "pe 9.10": "2026-12-04T09:10", "pe 9.10. 8": "2026-10-09T08:00",
}  # fmt: skip
NOTHING = [
    *("31.2.", "29.2.", "32.1.", "xx", "", "ma 25", "13.5.2026.1", "eilen 9.75", "13pm", "+99999", "ensi", "mon tue"),
    *("ti 30.11.", "31. helmikuuta", "29 foo", "ti 30.11. klo 9", "su 30.11.2026"),
]


@pytest.fixture(autouse=True)
def _saturday():
    with clock.frozen(TODAY), timezone.override("Europe/Helsinki"):
        yield


@pytest.mark.parametrize(("text", "day"), DAYS.items())
def test_a_day_is_understood(text, day):
    assert DayField().clean(text) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(("text", "moment"), TIMES.items())
def test_a_time_is_understood(text, moment):
    assert timezone.localtime(TimeField().clean(text)).strftime("%Y-%m-%dT%H:%M") == moment


@pytest.mark.parametrize("text", NOTHING)
def test_what_has_no_one_meaning_is_not_guessed(text):
    assert parse_day(text, TODAY) is None
    assert parse_moment(text, TODAY) is None


def test_now_is_this_moment():
    assert TimeField().clean("nyt") == clock.now()


def test_now_is_this_moment_in_the_hour_that_occurs_twice():
    with clock.frozen(dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC)):
        assert TimeField().clean("nyt").astimezone(dt.UTC) == clock.now()


@pytest.mark.parametrize("text", ["29.3.2026 3:30", "25.10.2026 klo 3.30", "2026-03-29T03:30"])
def test_a_time_that_the_change_of_clocks_leaves_out_or_repeats_is_refused_in_words(text):
    with pytest.raises(ValidationError, match="because summer time begins or ends"):
        TimeField().clean(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "query", "answer"),
    [
        ("fi", {"text": "eilen"}, {"value": "27.11.2026", "words": "perjantai 27.11.2026"}),
        ("en", {"text": "ma 9", "timed": 1}, {"value": "30/11/2026 09:00", "words": "Monday 30 Nov 2026 09:00"}),
    ],
)
def test_the_page_learns_how_it_was_understood(client, language, query, answer):
    client.force_login(UserFactory(language=language))
    assert client.get(reverse("core:understood_date"), query).json() == answer


@pytest.mark.django_db
def test_the_page_learns_what_is_wrong(client):
    client.force_login(UserFactory())
    assert "such as" in client.get(reverse("core:understood_date"), {"text": "xx"}).json()["error"]
