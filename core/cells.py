"""Cells of tables: functions of a value and its row that return HTML, or a text that the table escapes.

A page of a list draws hundreds of them, so they are plain functions. Templates draw one elsewhere with
``{% cell "core.cells.day" value %}``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.formatting import date_text, local, time_text
from core.html import html, html_join
from core.templatetags import portaali

EMPTY = "–"
MUTED_EMPTY = SafeString('<span class="muted">–</span>')


def email(value: str, row: Any = None) -> str:
    """Return a link to write to an address, which is broken after its @ and its dots where it is too long."""
    if not value:
        return EMPTY
    parts = re.split(r"(?<=[@.])", value)
    return html('<a href="mailto:{}">{}</a>', quote(value, "@"), html_join("<wbr>", parts))


def euros(value: Any, row: Any = None) -> str:
    return portaali.euros(value)


def whole_euros(value: Any, row: Any = None) -> str:
    return portaali.euros(value, 0)


def number(value: Any, row: Any = None) -> str:
    return portaali.number(value)


def day(value: dt.date | dt.datetime | None, row: Any = None) -> str:
    return portaali.day(value)


def ago(value: dt.date | dt.datetime | None, row: Any = None) -> str:
    return portaali.ago(value)


def short_date(value: dt.date | dt.datetime | None, row: Any = None) -> str:
    return date_text(value) if value else ""


def link(value: Any, row: Any = None) -> str:
    """Return a link to the page of another row, such as the customer."""
    return html('<a href="{}">{}</a>', value.get_absolute_url(), value) if value else EMPTY


def joined(value: Iterable[Any], row: Any = None) -> str:
    return ", ".join(map(str, value)) or EMPTY


def alarm(row: Any) -> str:
    """Return how a fault of a row is shown: ``late`` (red) to a reader who can act on it now, else ``muted``.

    Who draws the row says so as its ``may_act`` (``customers.acting``); without it nothing is red.
    """
    return "late" if getattr(row, "may_act", False) else "muted"


def fault(row: Any, words: Any) -> SafeString:
    """Return what is wrong with a row: a red status for a reader who can act on it now, else plain grey words."""
    return portaali.status("late", words) if alarm(row) == "late" else html('<span class="muted">{}</span>', words)


def days_overdue(due: dt.date | dt.datetime) -> str:
    """Return how late something is: "3 days overdue", or "overdue" on the same day."""
    day = local(due).date() if isinstance(due, dt.datetime) else due
    days = (clock.user_today() - day).days
    if days < 1:
        return _("overdue")
    return ngettext("%(days)s day overdue", "%(days)s days overdue", days) % {"days": days}


def moment(value: dt.datetime, *, is_late: bool = False, kind: str = "late", is_all_day: bool = False) -> SafeString:
    """Return day and time, of a whole day the day alone, with the whole date as the tooltip."""
    return html(
        '<time datetime="{}" title="{}"{}><span class="text-nowrap">{}</span> <span class="muted">{}</span></time>',
        local(value).isoformat(),
        date_text(value, "SHORT_DATE_FORMAT" if is_all_day else "SHORT_DATETIME_FORMAT"),
        late_class(is_late=is_late, kind=kind),
        portaali.day(value),
        "" if is_all_day else time_text(value),
    )


def late_class(*, is_late: bool, kind: str = "late") -> SafeString:
    return html(' class="{}-time"', kind) if is_late else SafeString("")
