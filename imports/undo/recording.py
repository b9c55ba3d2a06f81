"""Marking an import's own changes in the history, so that they can be recognised among others' and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory
from django.db.models import F, Func, Value

from imports.models import ImportRun


@contextmanager
def recorded(run: ImportRun) -> Iterator[None]:
    """Keep in the run which changes of the history are its own: those of the contexts in ``run.contexts``.

    A check changes nothing and keeps nothing. Within one context (a request, a job, a command) one run is written.
    """
    with pghistory.context(import_run=run.pk) as context:
        if not run.dry_run:
            field = ImportRun._meta.get_field("contexts")
            added = Func(F("contexts"), Value(context.id), function="array_append", output_field=field)
            unknown = ImportRun.objects.filter(pk=run.pk).exclude(contexts__contains=[context.id])
            unknown.update(contexts=added)
        yield
