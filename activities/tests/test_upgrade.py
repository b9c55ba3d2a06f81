"""What an upgrade of an older installation changes in its data."""

from __future__ import annotations

from importlib import import_module

import pghistory
import pytest
from django.db import connection

from accounts.tests.factories import UserFactory
from activities.models import ActivityType

pytestmark = pytest.mark.django_db


@pytest.fixture
def memo(defaults):
    """The type as an older installation had it."""
    ActivityType.objects.filter(code="memo").update(counts_as_work=True, status_if_future="open")
    return ActivityType.objects.get(code="memo")


def upgraded(memo):
    with connection.cursor() as cursor:
        cursor.execute(import_module("activities.migrations.0017_memo_of_old").MEMO)
    memo.refresh_from_db()
    return memo.counts_as_work, memo.status_if_future


def test_memos_are_done_at_once_and_no_work_time_as_in_a_fresh_installation(memo):
    assert upgraded(memo) == (False, "done")


def test_the_rules_that_somebody_has_given_memos_stay(memo):
    with pghistory.context(user=UserFactory(role="account_manager").pk):
        ActivityType.objects.filter(code="memo").update(duration=20)
    assert upgraded(memo) == (True, "open")


def test_memos_that_differ_from_what_they_were_stay(memo):
    ActivityType.objects.filter(code="memo").update(status_if_future="in_progress")
    assert upgraded(memo) == (True, "in_progress")


def test_what_the_program_changed_for_nobody_does_not_count(memo):
    ActivityType.objects.filter(code="memo").update(color="red")
    assert upgraded(memo) == (False, "done")
