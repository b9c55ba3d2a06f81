"""The database that the migrations make is the one that the models describe."""

from __future__ import annotations

import pgtrigger
import pytest
from django.apps import apps
from django.db import connection

from careplans.following.models import SUM_TRIGGERS

pytestmark = pytest.mark.django_db

#: Models with a table of their own; those of ``pghistory`` are views of several.
MODELS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.managed and not model._meta.proxy and model._meta.app_label != "pghistory"
]


def rows(sql: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_every_table_has_the_columns_of_its_model():
    found = rows(
        "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_schema = 'public'"
    )
    tables: dict[str, set[tuple[str, str]]] = {}
    for table, column, is_nullable in found:
        tables.setdefault(table, set()).add((column, is_nullable))
    wrong = {}
    for model in MODELS:
        fields = model._meta.local_concrete_fields
        # A generated column cannot be told to be empty or not.
        expected = {(field.column, "YES" if field.null or field.generated else "NO") for field in fields}
        if expected != tables.get(model._meta.db_table):
            wrong[model._meta.label] = expected ^ tables.get(model._meta.db_table, set())
    assert not wrong


def test_every_foreign_key_leads_to_the_table_of_its_model():
    found = set(
        rows(
            "SELECT c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] "
            "WHERE c.contype = 'f' AND c.conparentid = 0"  # partitions have those of their table
        )
    )
    expected = {
        (model._meta.db_table, field.column, field.related_model._meta.db_table)
        for model in MODELS
        for field in model._meta.local_concrete_fields
        if field.is_relation and field.db_constraint
    }
    assert found == expected


def test_every_index_constraint_and_trigger_is_there():
    names = {
        name for [name] in rows("SELECT indexname::text FROM pg_indexes UNION SELECT conname::text FROM pg_constraint")
    }
    named = {item.name for model in MODELS for item in (*model._meta.indexes, *model._meta.constraints)}
    assert not named - names
    triggers = {name for [name] in rows("SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal")}
    registered = {trigger.get_pgid(model) for model, trigger in pgtrigger.registered()}
    assert registered | SUM_TRIGGERS == triggers
