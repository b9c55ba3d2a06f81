"""Giving work to the workers by the name of its task, so that services import no tasks."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import LimitExceeded, OperationalError
from kombu.pools import producers

log = structlog.get_logger(__name__)

#: Seconds to wait for the broker at each step, such as connecting. Nobody waits for it in a request for longer.
PATIENCE = 1
#: Seconds in which nothing is given to a broker that has not answered: one request that queues much waits once.
PAUSE = 10
#: An old connection that the broker has closed is tried once more; ``max_retries`` counts the attempts after the first.
RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


class _Broker:
    """What this process knows of the broker."""

    silent_until = 0.0


def queue_task(name: str, *args: Any) -> None:
    """Give a task to a worker once the transaction has committed; at once where there is none.

    ``name`` is the task's dotted path, such as ``accounts.tasks.send_system_mail``.
    """
    transaction.on_commit(lambda: send_task(name, *args))


def send_task(name: str, *args: Any) -> None:
    """Give a task to a worker now.

    A broker that does not answer is logged and is no error: what the user has done is written, and the sweepers
    queue again what waits.
    """
    began = time.monotonic()
    if began < _Broker.silent_until:
        log.warning("task_not_queued", task=name, error="The broker has just not answered.")
        return
    try:
        with _producer() as producer:
            current_app.send_task(name, list(args), producer=producer, retry_policy=RETRY)
    except (OperationalError, LimitExceeded) as error:
        now = time.monotonic()
        if now - began >= PATIENCE:  # silent, and not only restarted
            _Broker.silent_until = now + PAUSE
        log.warning("task_not_queued", task=name, error=str(error))


def _producer() -> AbstractContextManager[Any]:
    """Return a connection that publishes, from this process's pool, with short timeouts."""
    options = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE, "retry_on_timeout": False}
    connection = current_app.connection_for_write(transport_options=options)
    acquired: AbstractContextManager[Any] = producers[connection].acquire(block=True, timeout=PATIENCE)
    return acquired
