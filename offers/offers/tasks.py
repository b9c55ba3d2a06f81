"""Background tasks of offers: each calls one service and may run twice."""

from __future__ import annotations

from celery import shared_task

from offers.offers.services.sending import offers_remind
from offers.offers.services.status import offer_sums_refresh


@shared_task
def remind_of_offers() -> None:
    """Send hourly reminders of offers that are about to expire or have expired."""
    offers_remind()


@shared_task
def refresh_offer_sums() -> None:
    """Recompute the open offers of every customer, nightly."""
    offer_sums_refresh(None)
