"""What apps declare in small modules of their own, put together: the kernel names no app.

The modules are read before Django is ready, so they import no models.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def declared(apps: Iterable[str], module: str, name: str) -> dict[str, Any]:
    """Return the entries of the dicts called ``name`` in the ``module`` of each app that has one.

    Raises ``ValueError`` when two apps declare the same entry.
    """
    entries: dict[str, Any] = {}
    for app in apps:
        if find_spec(f"{app}.{module}") is None:
            continue
        own = getattr(import_module(f"{app}.{module}"), name, {})
        if twice := entries.keys() & own.keys():
            raise ValueError(f"{app}.{module}.{name} declares again: {', '.join(sorted(twice))}")
        entries.update(own)
    return entries
