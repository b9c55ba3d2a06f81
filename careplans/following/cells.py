"""Cells of the list of occurrences and of lists of customers."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from careplans.following import words
from careplans.following.labels import holder_words
from core import cells as core_cells
from core.addresses import row_url
from core.html import html
from core.templatetags import portaali


def action(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row.get_absolute_url(), row.name)


def customer(value: Any, row: Any) -> SafeString:
    return html('<a href="{}">{}</a>', row_url("careplans:tab", row.customer_id), row.customer)


def state(value: Any, row: Any) -> SafeString:
    return portaali.status(*words.state_of(row))


def holder(value: Any, row: Any) -> Any:
    """Return who has it; nobody is a fault."""
    if row.user or row.holder.startswith("team:"):
        return row.user or row.team or row.unit or core_cells.EMPTY
    if not row.holder:
        return core_cells.fault(row, _("nobody"))
    return holder_words(row.holder)


def done(value: Any, row: Any) -> Any:
    """Return the day of what completed it, which leads to the activity if the user sees it."""
    if row.done_on is None:
        return core_cells.EMPTY
    day = core_cells.short_date(row.done_on)
    if row.done_source == "activity" and getattr(row, "sees_activity", False):
        return html('<a href="{}">{}</a>', row_url("activities:detail", row.done_id), day)
    return html('<span title="{}">{}</span>', words.done_by_words(row), day)


def strip(value: Any, row: Any) -> SafeString:
    svg: SafeString = value.svg
    return svg


def overdue(value: Any, row: Any) -> Any:
    """Return since when contact is overdue."""
    return portaali.status("late", core_cells.short_date(value)) if value else core_cells.EMPTY
