"""Labels of import fields."""

from __future__ import annotations

import time
from functools import lru_cache

from django.utils.translation import get_language

from core import import_kinds

KEPT = 60  # seconds


def label_of(name: str) -> str:
    """Return the label of a field; of several kinds that share the name, the first one's."""
    for kind in import_kinds.kinds():
        for field in kind.fixed_fields:
            if field.name == name:
                return str(field.label)
    return _changing(int(time.monotonic() / KEPT), get_language()).get(name, name.partition(":")[2] or name)


@lru_cache(maxsize=2)
def _changing(_moment: int, _language: str | None) -> dict[str, str]:
    """Return the labels of fields that users add and remove, cached because a page shows hundreds of rows."""
    return {field.name: str(field.label) for kind in import_kinds.kinds() for field in kind.changing_fields()}
