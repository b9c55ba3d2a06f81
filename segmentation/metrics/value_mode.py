"""The value mode of the primary scheme decides whether figures about the worth of customers exist, and who sees them.

*Off*: they are neither computed nor shown. *Development only*: management and key account managers see them. *Used*:
the owner of a customer sees those of that customer too. Pages, API, exports and conditions ask
:func:`visible_metrics`, and what is not a metric (costs) asks :func:`sees_value`.
"""

from __future__ import annotations

from typing import Any

from core.metrics import Metric, all_metrics
from customers.enums import ResponsibilityRole
from customers.models import Customer, Responsibility
from segmentation.schemes.enums import ValueMode
from segmentation.schemes.models import Scheme

VIEW = "metrics.view_value"


def value_mode() -> ValueMode:
    """Return the value mode of the primary scheme; without one, off."""
    mode = Scheme.objects.primary().order_by().values_list("value_mode", flat=True).first()
    return ValueMode(mode) if mode else ValueMode.OFF


def sees_value(user: Any, customer: Customer | None = None) -> bool:
    """Return whether the user sees value figures: of the customer, or (None) of all customers."""
    if not (user.is_authenticated and user.is_active):
        return False
    if customer is None and not user.has_perm(VIEW):
        return False
    mode = value_mode()
    if mode == ValueMode.OFF:
        return False
    return user.has_perm(VIEW) or (mode == ValueMode.USED and customer is not None and owns(user, customer))


def owns(user: Any, customer: Customer) -> bool:
    own = Responsibility.objects.current().filter(customer=customer, user=user, role=ResponsibilityRole.OWNER)
    return own.exists()


def computed_metrics() -> dict[str, Metric]:
    """Return the metrics that are computed, helpers included."""
    every = all_metrics()
    return without_value(every) if value_mode() == ValueMode.OFF else every


def visible_metrics(user: Any, customer: Customer | None = None) -> dict[str, Metric]:
    """Return the metrics that the user sees: of the customer, or (None) of all customers."""
    every = {code: metric for code, metric in all_metrics().items() if not metric.is_helper}
    return every if sees_value(user, customer) else without_value(every)


def without_value(metrics: dict[str, Metric]) -> dict[str, Metric]:
    return {code: metric for code, metric in metrics.items() if not metric.is_value}
