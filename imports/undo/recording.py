"""Marking an import's own changes in the history, so that they can be recognised among others' and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pghistory

from core.undo.recording import recorded as recorded_in
from imports.models import ImportRun


@contextmanager
def recorded(run: ImportRun) -> Iterator[None]:
    """Keep in the run which changes of the history are its own. A check changes nothing and keeps nothing."""
    with pghistory.context(import_run=run.pk) if run.dry_run else recorded_in(run, import_run=run.pk):
        yield
