from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from imports.enums import TO_MEND, RunState

if TYPE_CHECKING:
    from imports.models import ImportMapping, ImportRow, ImportRun  # noqa: F401

GRANT = "imports.run_imports"


def may_import(user: Any) -> bool:
    return bool(user.is_authenticated and user.is_active and user.has_perm(GRANT))


class ImportMappingQuerySet(models.QuerySet["ImportMapping"]):
    def visible_to(self, user: Any) -> ImportMappingQuerySet:
        """Mappings are everybody's who may import."""
        return self if may_import(user) else self.none()


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def visible_to(self, user: Any) -> ImportRunQuerySet:
        """Imports are followed together: all of them, by everybody who may import."""
        return self if may_import(user) else self.none()


class ImportRowQuerySet(models.QuerySet["ImportRow"]):
    def visible_to(self, user: Any) -> ImportRowQuerySet:
        return self if may_import(user) else self.none()

    def to_mend(self) -> ImportRowQuerySet:
        """Rows that somebody should look at: held, refused, or taken in with a field left out."""
        return self.filter(models.Q(fate__in=TO_MEND) | ~models.Q(problems=[]))

    def with_reason(self, code: str) -> ImportRowQuerySet:
        """Rows that have a problem of this code."""
        return self.filter(~models.Q(problems=[]), problems__contains=[{"code": code}])

    def held(self) -> ImportRowQuerySet:
        """Held rows of imports that have been run (a check holds nothing)."""
        return self.filter(fate="held", run__state=RunState.DONE)
