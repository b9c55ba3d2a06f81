from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from segmentation.membership.models import Membership, Proposal  # noqa: F401


def _of_visible_customers(rows: Any, user: Any) -> Any:
    """Return the rows of customers that the user sees: all active ones, and inactive ones for those who manage them."""
    if not user.is_authenticated or not user.is_active:
        return rows.none()
    return rows if user.has_perm("customers.manage_passive") else rows.filter(customer__state="active")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: Any) -> MembershipQuerySet:
        found: MembershipQuerySet = _of_visible_customers(self, user)
        return found

    def present(self) -> MembershipQuerySet:
        """Return the memberships that have not ended."""
        return self.filter(period__upper_inf=True)

    def on(self, moment: dt.datetime) -> MembershipQuerySet:
        """Return the memberships at a moment."""
        return self.filter(period__contains=moment)

    def too_long(self, now: dt.datetime) -> MembershipQuerySet:
        """Return the present ones that have lasted longer than the longest stay of their segment. One query."""
        found = models.Q(pk__in=[])
        for segment, before in self._latest_starts(now):
            found |= models.Q(segment=segment, period__startswith__lt=before)
        return self.present().filter(found)

    def too_long_for_each(self, now: dt.datetime) -> MembershipQuerySet:
        """Return the same, for many in the order of a list: looked at row by row, no index leads to them."""
        latest = models.Case(
            *(
                models.When(segment=segment, period__upper_inf=True, then=models.Value(before))
                for segment, before in self._latest_starts(now)
            ),
            default=None,
            output_field=models.DateTimeField(),
        )
        return self.filter(period__startswith__lt=latest)

    def _latest_starts(self, now: dt.datetime) -> list[tuple[int, dt.datetime]]:
        """Return each segment with a longest stay, and before when one that is longer by now has begun."""
        segments: Any = self.model._meta.get_field("segment").related_model
        limited = segments.objects.filter(longest_days__isnull=False).values_list("pk", "longest_days")
        return [(pk, now - dt.timedelta(days=days)) for pk, days in limited]

    def primary(self) -> MembershipQuerySet:
        return self.filter(scheme__is_primary=True)


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: Any) -> ProposalQuerySet:
        found: ProposalQuerySet = _of_visible_customers(self, user)
        return found

    def open(self) -> ProposalQuerySet:
        return self.filter(status="open")

    def awaiting(self, user: Any) -> ProposalQuerySet:
        """Return the open proposals that the user may decide."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        rows = self.open().exclude(proposed_by=user.pk)
        if user.is_superuser:
            return rows
        segments: Any = self.model._meta.get_field("segment").related_model
        own = segments.objects.filter(approvers__user=user.pk).order_by().values("pk")
        to_own = models.Q(segment__needs_approval=True, segment__in=own)
        return rows.filter(to_own | models.Q(segment__needs_approval=False, from_segment__in=own))
