"""Scheduled tasks of internal events; each may safely run twice."""

from __future__ import annotations

from celery import shared_task

from careplans.clock.generation import work_refresh
from careplans.clock.services.works import works_to_leaders


@shared_task
def refresh_work() -> None:
    """Bring the work of internal events up to date, every hour: what was done makes room for the next time."""
    work_refresh()


@shared_task
def give_to_leaders() -> None:
    """Give what nobody has claimed for some days to the leaders of the teams, every night."""
    works_to_leaders()
