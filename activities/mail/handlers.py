"""Registry of handlers of received messages: what a program wrote to this one, for a subject above mail.

A subject declares its ``MESSAGE_HANDLERS`` among its registrations. A message that a handler has read becomes no
activity: it is kept as ignored, with the handler's reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from activities.mail.mime.parse import ParsedMessage
from core.registry import declared


@dataclass(frozen=True, kw_only=True)
class MessageHandler:
    """``handles`` looks whether a message may concern the subject and writes nothing.

    ``handle`` reads it, as from the address of its sender, and returns whether it did concern the subject: if not, the
    message is filed like any other. ``words`` are what people read of ``reason``, the code that the message keeps.
    """

    reason: str
    words: Any
    handles: Callable[[ParsedMessage], bool]
    handle: Callable[[ParsedMessage, str], bool]


def registered() -> Iterator[MessageHandler]:
    """Return the handlers of all subjects."""
    return declared("MESSAGE_HANDLERS")


def message_handle(parsed: ParsedMessage, sender: str) -> str:
    """Let the handlers read a message; return the reason of the one that did, or nothing."""
    for handler in registered():
        if handler.handles(parsed) and handler.handle(parsed, sender):
            return handler.reason
    return ""


def reasons() -> dict[str, Any]:
    """Return the words of every handler's reason by its code."""
    return {handler.reason: handler.words for handler in registered()}
