"""Doing a thing once, however often its button is pressed."""

from __future__ import annotations

import uuid

import pytest

from accounts.tests.factories import UserFactory
from core.models import Submission
from core.once import once, result_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


def counting():
    calls = []

    def create():
        calls.append(1)
        return {"url": f"/{len(calls)}/"}

    return create, calls


def test_the_second_call_gets_the_first_result(user):
    create, calls = counting()
    key = uuid.uuid4()
    assert [once(key, user, create) for _ in range(3)] == [{"url": "/1/"}] * 3
    assert len(calls) == 1


def test_other_keys_and_no_key_are_other_doings(user):
    create, calls = counting()
    for key in (uuid.uuid4(), uuid.uuid4(), None, None):
        once(key, user, create)
    assert len(calls) == 4


def test_another_users_key_gives_nothing_of_theirs(user):
    create, calls = counting()
    key = uuid.uuid4()
    once(key, user, create)
    assert once(key, UserFactory(), create) == {"url": "/2/"}
    assert len(calls) == 2


def test_what_failed_can_be_done_again_with_the_same_key(user):
    def fail():
        raise ValueError

    create, calls = counting()
    key = uuid.uuid4()
    with pytest.raises(ValueError):  # noqa: PT011
        once(key, user, fail)
    assert not Submission.objects.exists()
    once(key, user, create)
    assert len(calls) == 1


def test_what_was_done_is_told_to_its_user_only(user):
    create, _calls = counting()
    key = uuid.uuid4()
    once(key, user, create)
    assert result_of(str(key), user) == {"url": "/1/"}
    assert result_of(str(key), UserFactory()) is None


@pytest.mark.parametrize("key", [None, "", "x", "\x00", "c0ffef56-41b8-4261-a5f3-bbe9052f618a"])
def test_an_unknown_key_has_no_result(key, user):
    assert result_of(key, user) is None
