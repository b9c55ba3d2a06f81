"""Background work of offers: tasks call one service each and may run twice."""

from celery import shared_task

from offers.services.reminders import offers_remind
from offers.services.sales import sales_refresh


@shared_task
def remind_of_offers() -> None:
    """Every hour: tell of offers that are about to expire and of those that have."""
    offers_remind()


@shared_task
def refresh_sales() -> None:
    """Nightly: orders that have become older than a year drop out of the customers' figures."""
    sales_refresh(None)
