"""Cells of the pipeline as a table."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import cells, clock
from core.html import html, html_join
from core.templatetags import portaali


def days(value: int, row: Any) -> str:
    shown = portaali.number(value)
    return html("{} {}", _fault("warn", _("over the limit")), shown) if row.is_stuck else shown


def expected(value: dt.date | None, row: Any = None) -> str:
    if not value:
        return cells.EMPTY
    shown = portaali.day(value)
    has_passed = value < clock.user_today()
    return html("{} {}", shown, _fault("warn", pgettext("day", "passed"))) if has_passed else shown


def valid(value: dt.date | None, row: Any) -> str:
    if not value:
        return cells.EMPTY
    shown = portaali.day(value)
    return html("{} {}", shown, _fault(cells.alarm(row), pgettext("offer", "expired"))) if row.is_expired else shown


def next_step(value: Any, row: Any = None) -> str:
    return portaali.day(value) if value else _fault("warn", _("no next activity"))


def warnings(value: Any, row: Any = None) -> SafeString:
    return html_join(" ", [portaali.status(fault.kind, fault.text) for fault in value])


def customer(value: Any, row: Any = None) -> str:
    return cells.link(value) if value else ""


def _fault(kind: str, words: str) -> SafeString:
    icon = portaali.icon("alert-triangle", words)
    return html('<span class="cell-fault {}" title="{}">{}</span>', kind, words, icon)
