"""What the handlers of all kinds share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Model

from accounts.models import User
from customers.models import Customer
from imports.config import Config, parse_fixed
from imports.enums import Fate
from imports.models import ImportRow, ImportRun
from imports.problems import Problem


class Handler:
    """Takes the rows of one kind in, a batch at a time, inside a transaction.

    ``process`` gives every row its fate and, unless the run is a dry one, writes it. A row that is to be looked at once
    more when all rows are in (its parent may stand further down) keeps ``values``; ``link`` gets those.
    """

    batch_size: ClassVar[int] = 1_000
    #: The customer that a person has chosen for rows that were held (``imports.services.assignments``).
    takes_customer: ClassVar[bool] = False
    given: Customer | None = None

    def __init__(self, run: ImportRun, config: Config) -> None:
        self.run, self.config, self.dry_run = run, config, run.dry_run
        self.user: User | None = run.owner
        self.defaults = parse_fixed(run.kind, config.defaults)
        self.notes: list[dict[str, Any]] = []

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        """Return what a row is recognised by within its file: number, identity, name."""
        raise NotImplementedError

    @staticmethod
    def figures(values: dict[str, Any]) -> tuple[str, str | None]:
        """Return by what a row's sums are told, and its sum: the run counts them."""
        return "", None

    def process(self, rows: Sequence[ImportRow]) -> None:
        raise NotImplementedError

    def link(self, rows: Sequence[ImportRow]) -> None:
        """Second look at the rows that kept ``values``."""


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
