"""Registry of the activities that a message may answer, such as feedback.

The subject that owns them says which a user may answer, how an answer begins and what becomes of one that was sent.
It declares its ``ANSWERABLES`` among its registrations; mail knows only which activity a message answers.
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
    sent_text: Any  # what the writer reads after sending
    visible_to: Callable[[Any], QuerySet[Activity]]
    initial: Callable[[Activity, Any], dict[str, Any]]  # the first content of the form
    check: Callable[[Activity], Any]  # raises where it cannot be answered now; locks it
    answered: Callable[[EmailMessage], None]  # is called when a message that answers one has been sent


def registered() -> Iterator[Answerable]:
    """Return all that a message may answer."""
    return declared("ANSWERABLES")


def of(activity: Activity) -> Answerable | None:
    """Return what is registered for activities of this type."""
    return next((kind for kind in registered() if kind.code == activity.type.details), None)
