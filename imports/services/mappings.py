"""Services of saved mappings, one per source and kind."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from imports.config import Config
from imports.models import ImportMapping


@transaction.atomic
def mapping_save(*, kind: str, name: str, config: Config, replace: bool = True) -> ImportMapping:
    """Save a mapping under a name, replacing the content of one with the same kind and name.

    Raises :class:`BusinessRuleError` ``name_taken`` at ``name`` if one exists and ``replace`` is false.
    """
    mapping, is_new = ImportMapping.objects.select_for_update().get_or_create(
        kind=kind, name=name, defaults={"config": config.data()}
    )
    if is_new:
        return mapping
    if not replace:
        raise _name_taken()
    if mapping.config != config.data():
        mapping.config = config.data()
        mapping.version += 1
        mapping.save()
    return mapping


@transaction.atomic
def mapping_rename(*, mapping: ImportMapping, name: str, version: int | None = None) -> ImportMapping:
    """Rename a mapping. Raises :class:`BusinessRuleError`: ``name_taken``, ``stale_version``."""
    row = lock(mapping)
    check_version(row, version)
    if ImportMapping.objects.filter(kind=row.kind, name=name).exclude(pk=row.pk).exists():
        raise _name_taken()
    row.name = name
    row.version += 1
    row.save()
    return row


@transaction.atomic
def mapping_delete(*, mapping: ImportMapping) -> None:
    """Delete a mapping. Imports made with it stay and keep their own copy."""
    mapping.delete()


def _name_taken() -> BusinessRuleError:
    return BusinessRuleError(
        "name_taken", _("There is already a mapping with this name for this type of data."), field="name"
    )
