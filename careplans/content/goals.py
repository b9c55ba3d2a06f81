"""The goals of customers' plans on the page of key accounts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from careplans.content.models import PlanContent
from careplans.following.plugs import CustomerGoals


def goals_of_plans(customers: Collection[int], user: Any) -> Iterator[CustomerGoals]:
    """Yield the goals that plans say (``CUSTOMER_GOALS``), in one query."""
    rows = PlanContent.objects.filter(customer__in=list(customers)).exclude(goals="").order_by()
    for customer, goals in rows.values_list("customer", "goals"):
        yield CustomerGoals(customer, goals, _("Care plan"), reverse("carecontent:tab", args=[customer]))
