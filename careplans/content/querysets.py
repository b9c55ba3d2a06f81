"""Reads of needs: everyone sees those of the customers that they see, and those without a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef

from careplans.content.enums import NeedStatus

if TYPE_CHECKING:
    from careplans.content.models import Need  # noqa: F401


class NeedQuerySet(models.QuerySet["Need"]):
    def visible_to(self, user: Any) -> NeedQuerySet:
        """Return the needs of customers that the user sees; who manages inactive customers sees all."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.has_perm("customers.manage_passive"):
            return self
        shown: Any = self.model._meta.get_field("customers").related_model
        return self.filter(Exists(shown.objects.filter(need=OuterRef("pk"), customer__state="active")))

    def kept(self) -> NeedQuerySet:
        """Return the open and the declined ones."""
        return self.filter(status__in=[NeedStatus.OPEN, NeedStatus.DECLINED])
