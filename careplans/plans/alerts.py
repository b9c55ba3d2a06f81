"""Plans that ask for attention: those that have not been gone through for a year, those that nobody has approved."""

from __future__ import annotations

from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import DateTimeField, Exists, Func, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from careplans.plans.approval_days import is_in_approval
from careplans.plans.enums import ApprovalStatus
from careplans.plans.models import ModelStay, PlanApproval, PlanUpdate
from core import clock
from segmentation.membership.models import Membership
from segmentation.schemes.models import Segment


def old_plans() -> Any:
    """Return the present times under models of customers of which the plan is over a year old.

    A plan is that of a customer in a segment that needs approval, or one that has been gone through before. It is old
    when it was neither gone through nor begun within a year.
    """
    limit = clock.today() - relativedelta(years=1)
    updates = PlanUpdate.objects.filter(customer=OuterRef("customer"))
    is_followed = Exists(updates) | is_in_approval()
    rows = ModelStay.objects.filter(~Exists(updates.filter(day__gte=limit)), last__isnull=True, first__lt=limit)
    return rows.filter(is_followed)


def unaccepted_plans() -> Any:
    """Return the present memberships of segments that need approval without a plan that management has approved.

    What was approved before the customer came to the segment counts no more.
    """
    approved = PlanApproval.objects.filter(
        customer=OuterRef("customer"), status=ApprovalStatus.APPROVED, decided_on__gte=_day(OuterRef("period"))
    )
    segments = list(Segment.objects.filter(needs_approval=True).values_list("pk", flat=True))
    present = Membership.objects.present().filter(segment__in=segments)  # few: their index is read, not all memberships
    return present.filter(~Exists(approved), Q(customer__state="active"))


def _day(period: Any) -> TruncDate:
    """Return the SQL of the first day of a membership in the organisation's time zone."""
    began = Func(period, function="lower", output_field=DateTimeField())
    return TruncDate(began, tzinfo=timezone.get_default_timezone())
