"""Cells of the lists of customers and contacts."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import cells
from core.html import html, html_join
from core.templatetags import portaali


def name(value: Any, row: Any) -> SafeString:
    """Return the name as a link, with the state of a passive customer."""
    link = html('<a href="{}">{}</a>', row.get_absolute_url(), value)
    return html("{} {}", link, portaali.status("muted", row.get_state_display())) if row.is_passive else link


def segment(value: Any, row: Any) -> SafeString:
    return portaali.segment(value, row.summary.segment) if value else cells.MUTED_EMPTY


def node(value: Any, row: Any = None) -> Any:
    """Return a class by its short name, with the whole one as the tooltip."""
    if not value:
        return cells.EMPTY
    return value.name if value.short_name == value.name else html('<span title="{}">{}</span>', value, value.short_name)


def owner_text(row: Any) -> str:
    return str(row.summary.owner or _("no owner"))


def owner(value: Any, row: Any) -> Any:
    return value or cells.fault(row, owner_text(row))


def positions(value: Any, row: Any) -> str:
    return html_join(", ", [cells.link(position.customer) for position in value]) or cells.EMPTY


def phone(value: str, row: Any = None) -> str:
    return html('<a href="tel:{}">{}</a>', value.replace(" ", ""), value) if value else cells.EMPTY
