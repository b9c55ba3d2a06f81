"""Cells of the lists behind the figures."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import cells as core_cells
from core.addresses import row_url
from core.html import html


def customer_segments(value: Any, row: Any) -> SafeString:
    """Return the customer's name, which leads to its segments."""
    return html('<a href="{}">{}</a>', row.get_absolute_url(), row.customer)


def decision(value: Any, row: Any) -> SafeString:
    """Return the cause, or that nothing was decided; both lead to the decisions."""
    return html('<a href="{}">{}</a>', row_url("portfolio:decision", row.pk), value or _("not decided"))


def review(value: Any, row: Any) -> Any:
    """Return the day of the review; one that has come is a fault."""
    if not value:
        return core_cells.EMPTY
    is_due = getattr(getattr(row, "decision", None), "is_due", False)
    return core_cells.fault(row, core_cells.short_date(value)) if is_due else core_cells.short_date(value)
