"""Reads of absences: everyone sees who is away and the substitute; the reason is for those that it concerns."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import User

if TYPE_CHECKING:
    from careplans.work.models import Absence  # noqa: F401 - named in a base class


def told_to(user: Any) -> Q:
    """Return the condition of the absences of which the user knows the reason: own ones, of those he or she leads."""
    if user.has_perm("carework.manage_absences"):
        return Q()
    led = User.objects.filter(Q(manager=user.pk) | Q(teams__leader=user.pk), pk=OuterRef("person"))
    return Q(person=user.pk) | Q(Exists(led))


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def visible_to(self, user: Any) -> AbsenceQuerySet:
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(deleted_at=None)

    def between(self, first: dt.date, last: dt.date) -> AbsenceQuerySet:
        """Return those that have a day from ``first`` to ``last``."""
        return self.filter(deleted_at=None, first__lte=last, last__gte=first)

    def told(self, user: Any) -> AbsenceQuerySet:
        """Say of each (``is_told``) whether the user knows the reason."""
        known = told_to(user)
        value = models.Value(True) if known == Q() else models.Case(models.When(known, then=True), default=False)
        return self.annotate(is_told=models.ExpressionWrapper(value, models.BooleanField()))
