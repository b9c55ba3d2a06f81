"""The real Celery worker that other tests rely on."""

import os
import subprocess

import pytest
from django.conf import settings
from redis import Redis

from crm.celery import app


@pytest.mark.django_db(transaction=True)
def test_worker_serves_this_test_processs_own_queue(celery_worker_process: "subprocess.Popen[bytes]") -> None:
    answers = app.control.inspect(timeout=5).stats() or {}
    assert [stats["pid"] for stats in answers.values()] == [celery_worker_process.pid]


def test_each_test_process_has_a_redis_database_of_its_own() -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    with Redis.from_url(settings.REDIS_URL) as client:
        assert client.connection_pool.connection_kwargs["db"] == int(worker.removeprefix("gw")) + 1
