"""Scheduled tasks of generated work; each may safely run twice."""

from __future__ import annotations

from celery import shared_task

from careplans.work.services.summaries import week_tell
from careplans.work.services.works import works_to_leaders


@shared_task
def give_to_leaders() -> None:
    """Give what nobody has claimed for some days to the leaders of the teams, every night."""
    works_to_leaders()


@shared_task
def tell_week() -> None:
    """Send the summary of the week, on Monday morning."""
    week_tell()
