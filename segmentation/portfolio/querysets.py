from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from customers.enums import ResponsibilityRole
from customers.models import Customer, Responsibility
from segmentation.metrics.value_mode import VIEW, value_mode
from segmentation.schemes.enums import ValueMode

if TYPE_CHECKING:
    from segmentation.portfolio.models import ProfitDecision  # noqa: F401


def valued_customers(user: Any) -> Any:
    """Return the active customers of which the user sees the value: all, the own ones, or none."""
    mode = value_mode()
    customers = Customer.objects.visible_to(user).active()
    if mode == ValueMode.OFF:
        return customers.none()
    if user.has_perm(VIEW):
        return customers
    if mode != ValueMode.USED:
        return customers.none()
    own = Responsibility.objects.current().filter(user=user, role=ResponsibilityRole.OWNER)
    return customers.filter(pk__in=own.values("customer"))


class DecisionQuerySet(models.QuerySet["ProfitDecision"]):
    def visible_to(self, user: Any) -> DecisionQuerySet:
        """Return the decisions about customers of which the user sees the value."""
        return self.filter(customer__in=valued_customers(user).order_by().values("pk"))

    def current(self) -> DecisionQuerySet:
        """Return those that no newer one has replaced."""
        return self.filter(replaced_at__isnull=True)
