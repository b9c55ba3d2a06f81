from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from segmentation.schemes.models import RuleChange, Scheme, Segment  # noqa: F401


class SchemeQuerySet(models.QuerySet["Scheme"]):
    def visible_to(self, user: Any) -> SchemeQuerySet:
        """Return all schemes: everyone sees segments and their reasons."""
        return self if user.is_authenticated and user.is_active else self.none()

    def in_use(self) -> SchemeQuerySet:
        return self.filter(retired_at__isnull=True)

    def primary(self) -> SchemeQuerySet:
        """Return the primary scheme, the one that “segment” means everywhere."""
        return self.filter(is_primary=True)

    def further(self) -> SchemeQuerySet:
        """Return the schemes in use besides the primary one; each has its own column, filter and API field."""
        return self.in_use().filter(is_primary=False)


class SegmentQuerySet(models.QuerySet["Segment"]):
    def visible_to(self, user: Any) -> SegmentQuerySet:
        """Return all segments: everyone sees segments and their reasons."""
        return self if user.is_authenticated and user.is_active else self.none()

    def in_use(self) -> SegmentQuerySet:
        return self.filter(retired_at__isnull=True, scheme__retired_at__isnull=True)

    def primary(self) -> SegmentQuerySet:
        """Return the segments of the primary scheme, in their order."""
        return self.filter(scheme__is_primary=True)


class RuleChangeQuerySet(models.QuerySet["RuleChange"]):
    def visible_to(self, user: Any) -> RuleChangeQuerySet:
        """Return all changes: everyone sees who decides about segments."""
        return self if user.is_authenticated and user.is_active else self.none()

    def open(self) -> RuleChangeQuerySet:
        return self.filter(status="open")
