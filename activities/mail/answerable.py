"""Registry of the activities that a message may answer, such as feedback.

The app that owns the activities decides who may answer them, how the answer begins and what happens once it is sent.
It declares ``ANSWERABLES`` among its registrations; mail only stores which activity a message answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from core.registry import declared

if TYPE_CHECKING:
    from activities.log.models import Activity
    from activities.mail.models import EmailMessage


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


def registered() -> Iterator[Answerable]:
    """Return every registered kind of activity that a message may answer."""
    return declared("ANSWERABLES")


def of(activity: Activity) -> Answerable | None:
    """Return the kind that is registered for the type of an activity."""
    return next((kind for kind in registered() if kind.code == activity.type.details), None)
