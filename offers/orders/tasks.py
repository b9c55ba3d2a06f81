"""Background work of offers: tasks call one service each and may run twice."""

from __future__ import annotations

from celery import shared_task

from offers.orders.services.summaries import order_sums_refresh


@shared_task
def refresh_order_sums() -> None:
    """Compute the orders of 12 months of every customer again, each night: those older than a year drop out."""
    order_sums_refresh(None)
