"""What an upgrade of an older installation changes in its data."""

from __future__ import annotations

from importlib import import_module

import pghistory
import pytest
from django.db import connection
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.calendar.models import Invitation
from activities.log.models import ActivityType
from activities.log.tests.factories import ActivityFactory
from activities.mail.enums import MessageState

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


@pytest.mark.parametrize(
    ("is_sent", "error", "state"),
    [(True, "", MessageState.SENT), (False, "550 no", MessageState.FAILED), (False, "", MessageState.WAITING)],
)
def test_invitations_are_sent_or_not_as_they_were(is_sent, error, state):
    invitation = Invitation.objects.create(
        activity=ActivityFactory(), email="a@b.example", error=error, sent_at=timezone.now() if is_sent else None
    )
    with connection.cursor() as cursor:
        cursor.execute(import_module("activities.migrations.0019_invitations_claimed").STATES)
    invitation.refresh_from_db()
    assert invitation.state == state
