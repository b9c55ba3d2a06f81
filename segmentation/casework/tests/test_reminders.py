"""Reminders of proposals: after five working days, holidays left out, to each approver once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Notification
from core import clock
from customers.tests.factories import CustomerFactory
from segmentation.casework.services.reminders import is_due, proposals_remind
from segmentation.membership.models import Proposal
from segmentation.membership.services.proposals import proposal_make, proposal_withdraw
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db


def told() -> list[int]:
    return list(Notification.objects.filter(kind="proposals_wait").values_list("user", flat=True))


@pytest.fixture
def proposal(owner: Any) -> Proposal:
    made = proposal_make(
        customer=CustomerFactory(owner=owner), segment=segment("A"), user=owner, text="A framework agreement."
    )
    Proposal.objects.filter(pk=made.pk).update(proposed_at=dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC))
    return made


def test_weekends_and_holidays_are_no_working_days() -> None:
    friday = dt.datetime(2026, 12, 4, 9, tzinfo=dt.UTC)  # Independence Day, 6 December, is a Sunday
    assert not is_due(friday, dt.date(2026, 12, 10))
    assert is_due(friday, dt.date(2026, 12, 11))
    monday = dt.datetime(2026, 12, 21, 9, tzinfo=dt.UTC)  # Christmas and New Year's Day
    assert not is_due(monday, dt.date(2026, 12, 29))


def test_the_night_reminds_the_approvers_once(proposal: Proposal, director: Any, owner: Any) -> None:
    call_command("remind_proposals", "--today", "2026-11-26")
    assert told() == []
    call_command("remind_proposals", "--today", "2026-11-27")
    assert told() == [director.pk]
    call_command("remind_proposals", "--today", "2026-11-28")
    assert told() == [director.pk]


def test_what_has_been_decided_needs_no_reminder(proposal: Proposal, director: Any, owner: Any) -> None:
    proposal_withdraw(proposal=proposal, user=owner)
    with clock.frozen(dt.date(2026, 12, 28)):
        assert proposals_remind() == 0


def test_many_proposals_are_one_notification(proposal: Proposal, director: Any, owner: Any) -> None:
    another = proposal_make(
        customer=CustomerFactory(owner=owner), segment=segment("A"), user=owner, text="A framework agreement."
    )
    Proposal.objects.filter(pk=another.pk).update(proposed_at=proposal.proposed_at - dt.timedelta(days=30))
    with clock.frozen(dt.date(2026, 12, 28)):
        assert proposals_remind() == 2
    assert Notification.objects.get(kind="proposals_wait").data == {"count": 2, "days": 5}
