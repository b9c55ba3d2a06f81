"""Updates of a customer's plan: it was gone through, perhaps with the customer."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from careplans.plans.enums import VersionKind
from careplans.plans.models import PlanUpdate
from careplans.plans.plugs import Keeping, plan_kept, plans_changed
from careplans.plans.services.approvals import check_active
from core import clock
from core.exceptions import BusinessRuleError
from customers.models import Customer


@transaction.atomic
def plan_update_add(
    *, customer: Customer, user: User | None, day: dt.date | None = None, accepted_by: str = "", note: str = ""
) -> PlanUpdate:
    """Record that the plan was gone through on a day. Raises ``future_day`` at ``day``, ``customer_passive``."""
    check_active(customer)
    day = day or clock.today()
    if day > clock.today():
        raise BusinessRuleError("future_day", _("The date is in the future."), field="day")
    update = PlanUpdate.objects.create(
        customer=customer, user=user, day=day, accepted_by=accepted_by.strip(), note=note.strip()
    )
    plans_changed([customer.pk])
    kind = VersionKind.ACCEPTED if update.accepted_by else VersionKind.REVIEWED
    plan_kept(Keeping(customer, kind, user, update))
    return update


@transaction.atomic
def plan_update_remove(*, update: PlanUpdate) -> None:
    """Take back an update that was recorded by mistake."""
    update.delete()
    plans_changed([update.customer_id])
