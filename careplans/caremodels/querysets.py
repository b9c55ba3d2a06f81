"""Reads of care models: everyone sees them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models
from django.db.models import F, Q

from careplans.caremodels.enums import PREPARED, VersionStatus

if TYPE_CHECKING:
    from careplans.caremodels.models import CareAction, CareModel, ModelVersion  # noqa: F401

M = TypeVar("M", bound=models.Model)


class SeenByAll(models.QuerySet[M]):
    def visible_to(self, user: Any) -> SeenByAll[M]:
        """Return all rows: everyone sees how customers are looked after."""
        return self if user.is_authenticated and user.is_active else self.none()


class CareModelQuerySet(SeenByAll["CareModel"]):
    def in_use(self) -> CareModelQuerySet:
        return self.filter(retired_at__isnull=True)


class ModelVersionQuerySet(SeenByAll["ModelVersion"]):
    def in_force(self, day: dt.date) -> ModelVersionQuerySet:
        """Return the versions that apply on ``day``: at most one of each model."""
        begun = Q(status__in=[VersionStatus.APPROVED, VersionStatus.REPLACED], valid_from__lte=day)
        return self.filter(begun, Q(valid_to__isnull=True) | Q(valid_to__gte=day))

    def approved(self) -> ModelVersionQuerySet:
        """Return those that were approved, whether replaced since or not, but for those that never applied."""
        ever = Q(status__in=[VersionStatus.APPROVED, VersionStatus.REPLACED])
        return self.filter(ever).exclude(valid_to__lt=F("valid_from"))

    def prepared(self) -> ModelVersionQuerySet:
        """Return those that are drafts or wait for a decision."""
        return self.filter(status__in=PREPARED)


class CareActionQuerySet(SeenByAll["CareAction"]):
    pass
