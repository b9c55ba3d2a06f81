"""Several actions of one customer: what is shared, what one activity completes, and why it counts or does not."""

from __future__ import annotations

from careplans.adherence.evaluation import CareRecord, evaluate
from careplans.adherence.occurrences import Fulfilment, State
from careplans.adherence.periods import Every, Months, Weeks
from careplans.adherence.tests.build import (
    action,
    calendar_key,
    corrected,
    day,
    done,
    lines,
    reasons,
    record,
    skip,
    span,
    under,
)
from careplans.adherence.work import Phase, work_for

YEAR_2026 = span("2026-01-01")


def customer(activities, **actions) -> CareRecord:
    return CareRecord({code: under(one, YEAR_2026) for code, one in actions.items()}, activities)


def test_a_shared_action_takes_nothing_and_of_the_others_the_one_that_ends_first_is_completed():
    # 7 January: week 2 (5 to 11 January), the first quarter (to 31 March), the first half-year (to 30 June).
    found = evaluate(
        customer(
            done("2026-01-07", fits=("contact", "meeting", "planning")),
            contact=action(Weeks(1), is_shared=True),
            planning=action(Months(6)),
            meeting=action(Months(3)),
        ),
        day("2026-01-12"),
    )
    assert lines(found, "contact")[1] == "2026-01-05 2026-01-11 2026-01-11 done"
    assert lines(found, "meeting") == ["2026-01-01 2026-03-31 2026-03-31 coming*"]
    assert lines(found, "planning") == ["2026-01-01 2026-06-30 2026-06-30 coming"]
    assert [reasons(found, code)[1] for code in ("contact", "meeting", "planning")] == [
        "counted",
        "counted",
        "other_action",
    ]


def test_two_equal_ends_are_decided_by_the_code():
    found = evaluate(
        customer(done("2026-01-07", fits=("b", "a")), b=action(Months(3)), a=action(Months(3))), day("2026-01-08")
    )
    assert lines(found, "a") == ["2026-01-01 2026-03-31 2026-03-31 coming*"]
    assert lines(found, "b") == ["2026-01-01 2026-03-31 2026-03-31 coming"]


def test_a_window_of_one_action_is_before_a_late_one_of_another():
    # 12 January: week 2 of a is over and missed, b has until 31 March; a's own week 3 was done by the first activity.
    found = evaluate(
        customer(
            [*done("2026-01-12", fits=("a",)), *done("2026-01-13", fits=("a", "b"), number=2)],
            a=action(Weeks(1)),
            b=action(Months(3)),
        ),
        day("2026-01-19"),
    )
    assert [line.split()[-1] for line in lines(found, "a")] == ["missed", "missed", "done", "coming"]
    assert lines(found, "b")[0].endswith("coming*")


def test_two_activities_of_a_day_complete_two_actions():
    found = evaluate(
        customer(
            done("2026-01-07", "2026-01-07", fits=("a", "b")),
            a=action(Months(1)),
            b=action(Months(3)),
        ),
        day("2026-01-08"),
    )
    assert lines(found, "a")[0].endswith("*")
    assert lines(found, "b")[0].endswith("*")
    assert reasons(found, "a") == {1: "counted", 2: "same_day"}
    assert reasons(found, "b") == {1: "other_action", 2: "counted"}


def test_what_completes_another_action_still_moves_the_due_day_of_an_interval():
    # 31 January completes the quarter; before the window of 18 February it moves 60 days to 1 April, until 13 April.
    found = evaluate(
        customer(done("2026-01-31", fits=("a", "b")), a=action(Every(60)), b=action(Months(3))), day("2026-02-01")
    )
    assert lines(found, "a") == ["2026-02-18 2026-04-01 2026-04-13 coming"]
    assert lines(found, "b") == ["2026-01-01 2026-03-31 2026-03-31 coming*"]
    assert reasons(found, "a") == {1: "early"}


def test_a_correction_for_one_action_takes_the_activity_from_the_others():
    # Without it the month, which ends first, would be completed.
    found = evaluate(
        CareRecord(
            {"a": under(action(Months(1)), YEAR_2026), "b": under(action(Months(3)), YEAR_2026)},
            done("2026-01-07", fits=("a",)),
            corrections=[corrected(1, calendar_key("2026-03-31", "b"), "b")],
        ),
        day("2026-01-08"),
    )
    assert (reasons(found, "a"), reasons(found, "b")) == ({1: "other_action"}, {1: "corrected"})
    assert lines(found, "a")[0].endswith("coming")
    assert lines(found, "b")[0].endswith("coming*")


def test_a_correction_without_effect_leaves_the_activity_to_what_it_fits():
    # There is no block that ends on 30 March. The activity does not fit b, and so completes nothing of it.
    found = evaluate(
        CareRecord(
            {"a": under(action(Months(1)), YEAR_2026), "b": under(action(Months(3)), YEAR_2026)},
            done("2026-01-07", fits=("a",)),
            corrections=[corrected(1, calendar_key("2026-03-30", "b"), "b")],
        ),
        day("2026-01-08"),
    )
    assert (reasons(found, "a"), reasons(found, "b")) == ({1: "counted"}, {})
    assert lines(found, "b")[0].endswith("coming")


def test_one_activity_is_not_given_to_two_actions_that_do_not_share_it():
    # a comes first by its code; the window of b is free again for the second activity.
    found = evaluate(
        CareRecord(
            {"a": under(action(Months(1)), YEAR_2026), "b": under(action(Months(3)), YEAR_2026)},
            done("2026-01-07", "2026-01-08", fits=("b",)),
            corrections=[
                corrected(1, calendar_key("2026-03-31", "b"), "b"),
                corrected(1, calendar_key("2026-01-31", "a"), "a"),
            ],
        ),
        day("2026-01-09"),
    )
    assert (reasons(found, "a"), reasons(found, "b")) == ({1: "corrected"}, {1: "other_action", 2: "counted"})


def test_of_one_day_the_activity_that_a_person_has_named_counts():
    weekly = record(
        under(action(Weeks(1)), span("2026-01-05")),
        done("2026-01-07", "2026-01-07"),
        corrections=[corrected(2, calendar_key("2026-01-11"))],
    )
    assert reasons(evaluate(weekly, day("2026-01-12"))) == {1: "same_day", 2: "corrected"}


def test_every_reason_is_given():
    weekly = record(
        under(action(Weeks(1)), span("2026-01-05", "2026-01-25")),
        done("2026-01-01", "2026-01-12", "2026-01-13", "2026-01-13", "2026-01-14", "2026-01-20", "2026-02-05"),
        corrections=[corrected(6, None)],
    )
    assert reasons(evaluate(weekly, day("2026-02-06"))) == {
        1: "not_under",
        2: "counted",
        3: "counted_late",
        4: "same_day",
        5: "extra",
        6: "excluded",
        7: "not_under",
    }


def test_other_things_done_count_by_their_day_like_activities():
    sent = Fulfilment(7, day("2026-03-05"), frozenset("x"), source="campaign")
    found = evaluate(record(under(action(Months(3)), YEAR_2026), [sent]), day("2026-04-01"))
    assert lines(found)[0].endswith("done")
    assert found.occurrences["x"][0].completed_by is sent


def test_an_untracked_action_has_no_other_state():
    found = evaluate(record(under(action(Months(3), is_tracked=False), YEAR_2026)), day("2026-04-01"))
    assert {one.state for one in found.occurrences["x"]} == {State.UNTRACKED}


# --- the work for a calendar -------------------------------------------------------------------------------------


def work(one: CareRecord, text: str, horizon: int = 90):
    on = day(text)
    until = on.fromordinal(on.toordinal() + horizon)
    return work_for(evaluate(one, on, until), "x", until)


def of(found) -> tuple[str, str]:
    return found.phase, str(found.occurrence.due)


def test_work_is_for_the_open_window_then_for_the_next_one_when_that_is_done():
    weekly = record(under(action(Weeks(1)), span("2026-01-05")), done("2026-01-14"))
    assert of(work(weekly, "2026-01-13")) == (Phase.OPEN, "2026-01-18")
    assert of(work(weekly, "2026-01-14")) == (Phase.NEXT, "2026-01-25")


def test_missed_work_stays_until_the_next_window_opens():
    # Window to 14 March, the next from 19 April.
    sixty = record(under(action(Every(60)), YEAR_2026))
    assert of(work(sixty, "2026-02-01")) == (Phase.NEXT, "2026-03-02")
    assert of(work(sixty, "2026-03-15")) == (Phase.OVERDUE, "2026-03-02")
    assert of(work(sixty, "2026-04-18")) == (Phase.OVERDUE, "2026-03-02")
    assert of(work(sixty, "2026-04-19")) == (Phase.OPEN, "2026-05-01")


def test_there_is_no_work_beyond_the_horizon_and_none_for_what_was_skipped():
    sixty = record(under(action(Every(60)), YEAR_2026))
    assert work(sixty, "2026-01-02", horizon=30) is None
    quarter = record(under(action(Months(3)), YEAR_2026), decisions=[skip(calendar_key("2026-03-31"), "2026-01-05")])
    assert of(work(quarter, "2026-01-06")) == (Phase.NEXT, "2026-06-30")
