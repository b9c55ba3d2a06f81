"""Scheduled tasks of activities; each may safely run twice."""

from __future__ import annotations

from celery import shared_task

from activities.log.services.effects import contact_dates_refresh, reminders_send_due
from activities.log.services.series import series_continue
from customers.services.summaries import summaries_refresh


@shared_task
def refresh_summaries() -> None:
    """Compute the customers' summaries again, because last and next contact change as days pass."""
    summaries_refresh(None)
    contact_dates_refresh(None)


@shared_task
def send_reminders() -> None:
    """Send the due reminders, every minute."""
    reminders_send_due()


@shared_task
def continue_series() -> None:
    """Make the occurrences of continuing series up to a year ahead."""
    series_continue()
