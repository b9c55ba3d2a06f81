"""Background work of offers: tasks call one service each and may run twice."""

from __future__ import annotations

from celery import shared_task

from offers.offers.services.reminders import offers_remind
from offers.offers.services.summaries import offer_sums_refresh


@shared_task
def remind_of_offers() -> None:
    """Every hour: tell of offers that are about to expire and of those that have."""
    offers_remind()


@shared_task
def refresh_offer_sums() -> None:
    """Compute the open offers of every customer again, each night."""
    offer_sums_refresh(None)
