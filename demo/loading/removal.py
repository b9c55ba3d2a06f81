# ruff: noqa: S608, S610 (the names in the SQL are those of models)
"""Set-based removal of rows with everything that cannot exist without them.

Rows that refer to a removed row by a required or protecting link are removed too, however many steps away; other links
are emptied. So tables of later apps need no code here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction

from core.models import Document

Model = type[models.Model]
Link = tuple[Model, str]  # the model that points and its column


class Removal:
    """Rows marked for removal, in one temporary table per model. To be used inside a transaction."""

    def __init__(self) -> None:
        self.marked: dict[Model, int] = {}

    def mark(self, model: Model, condition: str) -> None:
        """Mark the rows that ``condition`` (SQL, never from outside) selects, and then the rows removed with them."""
        table, pk = model._meta.db_table, _pk(model)
        if model not in self.marked:
            self._run(f'CREATE TEMPORARY TABLE "{_marks(model)}" (id {_pk_type(model)} PRIMARY KEY) ON COMMIT DROP')
        added = self._run(
            f'INSERT INTO "{_marks(model)}" SELECT "{pk}" FROM "{table}" WHERE {condition} ON CONFLICT DO NOTHING'
        )
        self.marked[model] = self.marked.get(model, 0) + added
        for child, column in followers(model) if added else ():
            self.mark(child, f'"{column}" IN (SELECT id FROM "{_marks(model)}")')

    def only_of_marked(self, child: Model, column: str) -> str:
        """Return the condition for rows that marked rows of ``child`` point at by ``column``, and no others do."""
        table, marks = child._meta.db_table, _of(child)
        pointed = f'SELECT "{column}" FROM "{table}" WHERE "{_pk(child)}"'
        return f"id IN ({pointed} IN {marks}) AND id NOT IN ({pointed} NOT IN {marks})"

    def carry_out(self) -> dict[Model, int]:
        """Empty the links to marked rows, delete these and their history; return how many of each model there were."""
        for model in self.marked:
            for child, column in pointers(model):
                self._run(f'UPDATE "{child._meta.db_table}" SET "{column}" = NULL WHERE "{column}" IN {_of(model)}')
            for events in event_models(model):
                self._run(f'DELETE FROM "{events._meta.db_table}" WHERE pgh_obj_id IN {_of(model)}')
            self._remove_documents(model)
        self._run("SET CONSTRAINTS ALL IMMEDIATE")
        for model in self._children_first():
            self._run(f'DELETE FROM "{model._meta.db_table}" WHERE "{_pk(model)}" IN {_of(model)}')
        return {model: count for model, count in self.marked.items() if count}

    def _children_first(self) -> list[Model]:
        order: dict[Model, None] = {}

        def visit(model: Model) -> None:
            for child, _column in followers(model):
                if child not in order:
                    visit(child)
            order[model] = None

        for model in self.marked:
            visit(model)
        return [model for model in order if model in self.marked]

    def _remove_documents(self, model: Model) -> None:
        """Delete the documents attached to marked rows; their files go once the removal is certain."""
        if _pk_type(model) == "uuid":
            return
        kind = ContentType.objects.get_for_model(model)
        documents = Document.objects.filter(content_type=kind).extra(where=[f"object_id IN {_of(model)}"])
        files = [document.file for document in documents]
        documents.delete()
        for file in files:
            transaction.on_commit(partial(file.storage.delete, file.name))

    def _run(self, sql: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return int(cursor.rowcount)


def followers(model: Model) -> Iterator[Link]:
    """Yield the links of rows that are removed with a row of ``model``."""
    for link, on_delete in _links(model):
        if on_delete in (models.CASCADE, models.PROTECT) and link[0] is not model:
            yield link


def pointers(model: Model) -> Iterator[Link]:
    """Yield the links that are emptied when a row of ``model`` is removed, including links to the same model."""
    for link, on_delete in _links(model):
        if on_delete is models.SET_NULL or (on_delete is models.PROTECT and link[0] is model):
            yield link


def _links(model: Model) -> Iterator[tuple[Link, object]]:
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and not relation.related_model._meta.proxy:
            yield (relation.related_model, relation.field.column), relation.on_delete


def event_models(model: Model) -> list[Model]:
    """Return the history tables of a model and of its proxies."""
    same = [other for other in apps.get_models() if other._meta.concrete_model is model]
    return [other.pgh_event_model for other in same if hasattr(other, "pgh_event_model")]


def _pk(model: Model) -> str:
    return str(model._meta.pk.column)


def _pk_type(model: Model) -> str:
    return str(model._meta.pk.rel_db_type(connection))


def _marks(model: Model) -> str:
    return f"gone_{model._meta.db_table}"


def _of(model: Model) -> str:
    return f'(SELECT id FROM "{_marks(model)}")'
