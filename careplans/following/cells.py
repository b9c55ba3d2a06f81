"""Cells of the list of occurrences and of lists of customers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from careplans.following import words
from careplans.following.capacity import hours_in_week
from careplans.following.labels import holder_words
from careplans.following.strip import Strip
from core import cells as core_cells
from core.addresses import row_url
from core.formatting import number_text
from core.html import html
from core.templatetags import portaali


def action(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row.get_absolute_url(), row.name)


def customer(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row_url("careplans:tab", row.customer_id), row.customer)


def state(value: Any, row: Any) -> SafeString:
    return portaali.status(*words.state_of(row))


def holder_text(row: Any) -> str:
    """Return who has it."""
    if row.user_id:
        return str(row.user)
    if row.holder.startswith("team:"):
        return str(row.team or row.unit or row.holder)
    return getattr(row, "holder_name", "") or holder_words(row.holder)


def holder(value: Any, row: Any) -> Any:
    """Return who has it; nobody is a fault."""
    return holder_text(row) if row.holder else core_cells.fault(row, holder_text(row))


def done(value: Any, row: Any) -> Any:
    """Return the day of what completed it, which leads to the activity if the user sees it."""
    if row.done_on is None:
        return core_cells.EMPTY
    day = core_cells.short_date(row.done_on)
    if row.done_source == "activity" and getattr(row, "sees_activity", False):
        return html('<a href="{}">{}</a>', row_url("activities:detail", row.done_id), day)
    return html('<span title="{}">{}</span>', words.done_by_words(row), day)


def hours(value: Any, row: Any) -> Any:
    """Return the hours of an occurrence; where those of a week are listed, its hours in it and all of them."""
    whole = number_text(value)
    if not hasattr(row, "work_week"):
        return whole
    part = number_text(round(Decimal(float(hours_in_week(row))), 2))
    return part if part == whole else html('<span title="{}">{} / {}</span>', _("in the week / total"), part, whole)


def strip(value: Any, row: Any) -> SafeString:
    """Draw the strip, which a page reads for all of its rows at once."""
    found: Strip | None = getattr(row, "strip", None)
    return found.svg if found else SafeString("")


def day(value: Any, row: Any) -> str:
    return core_cells.short_date(value) if value else core_cells.EMPTY


def overdue(value: Any, row: Any) -> Any:
    """Return since when contact is overdue."""
    return portaali.status("late", core_cells.short_date(value)) if value else core_cells.EMPTY
