"""The SQL against plain Python over random rules and values; noise around thresholds; the shortest time."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.tests.factories import CustomerFactory
from segmentation.criteria.tests.conftest import DAY, Evaluate, at_least, at_most, score, top, tree
from segmentation.criteria.tests.reference import One, Person, World

pytestmark = pytest.mark.django_db
CODES = ("size", "sales", "visits")
SEGMENTS = (101, 102, 103)
RANDOM = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
PEOPLE = 6


@st.composite
def condition(draw: Any) -> dict[str, Any]:
    code = draw(st.sampled_from(CODES))
    enter = draw(st.integers(0, 6))
    gap = draw(st.integers(0, 3))
    weight = draw(st.integers(1, 4))
    kind = draw(st.sampled_from(("at_least", "at_most", "top", "yes", "no")))
    if kind in ("yes", "no"):
        return {"field": "criteria.metric", "values": {"metric": code, "op": kind, "weight": str(weight)}}
    if kind == "top":
        share = draw(st.sampled_from((1, 20, 34, 50, 100)))
        return top(code, share, min(100, share + 10 * gap), weight=weight)
    make = at_least if kind == "at_least" else at_most
    return make(code, enter, enter - gap if kind == "at_least" else enter + gap, weight=weight)


@st.composite
def scored(draw: Any) -> dict[str, Any]:
    parts = draw(st.lists(condition(), min_size=1, max_size=3))
    threshold = draw(st.integers(0, 8))
    return score(threshold, *parts, leave=max(0, threshold - draw(st.integers(0, 2))))


def nodes() -> Any:
    joined = st.sampled_from(("all", "any", "none"))
    return st.recursive(
        condition() | scored(),
        lambda inner: st.builds(
            lambda join, parts: {"join": join, "parts": parts}, joined, st.lists(inner, min_size=1, max_size=3)
        ),
        max_leaves=5,
    )


@st.composite
def versions(draw: Any) -> list[One]:
    rules = [draw(st.one_of(st.none(), st.lists(nodes(), max_size=2).map(tree))) for _segment in SEGMENTS]
    days = [draw(st.sampled_from((0, 30, 90))) for _segment in SEGMENTS]
    return [One(pk, least, rule) for pk, least, rule in zip(SEGMENTS, days, rules, strict=True)]


VALUE = st.one_of(st.none(), st.integers(0, 8).map(Decimal))
STANDING = st.one_of(
    st.none(), st.tuples(st.sampled_from(SEGMENTS), st.integers(0, 120), st.sampled_from((1, 2, None)))
)
CUSTOMER = st.tuples(st.tuples(VALUE, VALUE, VALUE), STANDING)


def people_of(ids: list[int], drawn: list[Any]) -> list[Person]:
    people = []
    for pk, (values, standing) in zip(ids, drawn, strict=True):
        segment, days, criteria = standing or (None, 0, None)
        since = DAY - dt.timedelta(days=days) if segment else None
        people.append(
            Person(pk, dict(zip(CODES, values, strict=True)), standing=segment, since=since, criteria=criteria)
        )
    return people


@pytest.fixture
def ids() -> list[int]:
    return [CustomerFactory().pk for _number in range(PEOPLE)]


def test_the_sql_says_the_same_as_plain_python(evaluate: Evaluate, ids: list[int]) -> None:
    @RANDOM
    @given(versions(), st.lists(CUSTOMER, min_size=PEOPLE, max_size=PEOPLE), st.sampled_from((0, 40, 75, 100)))
    def check(ones: list[One], drawn: list[Any], minimum_known: int) -> None:
        people = people_of(ids, drawn)
        world = World(people)
        found = evaluate(ones, people, minimum_known=minimum_known, criteria=1)
        for person in people:
            wanted = world.evaluate(ones, person, DAY, minimum_known=minimum_known, criteria=1)
            result = found[person.pk]
            assert (result.segment, result.since, result.outcome) == (wanted.segment, wanted.since, wanted.outcome)
            assert abs(result.share - wanted.share) < Decimal("0.0001")

    check()


def test_noise_between_the_thresholds_moves_nobody(evaluate: Evaluate, ids: list[int]) -> None:
    """Values inside [leave, enter) of every condition leave each customer where it is."""
    rules = [
        One(101, 0, tree([at_least("size", 60, 40), at_most("visits", 4, 6)])),
        One(102, 0, tree([{"join": "any", "parts": [at_least("sales", 20, 10), at_least("size", 60, 40)]}])),
        One(103, 0, tree([])),
    ]

    @RANDOM
    @given(st.lists(st.tuples(st.integers(40, 59), st.integers(10, 19), st.integers(5, 6)), min_size=3, max_size=6))
    def check(days: list[tuple[int, int, int]]) -> None:
        people = [
            Person(ids[0], standing=101, since=DAY),
            Person(ids[1], standing=102, since=DAY),
            Person(ids[2], standing=103, since=DAY),
        ]
        for person in people:
            person.criteria = 1
        for number, (size, sales, visits) in enumerate(days):
            for person in people:
                person.values = {"size": Decimal(size), "sales": Decimal(sales), "visits": Decimal(visits)}
            found = evaluate(rules, people, day=DAY + dt.timedelta(days=number))
            assert [found[person.pk].segment for person in people] == [101, 102, 103]

    check()


def test_two_moves_by_rule_are_never_closer_than_the_shortest_time(evaluate: Evaluate, ids: list[int]) -> None:
    least = 30
    rules = [
        One(101, least, tree([at_least("size", 6, 4)])),
        One(102, least, tree([at_least("sales", 3)])),
        One(103, least, tree([])),
    ]

    @RANDOM
    @given(st.lists(st.tuples(VALUE, VALUE, st.integers(1, 20)), min_size=4, max_size=12))
    def check(steps: list[tuple[Decimal | None, Decimal | None, int]]) -> None:
        person, day = Person(ids[0], criteria=1), DAY
        moves: list[dt.date] = []
        for size, sales, days in steps:
            day += dt.timedelta(days=days)
            person.values = {"size": size, "sales": sales}
            result = evaluate(rules, [person], day=day)[person.pk]
            if (person.standing is not None and result.segment != person.standing) or (
                person.standing is None and result.segment is not None
            ):
                moves.append(day)
            person.standing, person.since, person.criteria = result.segment, result.since, 1
        assert all((later - earlier).days >= least for earlier, later in pairwise(moves))

    check()
