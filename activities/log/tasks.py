"""Nightly work and reminders: they call one service each and may run twice."""

from __future__ import annotations

from celery import shared_task

from activities.log.services.contact_dates import contact_dates_refresh
from activities.log.services.reminders import reminders_send_due
from activities.log.services.series import series_continue
from customers.services.summaries import summaries_refresh


@shared_task
def refresh_summaries() -> None:
    """Compute the customers' read model again: days pass, and what is next today is past tomorrow."""
    summaries_refresh(None)
    contact_dates_refresh(None)


@shared_task
def send_reminders() -> None:
    """Every minute; of two at the same time neither sends what the other does."""
    reminders_send_due()


@shared_task
def continue_series() -> None:
    """Make what a day more of a year ahead brings to series that go on."""
    series_continue()
