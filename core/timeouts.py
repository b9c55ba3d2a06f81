"""The longest time that one statement of a web request may take.

Web processes call :func:`limit_statements` when they start; workers, management commands and migrations have no limit.
A statement that takes longer is cancelled by the database, and its transaction is rolled back: nothing is half done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.signals import connection_created
from psycopg2.errors import QueryCanceled


def limit_statements() -> None:
    """From here on, limit the statements of this process to ``STATEMENT_TIMEOUT_SECONDS`` (0: no limit)."""
    connection_created.connect(_limit, dispatch_uid="statement_timeout")


def _limit(connection: Any, **_kwargs: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = %s", [settings.STATEMENT_TIMEOUT_SECONDS * 1000])


@contextmanager
def unlimited() -> Iterator[None]:
    """Within a transaction, for work that is rare, long and wanted: no limit until the transaction ends."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        yield


@contextmanager
def limited(seconds: int) -> Iterator[None]:
    """Within a transaction, cancel each statement that takes longer than ``seconds``."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [seconds * 1000])
        yield


def took_too_long(error: BaseException | None) -> bool:
    """Return whether the database cancelled a statement that took too long."""
    while error is not None:
        if isinstance(error, QueryCanceled):
            return True
        error = error.__cause__
    return False
