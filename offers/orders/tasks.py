"""Background tasks of orders. Each calls one service and can be repeated safely."""

from __future__ import annotations

from celery import shared_task

from offers.orders.services.status import order_sums_refresh


@shared_task
def refresh_order_sums() -> None:
    """Recompute every customer's orders of the last 12 months, each night, so that older orders drop out."""
    order_sums_refresh(None)
