"""Recurring activities: their occurrences are activities, made a year ahead."""

from activities.services.series.changing import (
    SeriesResult,
    days_leave_out,
    occurrence_skip,
    series_change,
    series_end,
)
from activities.services.series.making import series_continue, series_make

__all__ = [
    "SeriesResult",
    "days_leave_out",
    "occurrence_skip",
    "series_change",
    "series_continue",
    "series_end",
    "series_make",
]
