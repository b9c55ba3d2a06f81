"""The decorator that keeps a model's history: one event row for each row added, changed or removed, by trigger."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pghistory
from django.db.models import Model

M = TypeVar("M", bound=type[Model])


def tracked(*, exclude: Sequence[str] = ()) -> Callable[[M], M]:
    """Keep the history of a model but for the fields in ``exclude``. Read it with :func:`core.history.history_of`."""
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return pghistory.track(*trackers, exclude=list(exclude) or None)
