"""Refreshing the actuals of scorecards, every night: approved ones keep theirs beside the newest ones."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from careplans.scorecards.enums import CardStatus
from careplans.scorecards.figures import lines_compute, lines_in_order, lines_save
from careplans.scorecards.models import Scorecard
from core import clock


def scores_refresh(today: dt.date | None = None) -> int:
    """Compute the newest actuals; return how many lines differ. It can be repeated at any time.

    Cards of the running year and of the last one, and older ones that are not approved.
    """
    today = today or clock.today()
    due = Q(year__gte=today.year - 1) | ~Q(status=CardStatus.APPROVED)
    cards = Scorecard.objects.filter(due, year__lte=today.year).select_related("customer", "team").order_by("pk")
    return sum(lines_save(lines_compute(card, lines_in_order(card), today)) for card in cards.iterator(500))
