"""Base class and helpers of the row handlers."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from accounts.models import User
from core.import_kinds import Handler
from customers.models import Customer
from imports.config import Config, parse_fixed
from imports.enums import RowStatus
from imports.models import ImportRow, ImportRun
from imports.problems import Problem


class RowHandler(Handler):
    """Base class of handlers: the run, its mapping, the importing user and the defaults of new rows."""

    #: The customer assigned to rows that needed review (``imports.services``).
    assigned_customer: Customer | None = None

    def __init__(self, run: ImportRun, config: Config) -> None:
        self.run, self.config, self.dry_run = run, config, run.dry_run
        self.user: User | None = run.owner
        self.defaults = parse_fixed(run.row_kind, config.defaults)
        self.notes = []


def set_result(row: ImportRow, status: RowStatus, *problems: Problem) -> None:
    """Set the final result of a row and add its problems."""
    row.fate, row.values = status, None
    row.problems = row.problems + [problem.data() for problem in problems]


def add_problem(row: ImportRow, problem: Problem) -> None:
    row.problems = [*row.problems, problem.data()]


def field_default(model: type[Model], name: str) -> Any:
    """Return the default value of a model field."""
    field: Any = model._meta.get_field(name)
    return field.get_default()
