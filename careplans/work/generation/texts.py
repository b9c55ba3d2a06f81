"""What a generated activity says: the name of the action, its description as the goal, its memo template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import translation

from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityType
from activities.log.services.whole_days import days_between
from careplans.work.generation.wanted import Wanted
from core.richtext import clean, from_text

#: Types of work for actions that name none.
USUAL = ("call", "planning")
GOAL_LENGTH = 500


def title_of(want: Wanted, language: str) -> str:
    """Return the title of the work in a person's language."""
    with translation.override(language):
        return str(want.action.source)[:200]


def activity_of(want: Wanted, day: dt.date, language: str, types: Mapping[int, ActivityType]) -> Activity:
    """Return the unsaved activity for an occurrence: a whole day without a time."""
    source: Any = want.action.source
    kind = type_of(source, types)
    start, end = days_between(day, day)
    with translation.override(language):
        title, description = str(source)[:200], str(source.description)
        memo = source.memo_template or kind.memo_template
    return Activity(
        type=kind, customer_id=want.customer, title=title, start=start, end=end, is_all_day=True,
        goal=(description or title)[:GOAL_LENGTH] if kind.needs_goal or description else "",
        memo=clean(memo) if "<" in memo else from_text(memo), channel=source.channel or kind.channel,
        place=source.place, status=ActivityStatus.OPEN,
    )  # fmt: skip


def type_of(source: Any, types: Mapping[int, ActivityType]) -> ActivityType:
    """Return the type of the work: the action's own, else the first that completes it, else a usual one."""
    if source.activity_type_id:
        return types[source.activity_type_id]
    completing = sorted((types[kind.pk] for kind in source.types.all()), key=_in_order)
    usual = (kind for kind in types.values() if kind.code in USUAL)
    return completing[0] if completing else next(usual, min(types.values(), key=_in_order))


def _in_order(kind: ActivityType) -> tuple[bool, int, int]:
    return kind.is_retired, kind.order, kind.pk
