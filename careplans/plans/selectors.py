"""Reads of care plans that lists and API share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, Max, OuterRef

from careplans.plans.models import ModelStay, PlanApproval, PlanUpdate
from customers.models import Customer


def customers_with_plans(user: Any) -> Any:
    """Return the active customers that a care model applies to."""
    present = ModelStay.objects.filter(customer=OuterRef("pk"), last__isnull=True)
    return Customer.objects.visible_to(user).active().filter(Exists(present))


def with_plans(customers: Iterable[Any]) -> list[Any]:
    """Return customers with what lists show of their plans: models, whether management is waited for, last update."""
    rows = list(customers)
    ids = [row.pk for row in rows]
    models: dict[int, list[Any]] = {}
    stays = ModelStay.objects.filter(customer__in=ids, last__isnull=True).select_related("model")
    for stay in stays.order_by("model__order", "model"):
        models.setdefault(stay.customer_id, []).append(stay.model)
    waiting = set(PlanApproval.objects.waiting().filter(customer__in=ids).values_list("customer", flat=True))
    updates = PlanUpdate.objects.filter(customer__in=ids).order_by().values("customer")
    newest = dict(updates.annotate(day=Max("day")).values_list("customer", "day"))
    for row in rows:
        row.plan_models, row.plan_waits = models.get(row.pk, []), row.pk in waiting
        row.plan_updated = newest.get(row.pk)
    return rows
