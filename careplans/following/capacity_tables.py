"""Capacity as its page draws it and as a file has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from careplans.caremodels.workload import Row
from careplans.following.capacity import Capacity, sum_of, week_url
from offers.sales.reports.tables import COUNT, TEXT, WHOLE_PERCENT, ReportColumn, ReportTable


def week_words(week: dt.date) -> str:
    """Return the name of an ISO week by its Monday."""
    return _("Week %(week)d") % {"week": week.isocalendar().week}


def capacity_table(found: Capacity) -> ReportTable:
    """Return per cent and hours of each week, the sums first."""
    columns = [ReportColumn("name", _("Who has it"), TEXT), ReportColumn("over", _("First overload"), TEXT)]
    for week in found.weeks:
        name = f"{week_words(week)} ({week.year})"
        columns += [ReportColumn(f"percent_{week}", f"{name}, %", WHOLE_PERCENT)]
        columns += [ReportColumn(f"hours_{week}", f"{name}, h", COUNT)]
    lines = [_values(row, found.weeks) for row in (found.total, *found.rows)]
    return ReportTable("capacity", _("Capacity"), columns, lines if found.rows else [])


def _values(row: Row, weeks: Sequence[dt.date]) -> list[Any]:
    over = row.first_over(weeks)
    values: list[Any] = [row.label, week_words(over) if over else ""]
    for week in weeks:
        load = row.load(week)
        values += [load.percent, round(float(load.hours), 2)]
    return values


def drawn_rows(found: Capacity, reader: Any, *, with_idle: bool = False) -> list[dict[str, Any]]:
    """Return the rows of the page, the sums first; each figure has the list of what it counts.

    Several people without hours share the last row, so that the rows add up to the sums.
    """
    if not found.rows:
        return []
    busy = [row for row in found.rows if row.hours]
    idle = [row for row in found.rows if not row.hours]
    is_folded = bool(busy) and len(idle) > 1 and not with_idle
    drawn = [_drawn(row, [row], found, reader) for row in (busy if is_folded else found.rows)]
    if is_folded:
        drawn.append(_drawn(sum_of(idle, found.weeks, _idle_words(len(idle))), [], found, reader) | {"is_idle": True})
    total = _drawn(found.total, found.rows, found, reader) | {"is_total": True}
    return [total, *drawn] if len(found.rows) > 1 else drawn


def _idle_words(count: int) -> str:
    return ngettext("%(count)d person without hours", "%(count)d people without hours", count) % {"count": count}


def _drawn(row: Row, people: Sequence[Row], found: Capacity, reader: Any) -> dict[str, Any]:
    over = row.first_over(found.weeks)
    return {
        "label": row.label,
        "over": week_words(over) if over else "",
        "cells": [_cell(row, people, week, reader) for week in found.weeks],
    }


def _cell(row: Row, people: Sequence[Row], week: dt.date, reader: Any) -> dict[str, Any]:
    load = row.load(week)
    return {
        "hours": float(load.hours), "available": float(load.available), "percent": load.percent,
        "week": _("wk %(week)d") % {"week": week.isocalendar().week}, "is_over": load.is_overload,
        "url": week_url(reader, people, week) if load.hours else "",
    }  # fmt: skip
