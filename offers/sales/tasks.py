"""Background tasks of sales. Each calls one function and can be repeated safely."""

from __future__ import annotations

from celery import shared_task

from offers.sales.selectors.overview import pipeline_overview_refresh, targets_overview_refresh


@shared_task
def refresh_overviews() -> None:
    """Compute what start pages show of the whole pipeline and of everyone's targets."""
    pipeline_overview_refresh()
    targets_overview_refresh()
