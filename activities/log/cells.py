"""Cells of lists of activities, and what other pages show of an activity in the same form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString

from core import cells
from core.formatting import date_text, local
from core.html import html
from core.templatetags import portaali


def start(value: dt.datetime, row: Any) -> SafeString:
    is_late = row.is_overdue and cells.alarm(row) == "late"
    return cells.moment(value, is_late=is_late, is_all_day=row.is_all_day)


def overdue(value: dt.datetime, row: Any) -> SafeString:
    """Return the day, and how long ago it was."""
    return html(
        '<time datetime="{}" title="{}"><span class="text-nowrap">{}</span></time> '
        '<span class="{}-time sm text-nowrap">{}</span>',
        local(value).isoformat(),
        date_text(value, "SHORT_DATETIME_FORMAT"),
        portaali.day(value),
        cells.alarm(row),
        portaali.ago(value),
    )


def title(value: str, row: Any) -> SafeString:
    """Return the title as a link, with the place of what was searched for."""
    link = html('<a href="{}">{}</a>', row.get_absolute_url(), value)
    snippet = getattr(row, "snippet", "")
    return html('{}<div class="muted sm snippet">{}</div>', link, snippet) if snippet else link


def type_name(value: Any, row: Any = None) -> SafeString:
    return html("{} {}", portaali.icon(value.icon), value)


def status_text(row: Any) -> str:
    return cells.days_overdue(row.start) if row.is_overdue else str(row.get_status_display())


def overdue_words(value: Any, row: Any) -> SafeString:
    """Return how late an overdue activity is, in red if the reader may act on it."""
    return cells.fault(row, status_text(row))


def status(value: Any, row: Any) -> SafeString:
    if row.is_overdue:
        return overdue_words(value, row)
    return portaali.status({"done": "ok", "cancelled": "muted"}.get(row.status, "warn"), status_text(row))
