"""Marking a run's own changes in the history, so that they can be recognised among others' and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
from django.db.models import F, Func, Value


@contextmanager
def recorded(run: Any, **metadata: Any) -> Iterator[None]:
    """Keep in ``run.contexts`` which changes of the history are the run's own; ``metadata`` is stored with each.

    Within one context (a request, a job, a command) one run is written.
    """
    with pghistory.context(**metadata) as context:
        runs, field = type(run)._default_manager.filter(pk=run.pk), run._meta.get_field("contexts")
        added = Func(F("contexts"), Value(context.id), function="array_append", output_field=field)
        runs.exclude(contexts__contains=[context.id]).update(contexts=added)
        yield
