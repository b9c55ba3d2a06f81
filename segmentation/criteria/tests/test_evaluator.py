""" "How a rule is evaluated", sentence by sentence, by tables computed by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from customers.tests.factories import CustomerFactory
from segmentation.criteria.tests.conftest import DAY, Evaluate, at_least, at_most, group, score, top, tree
from segmentation.criteria.tests.reference import One, Person

pytestmark = pytest.mark.django_db
A, B, C = 101, 102, 103


def person(standing: int | None = None, *, days: int = 1_000, criteria: int | None = 1, **values: Any) -> Person:
    """Return a new customer with these values, in its segment for so many days."""
    known = {code: Decimal(str(value)) for code, value in values.items() if value is not None}
    since = DAY - dt.timedelta(days=days) if standing else None
    return Person(CustomerFactory().pk, known, standing=standing, since=since, criteria=criteria if standing else None)


def answer(evaluate: Evaluate, condition: Any, **values: Any) -> bool | None:
    """Return how one rule answers a customer: yes moves in, no moves out, unknown does neither."""
    rule = tree([condition])
    outside, inside = person(**values), person(A, **values)
    results = evaluate([One(A, 0, rule)], [outside, inside])
    moves_in, moves_out = results[outside.pk].segment == A, results[inside.pk].segment is None
    assert not (moves_in and moves_out)
    return True if moves_in else False if moves_out else None


YES, NO = at_least("size", 1), at_least("sales", 1_000)  # with size=5, sales=5
UNKNOWN = at_least("visits", 1)


@pytest.mark.parametrize(
    ("join", "parts", "expected"),
    [
        ("all", [YES, YES], True),
        ("all", [YES, UNKNOWN], None),
        ("all", [NO, UNKNOWN], False),
        ("all", [YES, NO], False),
        ("any", [NO, NO], False),
        ("any", [NO, UNKNOWN], None),
        ("any", [YES, UNKNOWN], True),
        ("none", [NO, NO], True),
        ("none", [NO, UNKNOWN], None),
        ("none", [YES, UNKNOWN], False),
    ],
)
def test_all_any_and_none_of_yes_no_and_unknown(
    evaluate: Evaluate, join: str, parts: list[Any], expected: bool | None
) -> None:
    assert answer(evaluate, group(join, *parts), size=5, sales=5) is expected


@pytest.mark.parametrize(
    ("threshold", "expected"),
    [(3, True), (4, None), (6, None), (7, False)],  # 3 points are certain, 6 are possible
)
def test_a_score_is_yes_by_its_least_sum_and_no_by_its_greatest(
    evaluate: Evaluate, threshold: int, expected: bool | None
) -> None:
    parts = [at_least("size", 1, weight=3), at_least("sales", 1_000, weight=5), at_least("visits", 1, weight=3)]
    assert answer(evaluate, score(threshold, *parts), size=5, sales=5) is expected


@pytest.mark.parametrize(("value", "expected"), [(9, False), (10, True), (11, True), (None, None)])
def test_at_least_has_its_threshold_in_it_and_an_unknown_value_is_unknown(
    evaluate: Evaluate, value: int | None, expected: bool | None
) -> None:
    assert answer(evaluate, at_least("size", 10), size=value) is expected


def test_at_least_is_entered_at_one_threshold_and_left_below_the_other(evaluate: Evaluate) -> None:
    rule = [One(A, 0, tree([at_least("size", 10, 8)]))]
    new, low, kept, out = person(size=9), person(size=10), person(A, size=8), person(A, size=7)
    results = evaluate(rule, [new, low, kept, out])
    assert [results[one.pk].segment for one in (new, low, kept, out)] == [None, A, A, None]


def test_at_most_is_entered_at_one_threshold_and_left_above_the_other(evaluate: Evaluate) -> None:
    rule = [One(A, 0, tree([at_most("size", 8, 10)]))]
    new, low, kept, out = person(size=9), person(size=8), person(A, size=10), person(A, size=11)
    results = evaluate(rule, [new, low, kept, out])
    assert [results[one.pk].segment for one in (new, low, kept, out)] == [None, A, A, None]


def test_only_the_standing_segment_is_judged_by_the_thresholds_to_stay(evaluate: Evaluate) -> None:
    rules = [One(A, 0, tree([at_least("size", 10, 5)])), One(B, 0, tree([at_least("size", 9, 4)]))]
    one = person(B, size=8)
    assert evaluate(rules, [one])[one.pk].segment == B  # 8 is enough to stay in A, but not to enter it


def test_the_top_is_of_customers_with_a_known_value_rounded_up_with_ties(evaluate: Evaluate) -> None:
    people = [person(sales=value) for value in (50, 40, 40, 30, 20)] + [person(), person()]
    results = evaluate(
        [One(A, 0, tree([top("sales", 21)]))], people
    )  # 21 % of 5 is 1.05: two, and the tie of the second
    assert [results[one.pk].segment for one in people] == [A, A, A, None, None, None, None]


def test_the_top_leaves_out_inactive_customers(evaluate: Evaluate) -> None:
    passive = Person(CustomerFactory(passive=True).pk, {"sales": Decimal(99)})
    first, second = person(sales=50), person(sales=40)
    results = evaluate([One(A, 0, tree([top("sales", 50)]))], [passive, first, second])
    assert {pk: result.segment for pk, result in results.items()} == {first.pk: A, second.pk: None}


def test_a_share_to_stay_in_the_top_may_be_larger(evaluate: Evaluate) -> None:
    people = [person(sales=50), person(A, sales=40), person(sales=40), person(A, sales=30)]
    results = evaluate([One(A, 0, tree([top("sales", 25, 50)]))], people)
    assert [results[one.pk].segment for one in people] == [A, A, None, None]


def test_the_known_share_is_by_weight_over_the_whole_version(evaluate: Evaluate) -> None:
    rules = [
        One(A, 0, tree([at_least("size", 10, weight=3), at_least("visits", 1)])),
        One(B, 0, tree([at_least("sales", 1, weight=4)])),
        One(C, 0, tree([])),
    ]
    one = person(size=5, visits=None, sales=None)
    assert evaluate(rules, [one])[one.pk].share == Decimal("37.5")  # 3 of 3 + 1 + 4


def test_a_version_without_conditions_is_wholly_known(evaluate: Evaluate) -> None:
    one = person()
    result = evaluate([One(C, 0, tree([]))], [one], minimum_known=100)[one.pk]
    assert (result.share, result.segment) == (100, C)


def test_below_the_share_nothing_is_given_and_what_stands_stays(evaluate: Evaluate) -> None:
    rules = [One(A, 0, tree([group("any", at_least("size", 10), at_least("visits", 1))])), One(C, 0, tree([]))]
    new, old = person(size=20), person(B, size=20)
    results = evaluate(rules, [new, old], minimum_known=51)
    assert [(results[one.pk].segment, results[one.pk].outcome) for one in (new, old)] == [(None, "share"), (B, "share")]
    assert evaluate(rules, [new], minimum_known=50)[new.pk].segment == A


def test_the_first_segment_in_order_of_precedence_is_given(evaluate: Evaluate) -> None:
    rules = [One(A, 0, tree([at_least("size", 10)])), One(B, 0, tree([at_least("size", 5)])), One(C, 0, tree([]))]
    people = [person(size=size) for size in (12, 7, 1)]
    results = evaluate(rules, people)
    assert [results[one.pk].segment for one in people] == [A, B, C]


def test_the_standing_segment_is_kept_while_its_rule_is_unknown(evaluate: Evaluate) -> None:
    rules = [One(A, 0, tree([at_least("size", 10)])), One(B, 0, tree([at_least("visits", 5)])), One(C, 0, tree([]))]
    stays, goes, new = person(B, size=1), person(B, size=20), person(size=1)
    results = evaluate(rules, [stays, goes, new])
    assert [results[one.pk].segment for one in (stays, goes, new)] == [B, A, C]  # only an earlier yes ends it
    assert results[stays.pk].outcome == "unknown"


def test_a_segment_without_a_rule_is_left_only_by_an_earlier_yes(evaluate: Evaluate) -> None:
    rules = [One(A, 0, None), One(B, 0, tree([at_least("size", 5)])), One(C, 0, tree([]))]
    kept, new = person(A, size=20), person(size=20)
    results = evaluate(rules, [kept, new])
    assert [results[one.pk].segment for one in (kept, new)] == [A, B]


@pytest.mark.parametrize(("days", "expected"), [(89, B), (90, C), (91, C)])
def test_another_result_is_not_given_before_the_shortest_time_is_over(
    evaluate: Evaluate, days: int, expected: int
) -> None:
    rules = [One(B, 90, tree([at_least("size", 10)])), One(C, 0, tree([]))]
    one = person(B, days=days, size=1)
    result = evaluate(rules, [one])[one.pk]
    assert (result.segment, result.since) == (expected, one.since if expected == B else DAY)
    assert result.outcome == ("minimum" if expected == B else "yes")


def test_the_shortest_time_is_that_of_the_segment_left(evaluate: Evaluate) -> None:
    rules = [One(B, 365, tree([at_least("size", 10)])), One(C, 0, tree([]))]
    one = person(C, days=1, size=20)
    assert evaluate(rules, [one])[one.pk].segment == B


def test_the_first_evaluation_of_a_new_version_is_not_bound_by_the_shortest_time(evaluate: Evaluate) -> None:
    rules = [One(B, 90, tree([at_least("size", 10)])), One(C, 0, tree([]))]
    one = person(B, days=1, criteria=1, size=1)
    assert evaluate(rules, [one], criteria=2)[one.pk].segment == C


def test_on_the_day_the_shortest_time_ends_the_values_of_that_day_decide(evaluate: Evaluate) -> None:
    rules = [One(B, 90, tree([at_least("size", 10)])), One(C, 0, tree([]))]
    one = person(B, days=60, size=1)
    assert evaluate(rules, [one])[one.pk].segment == B
    back = Person(one.pk, {"size": Decimal(10)}, standing=B, since=one.since, criteria=1)
    assert evaluate(rules, [back], day=DAY + dt.timedelta(days=30))[one.pk].segment == B  # nothing waited in a queue


def test_a_segment_whose_rule_says_no_is_left_even_for_none(evaluate: Evaluate) -> None:
    one = person(A, size=1)
    result = evaluate([One(A, 0, tree([at_least("size", 10)]))], [one])[one.pk]
    assert (result.segment, result.outcome, result.since) == (None, "none", DAY)
