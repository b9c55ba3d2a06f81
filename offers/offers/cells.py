"""Cells of lists of offers; pages of an offer show its status in the same form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import cells
from core.formatting import date_text
from core.html import html
from core.templatetags import portaali


def valid(value: dt.date | None, row: Any) -> str:
    shown = portaali.day(value)
    return html('<span class="{}-time">{}</span>', cells.alarm(row), shown) if row.is_expired else shown


def expired(value: dt.date, row: Any) -> SafeString:
    """Return the last day of an expired offer with the word, in red if the reader may act on it."""
    return html("{} {}", date_text(value), cells.fault(row, _("expired")))


def stage(value: int, row: Any) -> str:
    """Return the days at the stage, with a remark if there are too many."""
    days = portaali.number(value)
    return html("{} {}", days, cells.fault(row, _("too long"))) if row.is_stuck else days


def status_text(row: Any) -> str:
    label = str(row.get_status_display())
    return f"{label} {_('expired')}" if row.is_expired else label


def status(value: Any, row: Any) -> SafeString:
    label = row.get_status_display()
    if row.status in ("order", "lost"):
        return portaali.status("ok" if row.status == "order" else "muted", label)
    reason = _("expired") if row.is_expired else stuck_words(row) if row.is_stuck else ""
    shown = portaali.status("warn", label)
    return html('{} <span class="{}-time sm">{}</span>', shown, cells.alarm(row), reason) if reason else shown


def stuck_words(offer: Any) -> str:
    """Return why an offer that has been at its stage for too long needs attention."""
    days = offer.days_in_status
    if offer.status == "sent":
        text = ngettext("no answer for %(days)s day", "no answer for %(days)s days", days)
    else:
        text = ngettext("draft for %(days)s day", "draft for %(days)s days", days)
    return text % {"days": portaali.number(days)}
