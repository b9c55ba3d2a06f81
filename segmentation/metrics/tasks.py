"""Background tasks of metrics. Each calls one service and can be repeated safely."""

from __future__ import annotations

import datetime as dt

from celery import shared_task

from core import clock
from segmentation.metrics.services.nightly import metrics_nightly
from segmentation.metrics.services.refresh import metrics_refresh


@shared_task
def compute_metrics(customer_ids: list[int]) -> None:
    """Compute the metrics of customers that a service has touched."""
    metrics_refresh(customer_ids)


@shared_task
def refresh_metrics() -> None:
    """Compute the metrics of all customers for the day that has just ended, every night."""
    metrics_nightly(clock.today() - dt.timedelta(days=1))
