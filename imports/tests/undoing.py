"""Short calls for the tests of undos."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Any

import pghistory

from accounts.models import User
from accounts.tests.factories import UserFactory
from imports.models import ImportRun
from imports.tests.helpers import row
from imports.undo.services import undo_execute, undo_start


def undo(run: ImportRun, user: User | None = None, ids: Collection[int] | None = None) -> ImportRun:
    """Undo rows as the job does; ``user`` is an administrator unless given."""
    user = user or administrator()
    run = undo_start(run=run, user=user, ids=ids)
    with by(user):
        undo_execute(run, lambda done, total: None, everything=ids is None)
    run.refresh_from_db()
    return run


def administrator() -> User:
    return User.objects.filter(username="admin").first() or UserFactory(username="admin", role="administrator")


def by(user: User | None) -> AbstractContextManager[Any]:
    """Changes inside are made by this user, as in a request: the rest of a test would go on in the import's context."""
    return pghistory.context(user=user.pk if user else None)


def outcome(run: ImportRun, number: int) -> tuple[str, list[str]]:
    """What the undo says of a row: its status and the codes of its reasons."""
    found = row(run, number)
    return found.undo, [problem["code"] for problem in found.undo_problems or []]
