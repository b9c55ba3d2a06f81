"""The evaluation against a plain one that walks from day to day, over random plans and random work."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from careplans.adherence.evaluation import CareRecord, Evaluation, evaluate
from careplans.adherence.figures import Figures, figures_of, in_period, sums, value_on_due_day
from careplans.adherence.looks import next_look
from careplans.adherence.matching import Reason
from careplans.adherence.occurrences import Occurrence, State
from careplans.adherence.periods import Kind
from careplans.adherence.tests.random_records import LENGTH, day_of, random_record
from careplans.adherence.tests.reference import reference

RANDOM = settings(max_examples=200, deadline=None)
#: Each seed makes another record; they are drawn by hypothesis, which repeats the one that failed.
SEEDS = st.integers(0, 2**40)
ONE_DAY = dt.timedelta(days=1)


def drawn(seed: int) -> tuple[Random, CareRecord, dt.date, dt.date]:
    """A record with a day of evaluation and a horizon."""
    random = Random(seed)
    record, day = random_record(random), day_of(random, 20)
    return random, record, day, day + dt.timedelta(days=random.randint(0, 100))


def said(evaluation: Evaluation) -> dict[str, list[tuple[Any, ...]]]:
    return {code: [in_words(one) for one in occurrences] for code, occurrences in evaluation.occurrences.items()}


def in_words(one: Occurrence) -> tuple[Any, ...]:
    completed_by = one.completed_by.id if one.completed_by else None
    return tuple(one.key), one.first, one.due, one.last, str(one.state), completed_by


def everything(evaluation: Evaluation) -> list[Occurrence]:
    return [one for occurrences in evaluation.occurrences.values() for one in occurrences]


@RANDOM
@example(48_468)  # a person names a window that is due months after the record's last day
@given(SEEDS)
def test_it_says_the_same_as_a_walk_from_day_to_day(seed: int) -> None:
    _random, record, day, until = drawn(seed)
    assert said(evaluate(record, day, until)) == reference(record, day, until)


@RANDOM
@given(SEEDS)
def test_neither_the_order_of_what_is_known_nor_the_number_of_runs_matters(seed: int) -> None:
    random, record, day, until = drawn(seed)
    first = evaluate(record, day, until)
    shuffled = CareRecord(
        {code: record.histories[code] for code in random.sample(sorted(record.histories), len(record.histories))},
        random.sample(list(record.fulfilments), len(list(record.fulfilments))),
        random.sample(list(record.events), len(list(record.events))),
        random.sample(list(record.decisions), len(list(record.decisions))),
        random.sample(list(record.corrections), len(list(record.corrections))),
    )
    again = evaluate(shuffled, day, until)
    assert said(again) == said(first) == said(evaluate(record, day, until))
    assert {(one.fulfilment.id, one.code, one.reason) for one in again.verdicts} == {
        (one.fulfilment.id, one.code, one.reason) for one in first.verdicts
    }


@RANDOM
@given(SEEDS)
def test_what_is_done_later_changes_nothing_and_a_longer_horizon_only_adds(seed: int) -> None:
    _random, record, day, until = drawn(seed)
    found = evaluate(record, day, until)
    known = replace(record, fulfilments=[one for one in record.fulfilments if one.day <= day])
    assert said(evaluate(known, day, until)) == said(found)
    near = [in_words(one) for one in everything(evaluate(record, day))]
    assert near == [in_words(one) for one in everything(found) if one.first <= day or one.key.kind is Kind.INTERVAL]


@RANDOM
@given(SEEDS)
def test_nothing_completes_two_or_is_completed_twice(seed: int) -> None:
    _random, record, day, until = drawn(seed)
    found = evaluate(record, day, until)
    completed = [one for one in everything(found) if one.completed_by]
    of_a_day = Counter((one.code, one.completed_by.day) for one in completed)
    unshared = Counter(one.completed_by.id for one in completed if not one.action.is_shared)
    assert max([*of_a_day.values(), *unshared.values()], default=1) == 1
    assert len({one.key for one in everything(found)}) == len(everything(found))
    counted = {Reason.COUNTED, Reason.COUNTED_LATE, Reason.CORRECTED}
    verdicts = [(one.fulfilment.id, one.code) for one in found.verdicts]
    assert len(set(verdicts)) == len(verdicts)
    assert all((one.occurrence is not None) == (one.reason in counted) for one in found.verdicts)


@RANDOM
@given(SEEDS)
def test_figures_add_up(seed: int) -> None:
    random, record, day, until = drawn(seed)
    occurrences = everything(evaluate(record, day, until))
    counted = [one for one in occurrences if one.state is not State.SKIPPED]
    scheduled = {one.key for one in random.sample(occurrences, len(occurrences) // 2)}
    total = figures_of(occurrences, scheduled)
    assert (total.planned, total.due + total.coming) == (len(counted), len(counted))
    assert total.coming == total.already_done + total.scheduled + total.unscheduled
    segments = [(day_of(random, 0, 60), "B"), (day_of(random, 61), "A")]
    for row_of in (value_on_due_day(segments), lambda one: one.code, lambda one: one.due.month):
        assert sum(sums(occurrences, row_of, scheduled).values(), Figures()) == total
    first, middle = min([one.last for one in occurrences], default=day), day_of(random)
    last = max([day, *(one.last for one in occurrences)]) + ONE_DAY * LENGTH
    halves = [
        figures_of(in_period(occurrences, span), scheduled) for span in ((first, middle), (middle + ONE_DAY, last))
    ]
    assert sum(halves, Figures()) == total


@RANDOM
@given(SEEDS)
def test_days_that_pass_change_no_past_figure(seed: int) -> None:
    """Only corrections and back-dated entries do: missed becomes late at most, what is over stays."""
    _random, record, day, until = drawn(seed)
    record = replace(record, corrections=[])
    later = evaluate(record, until, until)
    for code, occurrences in evaluate(record, day, until).occurrences.items():
        known = {one.key: one for one in later.occurrences[code]}
        for one in occurrences:
            if one.state in (State.DONE, State.LATE):
                assert in_words(known[one.key]) == in_words(one)
            elif one.state is State.MISSED:
                assert known[one.key].state in (State.MISSED, State.LATE)


@RANDOM
@given(SEEDS)
def test_until_the_next_look_nothing_differs(seed: int) -> None:
    random, record, day, _until = drawn(seed)
    until = day + dt.timedelta(days=120)
    evaluation = evaluate(record, day, until)
    following = next_look(record, evaluation) or until
    later = day + dt.timedelta(days=random.randint(0, max((following - day).days - 1, 0)))
    assert said(evaluate(record, later, until)) == said(evaluation)
