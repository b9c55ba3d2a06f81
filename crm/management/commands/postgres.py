"""``manage.py postgres PROGRAM …``: PostgreSQL's own tools on Portaali's database, for backups and inspection."""

import argparse
import os
import shutil
import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from core.local import binaries
from core.local.directories import place_of
from core.local.errors import LocalServiceError
from crm import env


class Command(BaseCommand):
    """Runs pg_dump, pg_restore, psql … with the address of the database in their environment."""

    help = "Run a PostgreSQL program on Portaali's database: manage.py postgres pg_dump --format=custom --file=x.dump"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("program", help="pg_dump, pg_restore, psql …")
        parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the program is given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the program and end with its exit code."""
        command = [find(options["program"]), *options["arguments"]]
        sys.exit(subprocess.run(command, env=environment(), check=False).returncode)


def find(program: str) -> str:
    """Return the program of the private PostgreSQL or of the system; raise LocalServiceError when there is none."""
    own = "" if env.DATABASE_URL else str(binaries.postgres_programs(place_of(env.DATA_DIR)))
    path = shutil.which(program, path=os.pathsep.join([own, os.environ.get("PATH", "")]))
    if not path:
        raise LocalServiceError(f"{program} was not found: install the package postgresql-client.")
    return path


def environment() -> dict[str, str]:
    """Return an environment in which PostgreSQL's programs find the database by themselves."""
    config = connection.settings_dict
    address = {
        "PGHOST": config["HOST"],
        "PGPORT": str(config["PORT"]),
        "PGUSER": config["USER"],
        "PGPASSWORD": config["PASSWORD"],
        "PGDATABASE": config["NAME"],
    }
    return {**os.environ, **{name: value for name, value in address.items() if value}}
