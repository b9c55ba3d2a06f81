"""Keeping of customers' plans as they are, whenever one is reviewed, accepted or approved, and by hand."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from careplans.content.kept import kept_content
from careplans.content.models import PlanVersion
from careplans.plans.enums import VersionKind
from careplans.plans.plugs import Keeping
from careplans.plans.services.approvals import check_active
from core import clock
from customers.models import Customer


def plan_keep(keeping: Keeping) -> PlanVersion:
    """Keep a plan that was reviewed, accepted or approved."""
    return PlanVersion.objects.create(
        customer=keeping.customer, kind=keeping.kind, user=keeping.user, update=keeping.update,
        content=kept_content(keeping.customer, clock.today()),
    )  # fmt: skip


@transaction.atomic
def version_keep(*, customer: Customer, user: User) -> PlanVersion:
    """Keep the customer's plan as it is now. Raises ``customer_passive``."""
    check_active(customer)
    return plan_keep(Keeping(customer, VersionKind.KEPT, user))
