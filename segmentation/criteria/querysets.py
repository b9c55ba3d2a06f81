"""Reads of criteria: versions are seen by everyone, what they give a customer by those who see the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from customers.models import Customer
from segmentation.criteria.enums import Outcome, VersionStatus

if TYPE_CHECKING:
    from segmentation.criteria.models import CriteriaVersion  # noqa: F401


class VersionQuerySet(models.QuerySet["CriteriaVersion"]):
    def visible_to(self, user: Any) -> VersionQuerySet:
        """Return all versions: everyone sees why a customer is in a segment."""
        return self if user.is_authenticated and user.is_active else self.none()

    def in_force(self) -> VersionQuerySet:
        return self.filter(status=VersionStatus.IN_FORCE)


class EvaluationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> EvaluationQuerySet:
        """Return those of the customers that the user may see."""
        return self.filter(customer__in=Customer.objects.visible_to(user).active())

    def suggestions(self) -> EvaluationQuerySet:
        """Return those that people are to decide about."""
        return self.filter(is_suggestion=True)

    def too_little(self) -> EvaluationQuerySet:
        """Return those with criteria of which too little is known."""
        return self.filter(outcome=Outcome.TOO_LITTLE)
