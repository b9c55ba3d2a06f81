"""What is said after a change: a sentence, a link to what was changed and, where possible, a button that undoes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest


@dataclass(frozen=True)
class Notice:
    """What a message has besides its text: an address to read more at, with its words, and one to POST an undo to."""

    url: str = ""
    words: str = ""
    undo: str = ""


def said(request: HttpRequest, text: Any, *, url: str = "", words: Any = "", undo: str = "") -> None:
    """Show ``text`` on the next page. ``words`` are the link to ``url``; ``undo`` is an address for a POST."""
    extra = {name: str(value) for name, value in (("url", url), ("words", words), ("undo", undo)) if value}
    messages.success(request, text, extra_tags=json.dumps(extra) if extra else "")


def notice_of(message: Any) -> Notice:
    """Return what a message of Django's has besides its text."""
    try:
        return Notice(**json.loads(message.extra_tags or "{}"))
    except (TypeError, ValueError):  # a library's own tags
        return Notice()
