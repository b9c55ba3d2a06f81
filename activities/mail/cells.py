"""Cells of the inbox."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from core import cells
from core.html import html


def before_name(direction: str) -> str:
    return pgettext("e-mail", "to") if direction == "out" else ""


def sender_text(row: Any) -> str:
    """Return the sender's name and address; of a sent message, "to" before them."""
    return " ".join(filter(None, (before_name(row.direction), row.sender_name, row.sender)))


def sender(value: Any, row: Any) -> SafeString:
    """Return the sender's name, with the address behind it; of a sent message, "to" before it."""
    to = html('<span class="muted">{}</span> ', before_name(row.direction)) if row.direction == "out" else ""
    name = html('<span title="{}">{}{}</span>', row.sender, to, row.sender_name or row.sender or cells.EMPTY)
    address = html(' <span class="muted sm hide-sm">{}</span>', row.sender) if row.sender_name else ""
    return html("{}{}", name, address)


def suggestion(value: Any, row: Any) -> SafeString:
    """Return the likeliest customer as a link that files the message, and how many more there are."""
    customers = list(row.suggestions)
    if not customers:
        return cells.MUTED_EMPTY
    url = f"{reverse('mail:inbox_file', args=[row.pk])}?customer={customers[0].pk}"
    more = html(' <span class="muted sm">+{}</span>', len(customers) - 1) if customers[1:] else ""
    return html('<a href="{}" data-dialog>{}</a>{}', url, customers[0], more)
