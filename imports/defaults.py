"""Default data: the mappings of the worked example in ``docs/import.md``."""

from __future__ import annotations

from collections.abc import Callable

from crm.defaults import read
from imports.models import ImportMapping


def load_mappings() -> None:
    ImportMapping.objects.bulk_create(ImportMapping(**row) for row in read("imports", "mappings"))


SETS: dict[str, Callable[[], None]] = {"mappings": load_mappings}
