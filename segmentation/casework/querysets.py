"""Reads of segmentation work: everyone sees segments and reasons, of the customers that they see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from customers.models import Customer

if TYPE_CHECKING:
    from segmentation.casework.models import (  # noqa: F401
        Inquiry,
        InquiryLine,
        Override,
        Review,
        ReviewLine,
    )


def _of_visible(rows: Any, user: Any) -> Any:
    """Return the rows of customers that the user sees."""
    if not user.is_authenticated or not user.is_active:
        return rows.none()
    return rows if user.has_perm("customers.manage_passive") else rows.filter(customer__state="active")


class OverrideQuerySet(models.QuerySet["Override"]):
    def visible_to(self, user: Any) -> OverrideQuerySet:
        found: OverrideQuerySet = _of_visible(self, user)
        return found

    def in_force(self) -> OverrideQuerySet:
        return self.filter(ended_at__isnull=True)


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, user: Any) -> ReviewQuerySet:
        return self if user.is_authenticated and user.is_active else self.none()

    def open(self) -> ReviewQuerySet:
        return self.filter(status="open")

    def with_counts(self) -> ReviewQuerySet:
        """Add the number of customers, ``total``, and of those without an answer, ``unanswered``."""
        unanswered = Q(lines__answer="", lines__customer__state="active")
        return self.annotate(total=models.Count("lines"), unanswered=models.Count("lines", filter=unanswered))


class ReviewLineQuerySet(models.QuerySet["ReviewLine"]):
    def visible_to(self, user: Any) -> ReviewLineQuerySet:
        found: ReviewLineQuerySet = _of_visible(self, user)
        return found

    def unanswered(self) -> ReviewLineQuerySet:
        """Return those that wait for an answer: inactive customers need none."""
        return self.filter(answer="", customer__state="active")

    def of_person(self, user: Any) -> ReviewLineQuerySet:
        """Return those of customers for which the user is responsible now."""
        own = Customer.objects.filter(responsibilities__in=_current(user))
        return self.filter(customer__in=own)


def _current(user: Any) -> Any:
    related: Any = Customer._meta.get_field("responsibilities").related_model
    return related.objects.current().filter(user=user)


class InquiryQuerySet(models.QuerySet["Inquiry"]):
    def visible_to(self, user: Any) -> InquiryQuerySet:
        """Return those that the user asked or is asked; key account managers and others who edit all see all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_perm("customers.change_any_customer"):
            return self
        return self.filter(Q(asked=user.pk) | Q(asked_by=user.pk))

    def open(self) -> InquiryQuerySet:
        return self.filter(closed_at__isnull=True)


class InquiryLineQuerySet(models.QuerySet["InquiryLine"]):
    def visible_to(self, user: Any) -> InquiryLineQuerySet:
        found: InquiryLineQuerySet = _of_visible(self, user)
        return found

    def suggestions(self) -> InquiryLineQuerySet:
        """Return the answers that name a segment and about which nobody has decided."""
        return self.filter(segment__isnull=False, settled_at__isnull=True)
