"""Figures computed by hand: periods, adherence, pace, overdue contact, reach, rows, capacity."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from fractions import Fraction

import pytest

from careplans.adherence.capacity import Load, available_hours, hours_by_week, loads, works_of
from careplans.adherence.evaluation import CareRecord, Evaluation, evaluate
from careplans.adherence.figures import (
    Figures,
    Pace,
    Reach,
    by_default,
    extra_of,
    figures_of,
    in_period,
    is_contact_overdue,
    pace_of,
    percent,
    reach_of,
    responsible_of,
    sums,
    value_on_due_day,
)
from careplans.adherence.periods import Every, Months, NamedMonths, Weeks
from careplans.adherence.tests.build import (
    X,
    action,
    calendar_key,
    corrected,
    day,
    done,
    record,
    skip,
    span,
    under,
)

JANUARY = span("2026-01-01", "2026-01-31")
FROM_5 = span("2026-01-05")
CONTACT = action(Weeks(1), is_contact=True)


def evaluated(one: CareRecord, text: str, until: str = "") -> Evaluation:
    return evaluate(one, day(text), day(until or text))


def figures(found: Evaluation, first: str, last: str, scheduled: Collection = ()) -> Figures:
    return figures_of(in_period(found.occurrences[X], span(first, last)), scheduled)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, None), (0, 200, 0), (1, 200, 1), (2, 3, 66), (199, 200, 99), (200, 200, 100), (5, 1000, 1)],
)
def test_per_cent_are_rounded_down_but_one_if_there_is_any(part: int, whole: int, shown: int | None):
    assert percent(part, whole) == shown


def test_the_figures_of_a_month():
    # On 20 January: week 2 missed (over on the 11th), week 3 done, week 4 coming; week 5 ends on 1 February.
    found = evaluated(record(under(CONTACT, FROM_5), done("2026-01-13")), "2026-01-20", "2026-02-10")
    january = figures(found, "2026-01-01", "2026-01-31", {calendar_key("2026-01-25")})
    assert january == Figures(done=1, missed=1, coming=1, scheduled=1)
    assert (january.due, january.planned, january.unscheduled, january.adherence) == (2, 3, 0, 50)
    assert figures(found, "2026-01-01", "2026-01-31").unscheduled == 1


def test_an_occurrence_belongs_to_the_period_in_which_its_window_ends():
    # December 2026 + 10 days: until 10 January 2027.
    christmas = record(
        under(action(NamedMonths((12,)), after=10), span("2026-01-01", "2027-06-30")), done("2026-12-15")
    )
    found = evaluated(christmas, "2027-02-01")
    assert figures(found, "2026-01-01", "2026-12-31").adherence is None
    assert figures(found, "2027-01-01", "2027-12-31").adherence == 100


def test_late_leaves_adherence_as_it_is():
    # Week 2 missed, week 3 done: 1 of 2. The activity of the 14th makes week 2 late: 1 of 2 still.
    before = evaluated(record(under(CONTACT, FROM_5), done("2026-01-13")), "2026-01-19")
    after = evaluated(record(under(CONTACT, FROM_5), done("2026-01-13", "2026-01-14")), "2026-01-19")
    assert figures(before, "2026-01-01", "2026-01-20") == Figures(done=1, missed=1)
    assert figures(after, "2026-01-01", "2026-01-20") == Figures(done=1, late=1)
    assert figures(after, "2026-01-01", "2026-01-20").adherence == 50


def test_skipped_and_untracked_ones_are_in_no_figure():
    skipped = record(under(CONTACT, FROM_5), decisions=[skip(calendar_key("2026-01-11"), "2026-01-05")])
    assert figures(evaluated(skipped, "2026-01-12"), "2026-01-01", "2026-01-11") == Figures()
    untracked = record(under(action(Weeks(1), is_tracked=False), FROM_5))
    assert figures(evaluated(untracked, "2026-01-12"), "2026-01-01", "2026-01-11") == Figures()


def test_figures_mean_mandatory_actions_toward_customers():
    kinds = [{}, {"is_mandatory": False}, {"scope": "internal"}, {"scope": "statutory"}]
    found = [evaluated(record(under(action(Weeks(1), **facts), FROM_5)), "2026-01-12") for facts in kinds]
    assert [by_default(one.occurrences[X][0]) for one in found] == [True, False, False, False]


def test_extra_is_counted_apart():
    # Monday completes week 3, Tuesday week 2 (late), Wednesday nothing.
    one = record(under(CONTACT, FROM_5), done("2026-01-12", "2026-01-13", "2026-01-14"))
    assert extra_of(evaluated(one, "2026-01-19"), X, JANUARY) == 1


def test_the_pace_is_behind_with_any_missed_and_ahead_when_a_coming_one_is_done():
    assert Figures(done=9, missed=1, coming=2, already_done=1).pace is Pace.BEHIND
    assert Figures(done=9, late=1, coming=2, already_done=1).pace is Pace.AHEAD
    assert Figures(done=9, coming=2).pace is Pace.ON_SCHEDULE
    assert Figures().pace is None
    assert pace_of([Figures(done=1), Figures(missed=1), Figures(coming=1, already_done=1)]) is Pace.BEHIND
    assert pace_of([Figures(done=1), Figures(coming=1, already_done=1)]) is Pace.AHEAD
    assert pace_of([Figures(done=1), Figures()]) is Pace.ON_SCHEDULE


@pytest.mark.parametrize(
    ("activities", "on", "is_overdue"),
    [
        ((), "2026-01-11", False),  # week 2 is not over on its last day
        ((), "2026-01-12", True),
        (("2026-01-12",), "2026-01-12", False),  # week 3 is completed
        (("2026-01-12",), "2026-01-26", True),  # the newest is week 4
        (("2026-01-12", "2026-01-13"), "2026-01-13", False),  # week 2 is late, not missed
    ],
)
def test_contact_is_overdue_when_the_newest_window_was_missed(activities, on: str, is_overdue: bool):
    assert is_contact_overdue(evaluated(record(under(CONTACT, FROM_5), done(*activities)), on)) is is_overdue


def test_contact_is_not_overdue_with_who_has_left_or_where_it_is_no_contact():
    left = record(under(CONTACT, span("2026-01-05", "2026-01-20")))
    assert not is_contact_overdue(evaluated(left, "2026-01-21"))
    assert is_contact_overdue(evaluated(left, "2026-01-20"))
    for facts in ({"is_contact": False}, {"is_contact": True, "is_mandatory": False}):
        assert not is_contact_overdue(evaluated(record(under(action(Weeks(1), **facts), FROM_5)), "2026-01-20"))


def test_reach_is_the_share_of_customers_with_a_contact_in_the_period():
    sixty = action(Every(60), is_contact=True)
    history = under(sixty, span("2026-01-01"))
    # 20 January is before the window of 18 February: it completes nothing and is a contact.
    early = evaluated(record(history, done("2026-01-20")), "2026-02-05")
    nothing = evaluated(record(history, done("2026-02-02")), "2026-02-05")
    excluded = evaluated(
        record(under(sixty, span("2026-01-01")), done("2026-01-20"), corrections=[corrected(1, None)]), "2026-02-05"
    )
    reaches = [reach_of(one, {X: history}, JANUARY) for one in (early, nothing, excluded)]
    assert reaches == [Reach(1, 1), Reach(1, 0), Reach(1, 0)]
    assert sum(reaches, Reach()).percent == 33
    # Only who is under it on 31 January counts.
    assert reach_of(early, {X: under(sixty, span("2026-01-01", "2026-01-30"))}, JANUARY) == Reach(0, 0)
    assert reach_of(early, {X: under(action(Every(60)), span("2026-01-01"))}, JANUARY) == Reach(0, 0)
    assert Reach().percent is None


def test_an_occurrence_is_of_who_has_it_on_the_due_day():
    one = action(Months(3), responsible=("owner", "key_account_manager"))
    first = evaluated(record(under(one, span("2026-01-01")), done("2026-02-10")), "2026-04-01").occurrences[X][0]
    anna_then_ben = [(day("2025-01-01"), "Anna"), (day("2026-03-16"), "Ben")]
    assert responsible_of(first, {"owner": anna_then_ben}) == "Ben"
    # The owner left on 20 March: the next role that has a holder on 31 March, else nobody.
    left = [*anna_then_ben, (day("2026-03-20"), None)]
    kaisa = [(day("2026-03-31"), "Kaisa")]
    assert responsible_of(first, {"owner": left, "key_account_manager": kaisa}) == "Kaisa"
    assert responsible_of(first, {"owner": left}) is None
    # An interval is due on the day on which it was done: 20 February is Anna's.
    sixty = action(Every(60), responsible=("owner",))
    other = evaluated(record(under(sixty, span("2026-01-01")), done("2026-02-20")), "2026-04-01").occurrences[X][0]
    assert responsible_of(other, {"owner": anna_then_ben}) == "Anna"


def test_rows_have_the_segment_of_the_due_day_and_add_up():
    found = evaluated(record(under(CONTACT, FROM_5), done("2026-01-13")), "2026-02-02").occurrences[X]
    rows = sums(found, value_on_due_day([(day("2026-01-12"), "B"), (day("2026-01-26"), "A")]))
    # Week 2 ends on 11 January, before any segment; weeks 3 and 4 on the 18th and 25th; 5 and 6 in A.
    assert rows == {None: Figures(missed=1), "B": Figures(done=1, missed=1), "A": Figures(missed=1, coming=1)}
    assert sum(rows.values(), Figures()) == figures_of(found)


# --- capacity ------------------------------------------------------------------------------------------------------

NEW_YEAR = day("2026-01-01")
EIGHT_HOURS = action(Weeks(2), hours=Decimal(8))


def is_working_day(one) -> bool:
    return one.weekday() < 5 and one != NEW_YEAR


def hours(found: Evaluation, **entries) -> dict[str, Fraction]:
    days = {calendar_key(key): value for key, value in entries.items()}
    by_week = hours_by_week(works_of(found.occurrences[X], days), is_working_day)
    return {str(monday): value for monday, value in by_week.items()}


def test_hours_without_an_entry_fall_evenly_on_the_working_days_of_the_window():
    # 29 December to 11 January without weekends and 1 January: 4 + 5 = 9 days of 8 ÷ 9 hours.
    found = evaluated(record(under(EIGHT_HOURS, span("2025-12-29", "2026-01-11"))), "2026-01-12")
    assert hours(found) == {"2025-12-29": Fraction(32, 9), "2026-01-05": Fraction(40, 9)}


def test_hours_fall_in_the_week_of_the_entry_or_of_what_completed_it():
    plan = under(EIGHT_HOURS, span("2025-12-29", "2026-01-11"))
    entries = {calendar_key("2026-01-11"): day("2026-01-13")}
    found = evaluated(record(plan), "2026-01-05")
    assert hours_by_week(works_of(found.occurrences[X], entries), is_working_day) == {day("2026-01-12"): 8}
    found = evaluated(record(plan, done("2025-12-30")), "2026-01-05")
    assert hours_by_week(works_of(found.occurrences[X], entries), is_working_day) == {day("2025-12-29"): 8}


def test_a_window_without_a_working_day_has_its_hours_on_the_due_day():
    # Due on Sunday 4 January, one day after Saturday 3 January; window of those days only.
    weekend = action(Every(3), 0, 0, hours=Decimal(2))
    found = evaluated(record(under(weekend, span("2026-01-01", "2026-01-04"))), "2026-01-05")
    assert hours(found) == {"2025-12-29": Fraction(2)}


def test_skipped_and_untracked_work_takes_no_hours():
    plan = under(EIGHT_HOURS, span("2025-12-29", "2026-01-11"))
    assert (
        hours(evaluated(record(plan, decisions=[skip(calendar_key("2026-01-11"), "2026-01-05")]), "2026-01-12")) == {}
    )
    untracked = action(Weeks(2), hours=Decimal(8), is_tracked=False)
    assert hours(evaluated(record(under(untracked, span("2025-12-29", "2026-01-11"))), "2026-01-12")) == {}


def test_available_hours_are_working_days_less_absences():
    # 4 working days × 7.5 = 30; a day away (9 hours count as 7.5) and two hours of another: 30 − 7.5 − 2 = 20.5.
    absent = {day("2025-12-29"): Decimal(9), day("2025-12-30"): Decimal(2), NEW_YEAR: Decimal("7.5")}
    available = available_hours(
        day("2025-12-29"), daily_hours=Decimal("7.5"), absent=absent, is_working_day=is_working_day
    )
    assert available == Fraction(41, 2)


def test_a_week_without_hours_is_an_overload_without_a_percentage():
    week = loads({day("2026-01-05"): Fraction(8), day("2025-12-29"): Fraction(32, 9)}, lambda _monday: Fraction(0))
    assert list(week) == [day("2025-12-29"), day("2026-01-05")]
    assert [(one.percent, one.is_overload) for one in week.values()] == [(None, True), (None, True)]
    # 32 ÷ 9 of 20.5 hours: 17.3 %, rounded up; 100.1 % is more than all.
    assert Load(Fraction(32, 9), Fraction(41, 2)).percent == 18
    assert (Load(Fraction(1001, 10), Fraction(100)).percent, Load(Fraction(20), Fraction(20)).is_overload) == (
        101,
        False,
    )
