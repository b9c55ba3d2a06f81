"""Nightly work: they call one service each and may run twice."""

from celery import shared_task

from activities.services import contact_dates_refresh
from customers.services import summaries_refresh


@shared_task
def refresh_summaries() -> None:
    """Compute the customers' read model again: days pass, and what is next today is past tomorrow."""
    summaries_refresh(None)
    contact_dates_refresh(None)
