"""What a run writes for one target: the tables with a history, those without, and what has to be refreshed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model


@dataclass(frozen=True)
class Part:
    """A table with a history; its records belong to a record of ``of``.

    Their column ``link`` holds its id; where ``by`` is given, that column of ``of`` holds theirs.
    """

    model: type[Model]
    of: type[Model]
    link: str = ""
    by: str = ""


@dataclass(frozen=True)
class Follower:
    """A table without a history: its records go with the record of ``of`` that their ``field`` points at.

    Where ``only`` is given, those of these rows that it returns go, with what belongs to them; the others keep the
    record as any other reference does.
    """

    model: type[Model]
    field: str
    of: type[Model]
    only: Callable[[Any], Any] | None = None

    def rows(self, ids: Collection[int]) -> Any:
        """Return the records that go with these records of ``of``."""
        found = self.model._base_manager.filter(**{f"{self.field}__in": list(ids)})
        return self.only(found) if self.only else found


@dataclass(frozen=True)
class Undoing:
    """The record that a row means (``root``) and all that is written with it.

    ``by_column`` compares and restores only the columns that the run has changed, where others may have changed the
    rest of the record since; without it a record that anybody has touched stays as it is.
    """

    root: type[Model]
    parts: Sequence[Part] = ()
    followers: Sequence[Follower] = ()
    #: Functions that refresh the figures of customers.
    refreshes: Sequence[Callable[[Collection[int]], Any]] = ()
    by_column: bool = False
    #: The root was there before: a row that added something added parts of it. Several rows may mean the same root.
    root_stays: bool = False
    #: Refuses targets of a plan by rules of their own.
    refuse: Callable[[Any], None] | None = None

    @property
    def models(self) -> list[type[Model]]:
        """The tables with a history, the root first."""
        return [self.root, *(part.model for part in self.parts)]
