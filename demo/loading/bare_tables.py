"""Loading into bare tables and removing without triggers.

Building an index once is many times quicker than keeping it row by row, and so is a load without triggers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model
from pgtrigger import registered


@contextmanager
def without_triggers(*, keep: frozenset[str] = frozenset()) -> Iterator[None]:
    """Within a transaction, switch the triggers (history, protection, upkeep) off but those in ``keep``, then on again.

    Telling each trigger to ignore itself, as pgtrigger does, costs more than the rows themselves.
    """
    triggers = {
        (model._meta.db_table, trigger.get_pgid(model)) for model, trigger in registered() if trigger.name not in keep
    }
    _switch("DISABLE", triggers)
    yield
    _switch("ENABLE", triggers)


def _switch(word: str, triggers: set[tuple[str, str]]) -> None:
    with connection.cursor() as cursor:
        # Needed before tables are altered; and checks put off for millions of rows would fill the memory.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, name in sorted(triggers):
            cursor.execute(f'ALTER TABLE "{table}" {word} TRIGGER "{name}"')


_CONSTRAINTS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint
WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'x', 'u')
ORDER BY contype DESC, conname
"""
_INDEXES = """
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND NOT indisprimary
  AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('x', 'u'))
ORDER BY indexrelid
"""


@contextmanager
def without_indexes(models: Iterable[type[Model]]) -> Iterator[None]:
    """Drop the tables' indexes (except primary keys) and constraints, and create them again at the end.

    Use it in a transaction, so that a failure restores them. The tables are locked for everyone else meanwhile.
    """
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        pairs = []
        for query in (_CONSTRAINTS, _INDEXES):
            cursor.execute(query, [tables])
            pairs += cursor.fetchall()
        for drop, _create in pairs:
            cursor.execute(drop)
        yield
        for _drop, create in reversed(pairs):
            cursor.execute(create)
