"""``manage.py migrate``: Django's own, ten times as fast, which refuses a database from before the reset."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from core.local.directories import place_of
from core.local.errors import LocalServiceError

#: A migration that every database has from before the migrations were reset, and none since.
BEFORE_RESET = ("crm", "0001_database")


class Command(migrate.Command):
    """Migrates, unless the database is from before the migrations were reset."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; end with one sentence when the database cannot be upgraded."""
        require_upgradable(options["database"])
        with one_model_at_a_time():
            super().handle(*args, **options)


@contextmanager
def one_model_at_a_time() -> Iterator[None]:
    """Make each step of a migration draw the model that it changes, and not all that are related to it.

    Every table here has a history and a user, so that is nearly all models, a thousand times: 70 of the 75 seconds of a
    fresh database. The schema that comes out is the same to the letter. Django does so too for fields without a
    relation (``delay``), and draws all models anew before a ``RunPython`` and at the end (``is_delayed``).
    """

    def only_changed(state: Any, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        state.is_delayed = True
        return {(app_label, model_name)}

    drawn_with_it = ProjectState._find_reload_model  # type: ignore[attr-defined]
    ProjectState._find_reload_model = only_changed  # type: ignore[attr-defined]
    try:
        yield
    finally:
        ProjectState._find_reload_model = drawn_with_it  # type: ignore[attr-defined]


def require_upgradable(database: str = "default") -> None:
    """Raise LocalServiceError, which says how to start afresh, when the data are from before the reset."""
    if BEFORE_RESET not in MigrationRecorder(connections[database]).applied_migrations():
        return
    if settings.PRIVATE_POSTGRES:
        root = place_of(settings.DATA_DIR).root
        where, remedy = root, f"move it away (mv {root} {root}-old) or set DATA_DIR to a new directory"
    else:
        where, remedy = connections[database].settings_dict["NAME"], "set DATABASE_URL to a new database"
    raise LocalServiceError(
        f"The data in {where} is from an older version that cannot be upgraded: {remedy}, then start again."
    )
