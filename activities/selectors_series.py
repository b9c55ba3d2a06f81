"""What pages say of series."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from activities.enums import UNFINISHED
from activities.ical.rules import parse_rule
from activities.ical.words import in_words
from activities.models import Activity, ActivitySeries
from crm import clock

NEXT = 4


@dataclass(frozen=True)
class SeriesView:
    """A series for a page: its rule in words, the occurrences nearest to come and the days to come without one."""

    words: str
    time: dt.datetime
    zone: str
    coming: list[Activity]
    more: bool
    ended: bool
    left_out: list[dt.date]


def rule_words(series: ActivitySeries) -> str:
    """Say a series' rule in the language of the page."""
    return in_words(parse_rule(series.rule), series.start.astimezone(ZoneInfo(series.time_zone)).date())


def series_view(user: Any, series: ActivitySeries) -> SeriesView:
    """Return what the page of an occurrence shows of its series, in one query."""
    coming = Activity.objects.visible_to(user).filter(series=series, status__in=UNFINISHED, start__gt=clock.now())
    found = list(coming.select_related("type").order_by("start", "pk")[: NEXT + 1])
    start = series.start.astimezone(ZoneInfo(series.time_zone))
    ended = series.ended_at is not None and not found
    without = [day for day in series.left_out if day >= clock.user_today()][:NEXT]
    return SeriesView(rule_words(series), start, series.time_zone, found[:NEXT], len(found) > NEXT, ended, without)
