"""Cells of the list of selections."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString

from core.html import html
from customers.selections.models import Selection


def rows(value: Any, selection: Selection) -> SafeString:
    return html('<a href="{}">{}</a>', selection.list_url, selection.get_of_display())


def shared(value: Any, selection: Selection) -> SafeString:
    text = str(selection.team) if selection.sharing == "team" and selection.team else selection.get_sharing_display()
    return html("{}", text)
