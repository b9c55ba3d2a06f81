"""Default data: the mappings of the worked example in ``docs/import.md``."""

from __future__ import annotations

from collections.abc import Callable

from core.defaults import read
from imports.models import ImportMapping


def load_mappings() -> None:
    _load("mappings")


def load_mappings_of_sales() -> None:
    """Load the mappings of products and offers; an existing mapping of the same name is kept."""
    _load("mappings_of_sales")


def _load(name: str) -> None:
    ImportMapping.objects.bulk_create((ImportMapping(**row) for row in read("imports", name)), ignore_conflicts=True)


SETS: dict[str, Callable[[], None]] = {"mappings": load_mappings, "mappings_of_sales": load_mappings_of_sales}
