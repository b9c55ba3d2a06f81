"""Default data: shipped with the program, loaded once into a fresh database, from then on the organisation's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.module_loading import module_has_submodule

from core.models import Choice, DefaultData


def read(app: str, name: str) -> Any:
    """Return the parsed ``<app>/default_data/<name>.json``."""
    path = Path(apps.get_app_config(app).path) / "default_data" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def load_all() -> list[str]:
    """Load the sets that this database has not had yet; return their names.

    An app's ``defaults.py`` declares ``SETS``: names (never changed later) and functions that create rows.
    """
    loaded = []
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "defaults") and config.name != "core":
            for name, load in import_module(f"{config.name}.defaults").SETS.items():
                loaded += [name] if load_once(f"{config.label}.{name}", load) else []
    return loaded


@transaction.atomic
def load_once(name: str, load: Callable[[], None]) -> bool:
    """Call ``load`` unless this database has had the set ``name``; return whether it was called."""
    _row, is_new = DefaultData.objects.get_or_create(name=name)
    if is_new:
        load()
    return is_new


def load_list(name: str, model: type[Choice]) -> None:
    """Add the rows of the file ``name`` of the model's app, in the order of the file."""
    rows = enumerate(read(model._meta.app_label, name), 1)
    model._default_manager.bulk_create(model(**row, order=order * 10) for order, row in rows)
