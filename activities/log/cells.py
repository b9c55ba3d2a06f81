"""Cells of lists of activities, and what other pages show of an activity in the same form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import cells
from core.formatting import date_text, local
from core.html import html
from core.templatetags import portaali


def start(value: dt.datetime, row: Any) -> SafeString:
    return cells.moment(value, is_late=row.is_overdue)


def overdue(value: dt.datetime, row: Any) -> SafeString:
    """Return the day, and how long ago it was."""
    return html(
        '<time datetime="{}" title="{}"><span class="text-nowrap">{}</span></time> '
        '<span class="late-time sm text-nowrap">{}</span>',
        local(value).isoformat(),
        date_text(value, "SHORT_DATETIME_FORMAT"),
        portaali.day(value),
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
    return _("overdue") if row.is_overdue else str(row.get_status_display())


def status(value: Any, row: Any) -> SafeString:
    kind = "ok" if row.status == "done" else "late" if row.is_overdue else "warn"
    return portaali.status(kind, status_text(row))
