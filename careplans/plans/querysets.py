"""Reads of care plans: everyone sees those of the customers that they see."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

from careplans.plans.approval_days import is_in_approval, waiting_actions
from core import clock

M = TypeVar("M", bound=models.Model)


class OfCustomers(models.QuerySet[M]):
    def visible_to(self, user: Any) -> Any:
        """Return the rows of customers that the user sees: active ones, all for those who manage inactive ones."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_perm("customers.manage_passive") else self.filter(customer__state="active")


class StayQuerySet(OfCustomers[M]):
    def on(self, day: dt.date) -> Any:
        """Return the stays that have the day."""
        return self.filter(Q(last__isnull=True) | Q(last__gte=day), first__lte=day)


class ActionQuerySet(StayQuerySet[M]):
    def waiting(self) -> Any:
        """Return those that wait for the management today."""
        return self.filter(pk__in=waiting_actions(clock.today()))

    def approved(self) -> Any:
        """Return those that management has approved and that do not wait again."""
        return self.filter(approved_on__isnull=False).exclude(pk__in=waiting_actions(clock.today()))

    def awaiting(self, user: Any) -> Any:
        """Return those that the user may decide: what others have added or changed (rule 18)."""
        if not user.is_authenticated or not user.has_perm("careplans.approve_plans"):
            return self.none()
        return self.waiting().filter(customer__state="active").filter(~Q(asked_by=user.pk) | Q(asked_by__isnull=True))


#: Statuses of what somebody has decided, as indexes name them.
DECIDED = ("approved", "rejected")


class ApprovalQuerySet(OfCustomers[M]):
    def waiting(self) -> Any:
        return self.filter(status="waiting")

    def decided(self) -> Any:
        return self.filter(status__in=DECIDED)

    def awaiting(self, user: Any) -> Any:
        """Return those that the user may decide."""
        if not user.is_authenticated or not user.has_perm("careplans.approve_plans"):
            return self.none()
        return self.waiting().filter(customer__state="active").filter(~Q(asked_by=user.pk) | Q(asked_by__isnull=True))


class ExceptionQuerySet(OfCustomers[M]):
    def requested(self) -> Any:
        return self.filter(status="requested")

    def decided(self) -> Any:
        return self.filter(status__in=DECIDED)

    def in_force(self) -> Any:
        """Return those that were approved, whatever their days."""
        return self.filter(status="approved")

    def on_days_of(self, exception: Any) -> Any:
        """Return the others of the same customer, action and kind that share days with an exception."""
        about = {name: getattr(exception, name) for name in ("customer", "code", "kind")}
        return self.filter(**about, first__lte=exception.last, last__gte=exception.first).exclude(pk=exception.pk)

    def awaiting(self, user: Any) -> Any:
        """Return the requests that the user may decide: in segments that need approval those of others (rule 18)."""
        if not user.is_authenticated:
            return self.none()
        rows = self.requested().filter(customer__state="active").alias(of_management=is_in_approval())
        mine = Q()
        if user.has_perm("careplans.manage_plans"):
            mine |= Q(of_management=False)
        if user.has_perm("careplans.approve_plans"):
            mine |= Q(of_management=True) & (~Q(requested_by=user.pk) | Q(requested_by__isnull=True))
        return rows.filter(mine) if mine else self.none()
