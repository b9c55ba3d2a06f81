"""Words of a logged message in whose place only the recipient reads something else, such as a personal link.

Whoever sees the activity reads the logged message: what opens something in the recipient's name is not in it, only in
the message as it travels. Later apps declare how their words are filled in: ``MESSAGE_FILLERS`` of their registrations,
functions that get the message, with its recipients written, and its HTML, and return the HTML that travels.
"""

from __future__ import annotations

from activities.mail.models import EmailMessage
from core.registry import declared


def filled(message: EmailMessage) -> str:
    """Return the body of a message as it travels."""
    body: str = message.body
    for filler in declared("MESSAGE_FILLERS"):
        body = filler(message, body)
    return body
