from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from activities.models import EmailTemplate  # noqa: F401 - named in a base class


class EmailTemplateQuerySet(models.QuerySet["EmailTemplate"]):
    def visible_to(self, user: Any) -> EmailTemplateQuerySet:
        """One's own templates and the shared ones."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(models.Q(owner=user) | models.Q(owner__isnull=True))

    def in_use(self) -> EmailTemplateQuerySet:
        return self.filter(retired_at__isnull=True)
