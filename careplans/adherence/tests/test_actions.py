"""Which action of a code applies (rule 2), days at their end (rule 1), the calendar's blocks."""

from __future__ import annotations

import datetime as dt
import random
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from careplans.adherence.actions import Action, Entry, Version, history_of, precedence
from careplans.adherence.days import NEVER, at_end_of_day, changes_of, local_day, plus_months, value_on
from careplans.adherence.evaluation import evaluate
from careplans.adherence.occurrences import Fulfilment
from careplans.adherence.periods import Every, Months, NamedMonths, Once, OnEvent, Terms, Unit, Weeks
from careplans.adherence.tests.build import action, day, lines, record, span, under

HELSINKI = ZoneInfo("Europe/Helsinki")
ALWAYS = span("2020-01-01")


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


# The one that applies first, then the next one, and so on. Days: a week 7; "every 60 days" 60; 2 months 60.875; 9 weeks
# 63; a quarter 91.3; two named months 365.25 ÷ 2 = 182.625, exactly half a year (6 × 30.4375): the smaller window
# decides, then the model's code.
IN_ORDER = [
    action(Months(12), is_own=True, is_mandatory=False),
    action(Weeks(1), model="a"),
    action(Every(60)),
    action(Every(2, Unit.MONTH)),
    action(Every(9, Unit.WEEK)),
    action(Months(3)),
    action(NamedMonths((3, 9)), model="a"),
    action(Months(6), model="b"),
    action(NamedMonths((3, 9)), 1, 2, model="a"),
    action(Once(14), model="a"),
    action(OnEvent(frozenset({"order_delivered"}), 3), model="b"),
    action(Weeks(1), is_mandatory=False),
    action(Terms(()), is_mandatory=False),
]


def test_one_action_of_a_code_applies_as_a_whole():
    shuffled = IN_ORDER[:]
    random.Random(1).shuffle(shuffled)
    assert sorted(shuffled, key=precedence) == IN_ORDER


def test_another_winner_is_a_change_of_version():
    weekly, sixty = action(Weeks(1), model="A"), action(Every(60), model="B")
    entries = [
        Entry(sixty, day("2026-01-01")),
        Entry(weekly, day("2026-02-01"), day("2026-03-31")),
        Entry(None, day("2026-03-10"), day("2026-03-12")),
    ]
    expected = (
        Version(day("2026-01-15"), sixty),
        Version(day("2026-02-01"), weekly),
        Version(day("2026-03-10"), None),
        Version(day("2026-03-13"), weekly),
        Version(day("2026-04-01"), sixty),
        Version(day("2026-06-01"), None),
    )
    assert history_of(entries, [span("2026-01-15", "2026-05-31")]) == expected
    assert history_of(entries[::-1], [span("2026-01-15", "2026-05-31")]) == expected


def test_a_segment_back_and_forth_on_one_day_never_happened():
    segments = at_end_of_day(
        [
            (at("2026-03-10T15:00+02:00"), "B"),
            (at("2026-01-01T09:00+02:00"), "B"),
            (at("2026-03-10T10:00+02:00"), "C"),
        ],
        HELSINKI,
    )
    assert segments == [(day("2026-01-01"), "B")]
    assert changes_of(segments) == [(day("2026-01-01"), None, "B")]
    # So nothing starts again: 60 days from 1 January are 2 March, not 9 May.
    entries = [Entry(action(Every(60)), first) for first, segment in segments if segment == "B"]
    found = evaluate(record(history_of(entries, [ALWAYS])), day("2026-03-14"))
    assert lines(found) == ["2026-02-18 2026-03-02 2026-03-14 coming"]


def test_a_change_of_segment_is_an_event_on_its_day():
    segments = at_end_of_day([(at("2026-01-01T09:00+02:00"), "B"), (at("2026-03-10T10:00+02:00"), "A")], HELSINKI)
    assert changes_of(segments)[1:] == [(day("2026-03-10"), "B", "A")]


def test_a_day_is_that_of_the_end_also_near_midnight():
    # 22:30 UTC is 00:30 of the next day in Helsinki.
    assert at_end_of_day([(at("2026-01-31T22:30+00:00"), "B")], HELSINKI) == [(day("2026-02-01"), "B")]
    assert value_on([(day("2026-02-01"), "B")], day("2026-01-31")) is None


def test_a_day_is_local_when_clocks_change():
    # Clocks change on Sunday 29 March 2026 at 03:00. Saturday 22:30 UTC is Sunday 00:30 (+2): week 13. Sunday 21:30 UTC
    # is Monday 00:30 (+3): week 14; with the winter's +2 it would be Sunday, a second one of the day and week 13.
    moments = [at("2026-03-28T22:30+00:00"), at("2026-03-29T21:30+00:00")]
    days = [local_day(moment, HELSINKI) for moment in moments]
    assert days == [day("2026-03-29"), day("2026-03-30")]
    activities = [Fulfilment(number, one, frozenset("x")) for number, one in enumerate(days)]
    found = evaluate(record(under(action(Weeks(1)), span("2026-03-23")), activities), day("2026-04-06"))
    assert lines(found)[:2] == [
        "2026-03-23 2026-03-29 2026-03-29 done",
        "2026-03-30 2026-04-05 2026-04-05 done",
    ]


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_a_month_end_is_clamped(start: str, months: int, end: str):
    assert plus_months(day(start), months) == day(end)


@pytest.mark.parametrize(
    ("frequency", "start", "expected"),
    [
        (Weeks(1), "2026-01-01", ["2025-12-29/2026-01-04", "2026-01-05/2026-01-11"]),
        (Weeks(2), "2026-01-04", ["2025-12-29/2026-01-11", "2026-01-12/2026-01-25"]),
        # 2000-12-25 is a Monday, a week before the origin.
        (Weeks(1), "2000-12-31", ["2000-12-25/2000-12-31", "2001-01-01/2001-01-07"]),
        (Months(3), "2026-05-15", ["2026-04-01/2026-06-30", "2026-07-01/2026-09-30"]),
        # 25 years × 12 = 300 months = 60 × 5: a block of five months begins in January 2026.
        (Months(5), "2026-02-01", ["2026-01-01/2026-05-31", "2026-06-01/2026-10-31"]),
        # Two years from 2001: 2025 and 2026.
        (Months(24), "2026-02-01", ["2025-01-01/2026-12-31", "2027-01-01/2028-12-31"]),
        (NamedMonths((9, 3)), "2026-03-31", ["2026-03-01/2026-03-31", "2026-09-01/2026-09-30"]),
        (Terms((span("2026-08-10", "2026-12-20"), span("2026-01-07", "2026-05-31"))), "2026-05-31",
         ["2026-01-07/2026-05-31", "2026-08-10/2026-12-20"]),
    ],
)  # fmt: skip
def test_blocks(frequency, start: str, expected: list[str]):
    assert [f"{first}/{last}" for first, last in islice(frequency.blocks(day(start)), 2)] == expected


def test_windows_of_an_interval_may_not_overlap():
    with pytest.raises(ValueError, match="fewer"):
        action(Every(10), 5, 5)
    with pytest.raises(ValueError, match="fewer"):
        action(Every(1, Unit.MONTH), 14, 14)
    assert (action(Every(10), 5, 4).days_before, action(Every(59)).days_after) == (5, 11)


def test_defaults_of_the_window():
    # Two weeks: 14 ÷ 5 = 2.8; two months: 60.875 ÷ 5 = 12.175; both rounded down.
    defaults = {Every(2, Unit.WEEK): 2, Every(2, Unit.MONTH): 12, Months(12): 0, Once(30): 0}
    assert {one: Action(one).days_before for one in defaults} == defaults
    assert {one: Action(one).days_after for one in defaults} == defaults


def test_open_ends_have_no_day_after():
    assert history_of([Entry(action(Weeks(1)), dt.date.min, NEVER)], [span("2026-01-01")])[-1].action is not None
