"""Keeping the program's triggers out of a mass load or removal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
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
