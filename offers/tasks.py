"""Background work of offers: tasks call one service each and may run twice."""

from celery import shared_task

from offers.services.order_summaries import order_sums_refresh
from offers.services.reminders import offers_remind
from offers.services.summaries import offer_sums_refresh


@shared_task
def remind_of_offers() -> None:
    """Every hour: tell of offers that are about to expire and of those that have."""
    offers_remind()


@shared_task
def refresh_offer_sums() -> None:
    """Compute the open offers of every customer again, each night."""
    offer_sums_refresh(None)


@shared_task
def refresh_order_sums() -> None:
    """Compute the orders of 12 months of every customer again, each night: those older than a year drop out."""
    order_sums_refresh(None)
