"""A database of the bench's own, beside the real one on the same server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

#: The database that a new one is a copy of: an empty one.
TEMPLATE = "template1"


@contextmanager
def throwaway_database(name: str, *, keep: bool = False) -> Iterator[bool]:
    """Make and migrate the database ``name`` and use it; drop it at the end unless ``keep``.

    Gives whether it is new: with ``keep`` a database of an earlier run is used again. The role needs CREATEDB.
    """
    own = connection.settings_dict["NAME"]
    is_new = _create(name, reuse=keep)
    _use(name)
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield is_new
    finally:
        _use(own)
        if not keep:
            _run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _create(name: str, *, reuse: bool) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        exists = cursor.fetchone() is not None
    if exists and reuse:
        return False
    _run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _run(f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}"')
    return True


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name
