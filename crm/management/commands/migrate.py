"""``manage.py migrate``: Django's own, which refuses a database with migrations that this version does not have."""

from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from core.local.directories import place_of
from core.local.errors import LocalServiceError

#: A migration that every database has from before the migrations were reset, and none since.
BEFORE_RESET = ("crm", "0001_database")


class Command(migrate.Command):
    """Migrates, unless the database is from before the migrations were reset."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate; end with one sentence when the database cannot be upgraded."""
        require_upgradable(options["database"])
        super().handle(*args, **options)


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
