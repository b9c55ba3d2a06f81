"""Words of a logged message in whose place only the recipient reads something else, such as a personal link.

Whoever sees the activity reads the logged message: what opens something in the recipient's name is not in it, only in
the message as it travels. Later apps register how their words are filled in.
"""

from __future__ import annotations

from collections.abc import Callable

from activities.models import EmailMessage

#: Each gets the message, whose recipients are written, and its HTML; it returns the HTML that travels.
fillers: list[Callable[[EmailMessage, str], str]] = []


def filled(message: EmailMessage) -> str:
    """Return the body of a message as it travels."""
    body = message.body
    for filler in fillers:
        body = filler(message, body)
    return body
