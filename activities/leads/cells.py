"""Cells of the list of leads, which the panel of a lead shows too."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import cells
from core.html import html
from core.templatetags import portaali

KINDS = {"untaken": "warn", "closed": "muted"}


def state(value: Any, row: Any) -> SafeString:
    return portaali.status(KINDS.get(row.lead.state, "ok"), value)


def take_by(value: dt.date | None, row: Any) -> str:
    if not value:
        return cells.EMPTY
    is_late = row.lead.is_late
    time = html(
        '<time datetime="{}"{}>{}</time>',
        value.isoformat(),
        cells.late_class(is_late=is_late, kind=cells.alarm(row)),
        portaali.day(value),
    )
    return html("{} {}", time, cells.fault(row, _("not claimed in time"))) if is_late else time
