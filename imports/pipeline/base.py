"""What the handlers of all kinds share."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from accounts.models import User
from core.import_kinds import Handler
from customers.models import Customer
from imports.config import Config, parse_fixed
from imports.enums import Fate
from imports.models import ImportRow, ImportRun
from imports.problems import Problem


class RowHandler(Handler):
    """A handler of rows: the run with its mapping, who imports, and the values that new rows get."""

    #: The customer that a person has chosen for rows that were held (``imports.services.assignments``).
    given: Customer | None = None

    def __init__(self, run: ImportRun, config: Config) -> None:
        self.run, self.config, self.dry_run = run, config, run.dry_run
        self.user: User | None = run.owner
        self.defaults = parse_fixed(run.row_kind, config.defaults)
        self.notes = []


def settle(row: ImportRow, fate: Fate, *problems: Problem) -> None:
    """Give a row its fate; nothing more is to be done with it."""
    row.fate, row.values = fate, None
    row.problems = row.problems + [problem.data() for problem in problems]


def add_problem(row: ImportRow, problem: Problem) -> None:
    row.problems = [*row.problems, problem.data()]


def field_default(model: type[Model], name: str) -> Any:
    """Return what an emptied field holds."""
    field: Any = model._meta.get_field(name)
    return field.get_default()
