"""What is seen of rules without data: contradictions, rules that are never reached, rules that everyone meets."""

from __future__ import annotations

from typing import Any

import pytest

from segmentation.criteria.checks import threshold_fault
from segmentation.criteria.solver import Solver
from segmentation.criteria.tests.conftest import at_least, at_most, group, score, top, tree

pytestmark = pytest.mark.django_db
YES_FLAG = {"field": "criteria.metric", "values": {"metric": "visits", "op": "yes"}}
NO_FLAG = {"field": "criteria.metric", "values": {"metric": "visits", "op": "no"}}


def possible(*wanted: tuple[Any, bool]) -> bool:
    trees = [(tree(data), holds) for data, holds in wanted]
    return Solver(one for one, _holds in trees).possible(*trees)


@pytest.mark.parametrize(
    "parts",
    [
        [at_least("size", 10), at_most("size", 9)],
        [at_least("size", 10), group("none", at_least("size", 5))],
        [top("sales", 10), group("none", top("sales", 20))],
        [YES_FLAG, NO_FLAG],
        [score(7, at_least("size", 1, weight=3), at_least("sales", 1, weight=3))],
        [group("any", at_least("size", 10), at_least("sales", 5)), at_most("size", 3), at_most("sales", 3)],
        [{"field": "criteria.place", "values": {"rows": [1]}}, {"field": "criteria.place", "values": {"rows": [2]}}],
    ],
)
def test_conditions_that_cannot_hold_together_are_found(parts: list[Any]) -> None:
    assert not possible((parts, True))


@pytest.mark.parametrize(
    "parts",
    [
        [at_least("size", 10), at_most("size", 10)],
        [top("sales", 20), group("none", top("sales", 10))],
        [score(6, at_least("size", 1, weight=3), at_least("sales", 1, weight=3))],
        [{"field": "criteria.place", "values": {"rows": [1, 2]}}, {"field": "criteria.place", "values": {"rows": [2]}}],
        [],
    ],
)
def test_conditions_that_may_hold_together_are_not_called_contradictory(parts: list[Any]) -> None:
    assert possible((parts, True))


@pytest.mark.parametrize(
    ("parts", "is_catch_all"),
    [
        ([], True),
        ([group("any", at_least("size", 5), at_most("size", 5))], True),
        ([group("any", YES_FLAG, NO_FLAG)], True),
        ([score(0, at_least("size", 1))], True),
        ([group("any", at_least("size", 6), at_most("size", 5))], False),
    ],
)
def test_conditions_that_everyone_meets_are_found(parts: list[Any], is_catch_all: bool) -> None:
    assert possible((parts, False)) is not is_catch_all


def test_a_rule_within_an_earlier_one_is_never_reached() -> None:
    earlier, later = [at_least("size", 5)], [at_least("size", 10), at_least("sales", 1)]
    assert not possible((later, True), (earlier, False))
    assert possible((earlier, True), (later, False))


def test_two_earlier_rules_may_take_everyone_together() -> None:
    low, high, later = [at_most("size", 5)], [at_least("size", 5)], [at_least("sales", 1), at_least("size", 1)]
    assert not possible((later, True), (low, False), (high, False))


@pytest.mark.parametrize(
    ("condition", "is_refused"),
    [
        (at_least("size", 10, 8), False),
        (at_least("size", 10, 11), True),
        (at_most("size", 10, 12), False),
        (at_most("size", 10, 8), True),
        (top("size", 1, 2), False),
        (top("size", 2, 1), True),
        (top("size", 101), True),
    ],
)
def test_staying_may_not_be_harder_than_entering(condition: Any, is_refused: bool) -> None:
    rule = tree([condition]).parts[0]
    assert bool(threshold_fault(rule)) is is_refused  # type: ignore[arg-type]
