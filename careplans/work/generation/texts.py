"""What a generated activity says: the name of the action, its description as the goal, its memo template."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django.utils import translation

from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityType
from activities.log.services.activities import days_between
from careplans.work.generation.wanted import Wanted
from core.richtext import from_text

#: Types of work whose action names none, the first that is in use.
USUAL = ("call", "planning")
GOAL_LENGTH = 500


def title_of(want: Wanted, language: str) -> str:
    """Return the title of the work in a person's language."""
    with translation.override(language):
        return str(want.action.source)[:200]


def activity_of(want: Wanted, day: dt.date, language: str) -> Activity:
    """Return the unsaved activity for an occurrence: a whole day without a time."""
    source: Any = want.action.source
    kind = type_of(source)
    start, end = days_between(day, day)
    with translation.override(language):
        title, description = str(source)[:200], str(source.description)
        memo = source.memo_template or kind.memo_template
    return Activity(
        type=kind, customer_id=want.customer, title=title, start=start, end=end, is_all_day=True,
        goal=(description or title)[:GOAL_LENGTH] if kind.needs_goal or description else "",
        memo=from_text(memo) if memo and "<" not in memo else memo, channel=source.channel or kind.channel,
        place=source.place, status=ActivityStatus.OPEN,
    )  # fmt: skip


def type_of(source: Any) -> ActivityType:
    """Return the type of the work: the action's own, else the first that completes it, else a usual one."""
    if source.activity_type_id:
        own: ActivityType = source.activity_type
        return own
    types = sorted(source.types.all(), key=lambda kind: (kind.order, kind.pk))
    return types[0] if types else usual_type()


@lru_cache(maxsize=1)
def usual_type() -> ActivityType:
    known = ActivityType.objects.filter(retired_at=None)
    return known.filter(code__in=USUAL).order_by("code").first() or known.order_by("order", "pk")[0]
