from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from customers.selections.models import Selection  # noqa: F401


class SelectionQuerySet(models.QuerySet["Selection"]):
    def visible_to(self, user: Any) -> SelectionQuerySet:
        """Return one's own selections (deleted ones too), those of one's teams and those shared with everyone."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        of_team = Q(sharing="team", team__in=user.teams.all())
        return self.named().filter(Q(owner=user) | (Q(deleted_at__isnull=True) & (Q(sharing="all") | of_team)))

    def named(self) -> SelectionQuerySet:
        """Leave out the deeper conditions of lists."""
        return self.filter(is_unnamed=False)

    def alive(self) -> SelectionQuerySet:
        return self.filter(deleted_at__isnull=True)

    def deleted(self) -> SelectionQuerySet:
        return self.filter(deleted_at__isnull=False)

    def usable_by(self, user: Any) -> SelectionQuerySet:
        """Return the selections that the user can filter by."""
        return self.visible_to(user).alive()
