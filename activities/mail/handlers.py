"""Registry of handlers for received messages that other apps process, such as replies to invitations.

An app declares ``MESSAGE_HANDLERS`` among its registrations. A message that a handler has processed is not logged as an
activity: it is stored as ignored, with the handler's reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from activities.mail.mime.parse import ParsedMessage
from core.registry import declared


@dataclass(frozen=True, kw_only=True)
class MessageHandler:
    """A handler: ``handles`` checks whether it may process a message and writes nothing.

    ``handle`` gets the message and its sender's address, processes it and returns whether it did; if not, the message
    is filed like any other. ``words`` is the text of ``reason``, the code that is stored with the message.
    """

    reason: str
    words: Any
    handles: Callable[[ParsedMessage], bool]
    handle: Callable[[ParsedMessage, str], bool]


def registered() -> Iterator[MessageHandler]:
    """Return the handlers of all apps."""
    return declared("MESSAGE_HANDLERS")


def message_handle(parsed: ParsedMessage, sender: str) -> str:
    """Offer a message to the handlers; return the reason of the one that processed it, or an empty string."""
    for handler in registered():
        if handler.handles(parsed) and handler.handle(parsed, sender):
            return handler.reason
    return ""


def reasons() -> dict[str, Any]:
    """Return the texts of the handlers' reasons by code."""
    return {handler.reason: handler.words for handler in registered()}
