"""What tests of loaded data need."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from activities.log.models import Activity, ActivityType

CUSTOMERS = 60


def history_rows() -> int:
    models = [model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]
    return sum(model._default_manager.count() for model in models)


def make_call(**fields: Any) -> Activity:
    """Return a call that somebody has logged past the demo data."""
    return Activity.objects.create(type=ActivityType.objects.get(code="call"), **{"title": "Kokeilu", **fields})
