"""Scheduled tasks of scorecards; each may safely run twice."""

from __future__ import annotations

from celery import shared_task

from careplans.scorecards.services.refreshing import scores_refresh


@shared_task
def refresh_scores() -> None:
    """Compute the newest actuals of scorecards, every night."""
    scores_refresh()
