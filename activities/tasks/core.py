"""Nightly work and reminders: they call one service each and may run twice."""

from celery import shared_task

from activities.services import contact_dates_refresh
from activities.services.reminders import reminders_send_due
from customers.services import summaries_refresh


@shared_task
def refresh_summaries() -> None:
    """Compute the customers' read model again: days pass, and what is next today is past tomorrow."""
    summaries_refresh(None)
    contact_dates_refresh(None)


@shared_task
def send_reminders() -> None:
    """Every minute; of two at the same time neither sends what the other does."""
    reminders_send_due()
