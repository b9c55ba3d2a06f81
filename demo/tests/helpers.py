"""What tests of loaded data need."""

from __future__ import annotations

from django.apps import apps

CUSTOMERS = 60


def history_rows() -> int:
    models = [model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    return sum(model._default_manager.count() for model in models)
