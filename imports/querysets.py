from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

from core.enums import FINISHED as JOB_FINISHED
from core.import_kinds import hidden_kinds
from imports.enums import FINISHED_STATES, PROBLEM_STATUSES, WRITTEN, RunState

if TYPE_CHECKING:
    from imports.models import ImportMapping, ImportRow, ImportRun  # noqa: F401

GRANT = "imports.run_imports"
R = TypeVar("R", bound="models.QuerySet[Any]")


def may_import(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active and user.has_perm(GRANT))


def _known(rows: R, user: Any, kind: str = "kind") -> R:
    """Leave out the kinds of which the user does not know."""
    if not may_import(user):
        return rows.none()
    hidden = hidden_kinds(user)
    return rows.exclude(**{f"{kind}__in": hidden}) if hidden else rows


class ImportMappingQuerySet(models.QuerySet["ImportMapping"]):
    def visible_to(self, user: Any) -> ImportMappingQuerySet:
        """Return the mappings of the kinds that the user knows, to users who may import."""
        return _known(self, user)


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: Any) -> ImportRunQuerySet:
        """Return the imports of the kinds that the user knows, to users who may import."""
        return _known(self, user)


class ImportRowQuerySet(models.QuerySet["ImportRow"]):
    def visible_to(self, user: Any) -> ImportRowQuerySet:
        return _known(self, user, "run__kind")

    def with_problems(self) -> ImportRowQuerySet:
        """Return the rows that need review, were skipped, or were imported with a field left out."""
        return self.filter(models.Q(fate__in=PROBLEM_STATUSES) | ~models.Q(problems=[]))

    def with_reason(self, code: str) -> ImportRowQuerySet:
        """Return the rows with a problem of this code."""
        return self.filter(~models.Q(problems=[]), problems__contains=[{"code": code}])

    def held(self) -> ImportRowQuerySet:
        """Return the rows of finished imports that need review."""
        left = models.Q(run__state=RunState.UNDOING, run__job__state__in=JOB_FINISHED)  # an undo that never began
        return self.filter(models.Q(run__state__in=FINISHED_STATES) | left, fate="held")

    def written(self) -> ImportRowQuerySet:
        """Return the rows that created or changed a record."""
        return self.filter(fate__in=WRITTEN, target_id__isnull=False)

    def kept_because(self, code: str) -> ImportRowQuerySet:
        """Return the rows that an undo keeps for this reason."""
        return self.filter(undo="kept", undo_problems__contains=[{"code": code}])
