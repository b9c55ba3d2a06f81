"""Keeping the triggers out of a mass load or removal."""

from __future__ import annotations

from django.db import connection
from pgtrigger import registered


def without_triggers(*, keep: frozenset[str] = frozenset()) -> None:
    """Until the transaction ends, none of the program's triggers acts (history, protection) but those in ``keep``."""
    ignored = [
        name
        for model, trigger in registered()
        if trigger.name not in keep
        for name in (trigger.get_pgid(model), f"{model._meta.db_table}:{trigger.get_pgid(model)}")
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(ignored) + "}"])


def with_triggers() -> None:
    """Let the triggers act again in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '', true)")
