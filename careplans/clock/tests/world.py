"""Internal events for tests, through the real service."""

from __future__ import annotations

from typing import Any

from activities.log.models import ActivityType
from careplans.clock.models import InternalAction
from careplans.clock.services.internal import internal_save
from careplans.plans.tests.world import day


def event(code: str = "review", *, responsible: Any = ("group:management",), **about: Any) -> InternalAction:
    """Add an event that began in January: once a month unless said otherwise."""
    since = about.pop("since", "2026-01-01")
    fields = {
        "name_fi": f"Tapahtuma {code}", "name_en": f"Event {code}", "frequency": "months", "count": 1,
        "activity_type": ActivityType.objects.get(code="internal_meeting"), "first": day("2026-05-15"), **about,
    }  # fmt: skip
    action = internal_save(action=InternalAction(code=code, **fields), responsible=list(responsible))
    InternalAction.objects.filter(pk=action.pk).update(first=day(since))
    action.refresh_from_db()
    return action
