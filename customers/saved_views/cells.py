"""Cells of the list of saved views."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from core.html import html
from customers.saved_views.models import SavedView


def rows(value: Any, view: SavedView) -> SafeString:
    if view.is_deleted:
        return html("{}", view.list_label)
    return html('<a href="{}">{}</a>', view.list_url, view.list_label)


def shared(value: Any, view: SavedView) -> SafeString:
    text = str(view.team) if view.sharing == "team" and view.team else view.get_sharing_display()
    return html("{}", text)
