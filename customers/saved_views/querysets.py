from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from customers.saved_views.models import SavedView  # noqa: F401


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Any) -> SavedViewQuerySet:
        """Return one's own views (deleted ones too), those of one's teams and those shared with everyone."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        of_team = Q(sharing="team", team__in=user.teams.all())
        return self.filter(Q(owner=user) | (Q(deleted_at__isnull=True) & (Q(sharing="all") | of_team)))

    def alive(self) -> SavedViewQuerySet:
        return self.filter(deleted_at__isnull=True)

    def deleted(self) -> SavedViewQuerySet:
        return self.filter(deleted_at__isnull=False)

    def usable_by(self, user: Any) -> SavedViewQuerySet:
        """Return the views that the user can open."""
        return self.visible_to(user).alive()
