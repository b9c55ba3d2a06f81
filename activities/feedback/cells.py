"""Cells of lists of feedback."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString

from core import cells
from core.formatting import date_text, local
from core.html import html
from core.templatetags import portaali


def received(value: dt.datetime, row: Any = None) -> SafeString:
    return html(
        '<time datetime="{}" title="{}">{}</time>',
        local(value).isoformat(),
        date_text(value, "SHORT_DATETIME_FORMAT"),
        portaali.day(value),
    )


def state(value: Any, row: Any = None) -> SafeString:
    """Return the state; *late* is red only to a reader who can act on it."""
    if value.kind == "late":
        return cells.fault(row, value.label)
    return portaali.status(value.kind, value.label)


def due(value: dt.datetime | None, row: Any) -> str:
    feedback = row.feedback
    is_late = not feedback.answered_at and feedback.is_late
    return cells.moment(value, is_late=is_late, kind=cells.alarm(row)) if value else cells.EMPTY
