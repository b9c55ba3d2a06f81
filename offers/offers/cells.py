"""Cells of lists of offers; pages of an offer show its status in the same form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.html import html
from core.templatetags import portaali


def valid(value: dt.date | None, row: Any) -> str:
    shown = portaali.day(value)
    return html('<span class="late-time">{}</span>', shown) if row.is_expired else shown


def stage(value: int, row: Any) -> str:
    """Return the days at the stage, with a remark if there are too many."""
    days = portaali.number(value)
    return html("{} {}", days, portaali.status("late", _("too long"))) if row.is_stuck else days


def status_text(row: Any) -> str:
    label = str(row.get_status_display())
    return f"{label} {_('expired')}" if row.is_expired else label


def status(value: Any, row: Any) -> SafeString:
    label = row.get_status_display()
    if row.status in ("order", "lost"):
        return portaali.status("ok" if row.status == "order" else "muted", label)
    if row.is_expired:
        expired = html('<span class="late-time sm">{}</span>', _("expired"))
        return html("{} {}", portaali.status("late", label), expired)
    return portaali.status("late" if row.is_stuck else "warn", label)
