"""What the night does: partitions of the history, the rates of the service cost, the metrics of all customers."""

from __future__ import annotations

import datetime as dt

from segmentation.metrics.services.costs import service_rates_refresh
from segmentation.metrics.services.partitions import partitions_turn
from segmentation.metrics.services.refresh import metrics_refresh


def metrics_nightly(day: dt.date) -> int:
    """Compute all metrics at the end of ``day``; return of how many customers some figure has changed."""
    partitions_turn(day)
    service_rates_refresh(day)
    return metrics_refresh(day=day)
