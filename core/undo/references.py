"""What refers to records that an undo would remove: it must not be lost, nor lose what it refers to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Field, Model

from core.models import Document
from core.registry import declared

#: Table and id of a record.
Record = tuple[str, int]


@cache
def _free() -> frozenset[tuple[type[Model], str]]:
    """Return the fields that need not keep a record, such as those of a read model (``FREE_REFERENCES`` of apps)."""
    return frozenset(declared("FREE_REFERENCES"))


@dataclass(frozen=True)
class Reference:
    """A record (``by``) that refers to the record ``to`` in its ``column``."""

    to: Record
    by: Record
    column: str
    label: str


@cache
def _referring(model: type[Model]) -> tuple[Field[Any, Any], ...]:
    """Return the foreign keys of all apps that refer to a model, but for those of the history."""
    relations = [field for field in model._meta.get_fields(include_hidden=True) if field.auto_created]
    fields = [item.field for item in relations if not item.concrete and (item.one_to_many or item.one_to_one)]  # type: ignore[union-attr]
    return tuple(field for field in fields if _counts(field))


def _counts(field: Any) -> bool:
    model, is_link = field.model, bool(getattr(field.remote_field, "parent_link", False))
    is_history = hasattr(model, "pgh_tracked_model") or model._meta.app_label == "pghistory"
    return model._meta.managed and not (model._meta.proxy or is_link or is_history or (model, field.name) in _free())


def references_to(model: type[Model], ids: Collection[int], skipped: set[tuple[str, str]]) -> Iterator[Reference]:
    """Yield what refers to these records of a model, but for ``skipped`` (table and column), with one query a field."""
    if not ids:
        return
    table = model._meta.db_table
    for field in _referring(model):
        own, column = field.model._meta.db_table, str(field.column)
        if (own, column) in skipped:
            continue
        found = field.model._base_manager.filter(**{f"{field.name}__in": list(ids)})
        for to, by in found.values_list(field.attname, "pk"):
            yield Reference((table, to), (own, by), column, _label(field.model))
    kind = ContentType.objects.get_for_model(model)
    for to, by in Document.objects.filter(content_type=kind, object_id__in=list(ids)).values_list("object_id", "pk"):
        yield Reference((table, to), (Document._meta.db_table, by), "", Document._meta.label)


@cache
def _label(model: type[Model]) -> str:
    """Return the model that people know a table by: of a table between two others, the proxy that names it."""
    proxies = (other for other in apps.get_models() if other._meta.proxy and other._meta.concrete_model is model)
    return next(proxies, model)._meta.label if model._meta.auto_created else model._meta.label
