"""The decorator that keeps a model's history: one event row for each row added, changed or removed, by trigger."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pghistory
from django.db.models import DO_NOTHING, ForeignKey, Model

M = TypeVar("M", bound=type[Model])


def tracked(*, exclude: Sequence[str] = (), unindexed: Sequence[str] = ()) -> Callable[[M], M]:
    """Keep the history of a model but for the fields in ``exclude``. Read it with :func:`core.history.history_of`.

    By the references in ``unindexed`` no history is looked for: without an index each new row costs less.
    """
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())

    def track(model: M) -> M:
        references = {name: _without_index(model, name) for name in unindexed}
        return pghistory.track(*trackers, exclude=list(exclude) or None, attrs=references)(model)

    return track


def _without_index(model: type[Model], name: str) -> ForeignKey:
    """Return a reference as event tables have it, without its index."""
    field = model._meta.get_field(name)
    assert isinstance(field, ForeignKey)  # noqa: S101 - a mistake of the developer
    return ForeignKey(
        field.remote_field.model, DO_NOTHING, null=field.null, blank=field.blank, verbose_name=field.verbose_name,
        related_name="+", related_query_name="+", db_constraint=False, db_index=False,
    )  # fmt: skip
