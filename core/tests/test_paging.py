"""Paging by key: every row once, in order, whichever way one walks."""

from __future__ import annotations

import base64
import json

import pytest

from accounts.models import User
from accounts.tests.factories import UserFactory
from core.paging import InvalidToken, count_up_to, counts_up_to, keyset_page

pytestmark = pytest.mark.django_db

ORDERS = ["pk", "-pk", "sort_key", "-sort_key", "last_login", "-last_login", "manager__sort_key"]


@pytest.fixture
def users():
    """Nine users: some with the same name, some who have never signed in, some without a manager."""
    boss = UserFactory(first_name="Anna", last_name="Boss")
    names = ["Aalto", "Äijälä", "Öhman", "Åberg", "Aalto", "Aalto", "Virtanen", "Zitting"]
    days = [None, 3, 1, None, 3, 2, None, 9]
    for name, day in zip(names, days, strict=True):
        last_login = f"2026-01-0{day}T12:00:00Z" if day else None
        UserFactory(first_name="", last_name=name, last_login=last_login, manager=boss if day else None)


def walk(order, size, direction="next"):
    """Return the names on all pages, walking to the end, or from the end back to the start."""
    page = keyset_page(User.objects.all(), order, size=size)
    pages = [page]
    while page.next:
        page = keyset_page(User.objects.all(), order, size=size, after=page.next)
        pages.append(page)
    if direction == "previous":
        pages = [page]
        while page.previous:
            page = keyset_page(User.objects.all(), order, size=size, before=page.previous)
            pages.insert(0, page)
    return [row.pk for page in pages for row in page.rows]


def expected(order):
    path, descending = order.lstrip("-"), order.startswith("-")
    filled = User.objects.filter(**{f"{path}__isnull": False})
    sign = "-" if descending else ""
    empty = User.objects.filter(**{f"{path}__isnull": True}).order_by(f"{sign}pk")
    return [
        *filled.order_by(f"{sign}{path}", f"{sign}pk").values_list("pk", flat=True),
        *empty.values_list("pk", flat=True),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 8, 9, 10])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("direction", ["next", "previous"])
def test_every_row_comes_once_and_in_order(order, size, direction, users):
    assert walk(order, size, direction) == expected(order)


def test_finnish_letters_sort_last(users):
    names = [row.last_name for row in keyset_page(User.objects.all(), "sort_key", size=9).rows]
    assert names == ["Aalto"] * 3 + ["Boss", "Virtanen", "Zitting", "Åberg", "Äijälä", "Öhman"]


def test_a_row_added_before_the_page_moves_nothing(users):
    first = keyset_page(User.objects.all(), "sort_key", size=4)
    following = [row.pk for row in keyset_page(User.objects.all(), "sort_key", size=4, after=first.next).rows]
    UserFactory(last_name="Aaaa")
    assert [row.pk for row in keyset_page(User.objects.all(), "sort_key", size=4, after=first.next).rows] == following


def test_the_first_page_has_no_previous_and_the_last_no_next(users):
    first = keyset_page(User.objects.all(), "sort_key", size=5)
    last = keyset_page(User.objects.all(), "sort_key", size=5, after=first.next)
    assert (first.previous, last.next) == ("", "")
    assert keyset_page(User.objects.none(), "sort_key", size=5).rows == []


@pytest.mark.parametrize("order", ["sort_key", "-last_login"])
def test_a_page_costs_at_most_two_queries(order, users, django_assert_max_num_queries):
    token = keyset_page(User.objects.all(), order, size=2).next
    with django_assert_max_num_queries(2):
        keyset_page(User.objects.all(), order, size=2, after=token)


def token(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "broken",
    [
        "x",
        "é",
        "\x00",
        "=" * 5,
        "a" * 5000,
        token(1),
        token([]),
        token(["a"]),
        token(["a", None]),
        token([["a"], 1]),
        token(["a", [1]]),
        token([{}, 1]),
        token([{"a": "b", "c": "d"}, 1]),
        token([{"exec": "1"}, 1]),
        token([{"date": "tomorrow"}, 1]),
        token([{"Decimal": "x"}, 1]),
        token(["a\x00", 1]),
        token(["a", "b"]),
        token(["a", {"date": 5}]),
        token(["a", float("inf")]),
        token([{"Decimal": "NaN"}, {"Decimal": "NaN"}]),
    ],
)
@pytest.mark.parametrize("order", ["pk", "sort_key", "last_login"])
def test_a_token_that_was_never_given_is_refused(broken, order, users):
    for way in ("after", "before"):
        with pytest.raises(InvalidToken):
            keyset_page(User.objects.all(), order, size=2, **{way: broken})


def test_a_token_of_another_order_is_refused(users):
    name = keyset_page(User.objects.all(), "sort_key", size=2).next
    with pytest.raises(InvalidToken):
        keyset_page(User.objects.all(), "last_login", size=2, after=name)


def test_counting_stops_at_the_limit(users):
    assert count_up_to(User.objects.all(), 5) == (5, True)
    assert count_up_to(User.objects.all(), 9) == (9, False)
    assert count_up_to(User.objects.order_by("sort_key"), 100) == (9, False)


def test_several_sets_of_rows_are_counted_in_one_query(users, django_assert_num_queries):
    everyone = User.objects.order_by("sort_key").select_related("manager")
    rows = {"all": everyone, "none": everyone.none(), "one": everyone.filter(pk=everyone.first().pk)}
    with django_assert_num_queries(1):
        counts = counts_up_to(rows, 5)
    assert counts == {"all": (5, True), "none": (0, False), "one": (1, False)}


def test_nothing_is_asked_about_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert counts_up_to({"none": User.objects.none()}, 5) == {"none": (0, False)}


def test_rows_that_all_have_a_value_are_read_in_one_query(users, django_assert_num_queries):
    with django_assert_num_queries(1):
        keyset_page(User.objects.all(), "sort_key", size=1_000)
    with django_assert_num_queries(2):
        keyset_page(User.objects.all(), "last_login", size=1_000)
