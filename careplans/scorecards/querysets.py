"""Reads of scorecards: everyone sees them, those of inactive customers who manages these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from careplans.caremodels.querysets import SeenByAll
from customers.querysets import of_active

if TYPE_CHECKING:
    from careplans.scorecards.models import Scorecard, ScoreLine, StrategyVersion  # noqa: F401


class ScorecardQuerySet(models.QuerySet["Scorecard"]):
    def visible_to(self, user: Any) -> ScorecardQuerySet:
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self if user.has_perm("customers.manage_passive") else self.filter(of_active())

    def with_subjects(self) -> ScorecardQuerySet:
        """Read what they are of and who is responsible in the same query."""
        return self.select_related("customer", "team", "responsible", "approved_by")

    def awaiting(self, user: Any) -> ScorecardQuerySet:
        """Return those that wait for a decision that the user may make."""
        if not user.is_authenticated or not user.has_perm("careplans.approve_plans"):
            return self.none()
        others = [~Q(**{name: user.pk}) | Q(**{f"{name}__isnull": True}) for name in ("created_by", "sent_by")]
        return self.visible_to(user).filter(~Q(editors__contains=[user.pk]), *others, status="sent")


class LineQuerySet(models.QuerySet["ScoreLine"]):
    def visible_to(self, user: Any) -> LineQuerySet:
        """Return the lines of scorecards that the user sees; value figures are left out by ``showing.lines_of``."""
        cards: Any = self.model._meta.get_field("card").related_model
        return self.filter(card__in=cards.objects.visible_to(user).order_by().values("pk"))


class StrategyQuerySet(SeenByAll["StrategyVersion"]):
    pass
