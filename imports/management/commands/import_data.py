"""``manage.py import_data``: import a file at once through the same service as the pages."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pghistory
from django.core.management.base import CommandError
from django.utils import translation

from accounts.models import User
from core import import_kinds
from core.commands import DatedCommand
from core.exceptions import BusinessRuleError
from imports.models import ImportMapping, ImportRun
from imports.selectors import sums_of
from imports.services import run_now

#: Problems beyond this many are counted only.
SHOWN = 50


class Command(DatedCommand):
    help = "Import users, customers, contacts, products or offers from a CSV, TSV, XLSX, XLS or ODS file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("kind", choices=[kind.name for kind in import_kinds.kinds()])
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", default="", help="Name of a saved mapping; without it the headings are used.")
        parser.add_argument("--dry-run", action="store_true", help="Report what would happen without writing anything.")
        parser.add_argument("--user", default="", help="User name of the user who imports.")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = _owner(options["user"])
        with translation.override(owner.language if owner else "en"), _history(owner):
            try:
                run = self._run(options, owner)
            except BusinessRuleError as error:
                raise CommandError(str(error)) from None
            self._report(run)

    def _run(self, options: dict[str, Any], owner: User | None) -> ImportRun:
        mapping = _mapping(options["kind"], options["mapping"])
        try:
            file = options["file"].open("rb")
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror or 'cannot be opened'}.") from None
        with file:
            return run_now(
                kind=options["kind"],
                file=file,
                name=options["file"].name,
                owner=owner,
                mapping=mapping,
                dry_run=options["dry_run"],
            )

    def _report(self, run: ImportRun) -> None:
        for note in run.notes:
            self.stderr.write(f"Added as a user: {note['name']}")
        for column in run.left_out_columns:
            examples = ", ".join(column["examples"])
            self.stderr.write(f"Column not imported: {column['column']} ({column['cells']} cells: {examples})")
        for sheet in run.left_out_sheets:
            self.stderr.write(f"Sheet not imported: {sheet}")
        rows = run.rows.with_problems().select_related("run").order_by("number")
        for row in rows[:SHOWN]:
            self.stderr.write(f"row {row.number}: {row.result_label}: {' '.join(row.reasons)[:300]}")
        more = rows.count() - SHOWN
        if more > 0:
            self.stderr.write(f"… and {more} more; the page of the import lists all of them.")
        sys.stderr.flush()
        if run.dry_run:
            self.stderr.write("This was a check: nothing has been imported.")
        for stage in sums_of(run):
            shares = [f"{share} {sums.rows} ({sums.value})" for share, sums in stage.shares()]
            self.stdout.write(f"{stage.stage}: {', '.join(shares)}")
        self.stdout.write(" ".join(f"{name}={count}" for name, count in run.counts.items()))


def _owner(username: str) -> User | None:
    if not username:
        return None
    user = User.objects.by_username(username).active().first()
    if user is None:
        raise CommandError(f"There is no active user “{username}”.")
    return user


def _mapping(kind: str, name: str) -> ImportMapping | None:
    if not name:
        return None
    mapping = ImportMapping.objects.filter(kind=kind, name=name).first()
    if mapping is None:
        names = ", ".join(ImportMapping.objects.filter(kind=kind).values_list("name", flat=True)) or "none"
        raise CommandError(f"There is no mapping “{name}” for {kind}. Mappings: {names}.")
    return mapping


@contextmanager
def _history(owner: User | None) -> Iterator[None]:
    """Record the command and the user in the history."""
    details = {"command": "import_data"} | ({"user": owner.pk} if owner else {})
    with pghistory.context(**details):
        yield
