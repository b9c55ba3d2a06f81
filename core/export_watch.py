"""How far an export is, reported from another thread: the connection that reads the rows is busy until the last one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

#: Seconds between two reports.
EVERY = 0.5


@dataclass
class Watch:
    """Counts the rows written; ``error`` is why the export must end."""

    done: int = 0
    error: Exception | None = None

    def counted(self, rows: Iterable[Any]) -> Iterator[Any]:
        for self.done, row in enumerate(rows, 1):
            if self.error:
                raise self.error
            yield row


@contextmanager
def watched(progress: Callable[[int], None] | None) -> Iterator[Watch]:
    """Report the rows done to ``progress`` twice a second, and end the export with what that raises.

    A statement that runs is ended too. Inside a transaction nothing is reported: nobody else would see it.
    """
    watch, stop = Watch(), threading.Event()
    if progress is None or connection.in_atomic_block:
        yield watch
        return
    connection.ensure_connection()
    thread = threading.Thread(target=_report, args=(progress, watch, stop, connection.connection), daemon=True)
    thread.start()
    try:
        yield watch
    except Exception as error:  # of the statement that was ended, or of its cursor
        raise watch.error or error from None
    finally:
        stop.set()
        thread.join()
    if watch.error:
        raise watch.error


def _report(progress: Callable[[int], None], watch: Watch, stop: threading.Event, running: Any) -> None:
    try:
        while not stop.wait(EVERY):
            progress(watch.done)
    except Exception as error:  # raised again in the thread of the job
        watch.error = error
        running.cancel()
    finally:
        connection.close()
