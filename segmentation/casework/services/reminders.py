"""Reminding the approvers of proposals that have waited for five working days, once each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.notifications import notify
from core import clock
from core.working_days import working_days_after
from segmentation.casework.models import ProposalReminder
from segmentation.membership.models import Proposal
from segmentation.membership.services.proposals import approvers_of, deciding_segment

WORKING_DAYS = 5
#: Nothing that was proposed later can have waited for so many working days.
AT_LEAST = dt.timedelta(days=WORKING_DAYS)


def is_due(proposed_at: dt.datetime, day: dt.date) -> bool:
    """Return whether a proposal has waited for :data:`WORKING_DAYS` working days on ``day``."""
    proposed_on = proposed_at.astimezone(timezone.get_default_timezone()).date()
    return working_days_after(proposed_on, WORKING_DAYS) <= day


@transaction.atomic
def proposals_remind() -> int:
    """Remind the approvers of the proposals that are due today or earlier; return of how many.

    Each approver gets one notification with their number. A proposal is never reminded of twice: its row is made first,
    and a second run at the same time finds it.
    """
    waiting = Proposal.objects.open().filter(reminder__isnull=True, proposed_at__lte=clock.now() - AT_LEAST)
    waiting = waiting.filter(customer__state="active").select_for_update(of=("self",), skip_locked=True)
    related = waiting.select_related("segment", "from_segment").order_by("pk")
    due = [proposal for proposal in related if is_due(proposal.proposed_at, clock.today())]
    ProposalReminder.objects.bulk_create(ProposalReminder(proposal=row, sent_at=clock.now()) for row in due)
    _notify(due)
    return len(due)


def _notify(proposals: list[Proposal]) -> None:
    by_segment: dict[Any, list[User]] = {}
    counts: dict[int, int] = {}
    people: dict[int, User] = {}
    for proposal in proposals:
        segment = deciding_segment(proposal)
        key = segment.pk if segment else None
        if key not in by_segment:
            by_segment[key] = list(approvers_of(segment))
        for person in by_segment[key]:
            if person.pk != proposal.proposed_by_id:
                people[person.pk] = person
                counts[person.pk] = counts.get(person.pk, 0) + 1
    for pk, count in counts.items():
        url = "/segment-proposals/?awaiting=true"
        notify(users=[people[pk]], kind="proposals_wait", url=url, count=count, days=WORKING_DAYS)
