"""Giving work to the workers by the name of its task, so that services import no tasks."""

from __future__ import annotations

from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = structlog.get_logger(__name__)


def queue_task(name: str, *args: Any) -> None:
    """Give a task to a worker once the transaction has committed; at once where there is none.

    ``name`` is the task's dotted path, such as ``accounts.tasks.send_invitation``.
    """
    transaction.on_commit(lambda: send_task(name, *args))


def send_task(name: str, *args: Any) -> None:
    """Give a task to a worker now.

    A broker that does not answer is logged and is no error: what the user has done is written, and the sweepers
    queue again what waits.
    """
    try:
        current_app.send_task(name, list(args))
    except OperationalError as error:
        log.warning("task_not_queued", task=name, error=str(error))
