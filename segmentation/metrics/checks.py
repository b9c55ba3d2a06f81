"""The program does not start with a metric that is not declared completely."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, register

from core.checks import TAG
from core.metrics import fixed_metrics


@register(TAG)
def metrics_are_complete(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Return what the declarations of metrics lack."""
    try:
        fixed_metrics()
    except ValueError as error:
        return [Error(str(error), hint="Complete the declaration (core.metrics).", id="metrics.E001")]
    return []
