"""What other apps declare for mail: activities that a message may answer, and handlers of received messages.

**Answerables**, such as feedback: the app that owns the activities decides who may answer them, how the answer begins
and what happens once it is sent. It declares ``ANSWERABLES`` among its registrations; mail only stores which activity
a message answers.

**Handlers** of received messages that other apps process, such as replies to invitations: an app declares
``MESSAGE_HANDLERS`` among its registrations. A message that a handler has processed is not logged as an activity: it is
stored as ignored, with the handler's reason.

**Readers of calendars**: ``CALENDAR_TEXTS`` turn the calendar in a message into the text of its activity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from activities.mail.mime.parse import ParsedMessage
from core.registry import declared

if TYPE_CHECKING:
    from activities.log.models import Activity
    from activities.mail.models import EmailMessage

MAX_CALENDARS = 3


@dataclass(frozen=True, kw_only=True)
class Answerable:
    """Activities of the types with one kind of details: ``code`` also names them in addresses and in the API."""

    code: str
    permission: str  # the rule about an activity that allows answering it
    help_text: Any
    sent_text: Any  # shown to the writer after sending
    visible_to: Callable[[Any], QuerySet[Activity]]
    initial: Callable[[Activity, Any], dict[str, Any]]  # the first content of the form
    check: Callable[[Activity], Any]  # locks the activity; raises if it cannot be answered now
    answered: Callable[[EmailMessage], None]  # called when a message that answers the activity has been sent


def answerables() -> Iterator[Answerable]:
    """Return every registered kind of activity that a message may answer."""
    return declared("ANSWERABLES")


def answerable_of(activity: Activity) -> Answerable | None:
    """Return the kind that is registered for the type of an activity."""
    return next((kind for kind in answerables() if kind.code == activity.type.details), None)


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


def message_handle(parsed: ParsedMessage, sender: str) -> str:
    """Offer a message to the handlers; return the reason of the one that processed it, or an empty string."""
    for handler in declared("MESSAGE_HANDLERS"):
        if handler.handles(parsed) and handler.handle(parsed, sender):
            return handler.reason
    return ""


def handler_reasons() -> dict[str, Any]:
    """Return the texts of the handlers' reasons by code."""
    return {handler.reason: handler.words for handler in declared("MESSAGE_HANDLERS")}


def calendar_texts(calendars: Sequence[str], *, brief: bool) -> str:
    """Return what the calendars in a message say, as HTML; ``brief`` without the text of the events."""
    texts = [read(text, brief) for read in declared("CALENDAR_TEXTS") for text in calendars[:MAX_CALENDARS]]
    return "".join(texts)
