"""Days and times as people type them."""

from __future__ import annotations

import datetime as dt

import pytest
from django import forms
from django.utils import timezone, translation

from core.dates import DayField, TimeField
from core.filters import AnyDayField


class When(forms.Form):
    day = DayField(required=False)
    time = TimeField(required=False)


@pytest.fixture(params=["fi", "en"])
def language(request: pytest.FixtureRequest) -> object:
    with translation.override(request.param), timezone.override("Europe/Helsinki"):
        yield request.param


DAYS = ["21.3.2026", "21.03.2026", "21.3.26", "2026-03-21", "21/3/2026", "21/03/2026", "  21.3.2026 "]
TIMES = [
    "2.3.2026 9.00", "2.3.2026 9:00", "2.3.2026 klo 9.00", "2.3.2026 klo 9:00", "02.03.2026 09.00",
    "2026-03-02T09:00", "2026-03-02 09:00", "2/3/2026 9:00", "2/3/2026 at 9:00", "2.3.2026  KLO  9.00",
]  # fmt: skip


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_understood_in_every_form(language: str, text: str) -> None:
    form = When({"day": text})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["day"] == dt.date(2026, 3, 21)


def test_a_day_of_an_address_is_shown_as_the_language_writes_it(language: str) -> None:
    shown = "21.03.2026" if language == "fi" else "21/03/2026"

    assert f'value="{shown}"' in str(When({"day": "2026-03-21"})["day"])
    assert 'value="soon"' in str(When({"day": "soon"})["day"])


@pytest.mark.parametrize("text", TIMES)
def test_a_time_is_understood_in_every_form(language: str, text: str) -> None:
    form = When({"time": text})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["time"] == timezone.make_aware(dt.datetime(2026, 3, 2, 9))


@pytest.mark.parametrize("text", ["31.2.2026", "someday", "2026", "32.3.", "klo", "1.1.99999", "x" * 100, "٣.٣.\u202e"])
def test_what_is_no_day_has_its_message(language: str, text: str) -> None:
    form = When({"day": text, "time": text})

    assert set(form.errors) == {"day", "time"}
    day, time = ("21.11.2026", "21.11.2026 14.05") if language == "fi" else ("21/11/2026", "21/11/2026 14:05")
    assert day in str(form.errors["day"])
    assert time in str(form.errors["time"])


@pytest.mark.parametrize("text", ["1.1.0001", "31.12.1899", "1.1.2200", "31.12.9999"])
def test_a_day_far_away_is_a_slip_in_a_form_but_not_in_a_filter(language: str, text: str) -> None:
    assert "day" in When({"day": text}).errors
    assert AnyDayField().clean(text)


@pytest.mark.parametrize(
    ("code", "day", "time"), [("fi", "02.03.2026", "02.03.2026 09.05"), ("en", "02/03/2026", "02/03/2026 09:05")]
)
def test_a_field_shows_its_value_in_the_form_of_the_language(code: str, day: str, time: str) -> None:
    with translation.override(code), timezone.override("Europe/Helsinki"):
        moment = timezone.make_aware(dt.datetime(2026, 3, 2, 9, 5, 30))
        form = When(initial={"day": moment.date(), "time": moment})
        shown = str(form["day"]), str(form["time"])

    assert f'value="{day}"' in shown[0]
    assert f'value="{time}"' in shown[1]


def test_a_field_can_be_picked_from_the_browsers_calendar() -> None:
    form = When()

    assert 'type="date"' in str(form["day"])
    assert 'type="datetime-local"' in str(form["time"])
    assert str(form["day"]).count("name=") == 1
