"""Rules of recurrence without the database: dateutil as the judge, the clock's changes, words."""

from __future__ import annotations

import datetime as dt
import time
from contextlib import suppress
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.log.recurrence.rules import FREQUENCIES, MAX_OCCURRENCES, WEEKDAYS, RuleError, occurrences, parse_rule
from activities.log.recurrence.words import in_words

HELSINKI = ZoneInfo("Europe/Helsinki")
YEAR = dt.timedelta(days=400)


def expanded(rule, start, *, length=YEAR, zone=HELSINKI):
    begin = start.replace(tzinfo=zone)
    return list(occurrences(parse_rule(rule), begin, zone, after=begin, before=begin + length))


@st.composite
def rules(draw):
    """Rules that dateutil reads alike and that occur (it searches for others until the year 9999)."""
    freq = draw(st.sampled_from(FREQUENCIES))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 4))}"]
    if draw(st.booleans()):
        counted = freq in ("MONTHLY", "YEARLY") and draw(st.booleans())  # dateutil wants all to be counted, or none
        nth = st.sampled_from(["1", "2", "-1"]) if counted else st.just("")
        days = draw(st.lists(st.tuples(nth, st.sampled_from(WEEKDAYS)), min_size=1, max_size=3, unique=True))
        parts.append("BYDAY=" + ",".join(map("".join, days)))
    elif freq in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        days = draw(st.lists(st.sampled_from([1, 2, 15, 28, -1, -2]), min_size=1, max_size=2, unique=True))
        parts.append("BYMONTHDAY=" + ",".join(map(str, days)))
    return ";".join(parts)


@settings(max_examples=60, deadline=None)
@given(rules(), st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 12, 28)))
def test_a_rule_gives_what_dateutil_gives(rule, start):
    start = start.replace(hour=9, minute=0, second=0, microsecond=0)
    found = [one.astimezone(HELSINKI).replace(tzinfo=None) for one in expanded(rule, start)]
    judged = takewhile(lambda one: one < start + YEAR, rrulestr(rule, dtstart=start))
    assert found == [start, *(one for one in judged if one > start)][:MAX_OCCURRENCES]


@settings(max_examples=30, deadline=None)
@given(st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2027, 12, 28)), st.integers(0, 23), st.integers(0, 59))
def test_the_time_of_day_stays_through_both_changes_of_the_clock(day, hour, minute):
    start = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
    found = [one.astimezone(HELSINKI) for one in expanded("FREQ=DAILY", start)]
    assert len({one.date() for one in found}) == len(found) == 400
    moved = [one for one in found if (one.hour, one.minute) != (hour, minute)]
    assert all(one.month == 3 and one.weekday() == 6 and one.hour == 4 and hour == 3 for one in moved)


def local(times):
    return [f"{one.astimezone(HELSINKI):%d %H:%M%z}" for one in times]


def test_a_time_that_the_clock_skips_moves_on():
    found = expanded("FREQ=DAILY;COUNT=3", dt.datetime(2026, 3, 28, 3, 30))
    assert local(found) == [
        "28 03:30+0200",
        "29 04:30+0300",
        "30 03:30+0300",
    ]


def test_of_a_time_that_is_twice_it_is_the_first():
    found = expanded("FREQ=DAILY;COUNT=3", dt.datetime(2026, 10, 24, 3, 30))
    assert local(found) == [
        "24 03:30+0300",
        "25 03:30+0300",
        "26 03:30+0200",
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYDAY=MO;BYSETPOS=2",
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-366",
        "FREQ=DAILY;COUNT=9999",
        "FREQ=WEEKLY;INTERVAL=999",
    ],
)
def test_no_rule_however_odd_costs_more_than_a_moment(rule):
    begin = time.process_time()
    assert len(expanded(rule, dt.datetime(2025, 1, 1, 9))) <= MAX_OCCURRENCES
    assert time.process_time() - begin < 1


def test_the_end_of_the_calendar_is_no_error():
    assert len(expanded("FREQ=YEARLY", dt.datetime(9998, 1, 1), length=dt.timedelta(days=500))) == 2


@pytest.mark.parametrize(("until", "last"), [("20260305", 5), ("20260305T070000Z", 5), ("20260305T065959Z", 4)])
def test_until_is_a_day_or_a_moment(until, last):
    assert expanded(f"FREQ=DAILY;UNTIL={until}", dt.datetime(2026, 3, 1, 9))[-1].day == last


@given(st.text(max_size=60))
def test_no_text_is_more_than_refused(text):
    with suppress(RuleError):
        assert str(parse_rule(str(parse_rule(text)))) == str(parse_rule(text))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=DAILY;INTERVAL=3;COUNT=5", "every 3 days, 5 times"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
        ("FREQ=WEEKLY;BYDAY=MO,WE", "every week on Mondays and Wednesdays"),
        ("FREQ=WEEKLY;INTERVAL=2", "every other week on Mondays"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "every month on day 15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
        ("FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=-1", "every month on the last Tuesday"),
        ("FREQ=YEARLY", "every year on 30 Nov"),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "by the rule FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1"),
    ],
)
def test_a_rule_is_said_in_words(rule, words):
    with translation.override("en"):
        assert in_words(parse_rule(rule), dt.date(2026, 11, 30)) == words


def test_counted_and_plain_weekdays_stand_side_by_side():
    found = expanded("FREQ=MONTHLY;BYDAY=2SA,TH;COUNT=6", dt.datetime(2026, 11, 5, 9))
    assert [one.day for one in found] == [5, 12, 14, 19, 26, 3]
