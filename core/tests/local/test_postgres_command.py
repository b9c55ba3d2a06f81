"""``manage.py postgres``: a backup that can be restored."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.local.errors import LocalServiceError
from core.tests.local.conftest import User
from crm import env
from crm.management.commands import postgres


def manage(data_dir: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    addresses = {"DATABASE_URL", "REDIS_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in addresses}
    return subprocess.run(
        [sys.executable, "manage.py", "postgres", *arguments],
        env={**environment, "DATA_DIR": str(data_dir)},
        cwd=env.BASE_DIR,
        text=True,
        capture_output=True,
    )


def test_backup_is_restored_over_what_has_changed_since(data_dir: Path, user: Callable[[], User]) -> None:
    user().ready()  # the services run beside the commands
    dump = str(data_dir / "backup.dump")
    schema = "CREATE EXTENSION pg_trgm; CREATE TABLE kept AS SELECT 42 AS number"
    steps = [
        ("psql", "--command", schema),
        ("pg_dump", "--format=custom", f"--file={dump}"),
        ("psql", "--command", "UPDATE kept SET number = 0; CREATE INDEX ON kept (number)"),
        ("pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", "--dbname=portaali", dump),
    ]
    for step in steps:
        done = manage(data_dir, *step)
        assert (done.returncode, done.stderr) == (0, "")
    assert manage(data_dir, "psql", "--tuples-only", "--command", "SELECT number FROM kept").stdout.strip() == "42"


def test_alone_it_starts_the_services_and_its_exit_code_is_the_programs(data_dir: Path) -> None:
    assert manage(data_dir, "psql", "--command", "SELEKT").returncode == 1


def test_unknown_program_is_said_so() -> None:
    with pytest.raises(LocalServiceError, match="no_such_program was not found"):
        postgres.find("no_such_program")
