"""Work is given to the workers by name; what runs when is declared by each app."""

from __future__ import annotations

import ast
import re
import socket
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings
from django.db import transaction
from django_celery_beat import schedulers
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from kombu.exceptions import OperationalError

from core import queue
from core.beat import Scheduler
from core.declared import declared
from core.queue import queue_task, send_task
from crm.celery import app

ROOT = Path(settings.BASE_DIR)
TASK = "core.tasks.purge_old_rows"


def sources() -> list[Path]:
    files = [path for name in settings.OWN_APPS for path in (ROOT / name).rglob("*.py")]
    return [path for path in files if "tests" not in path.parts]


@pytest.mark.django_db
def test_a_task_is_queued_when_the_transaction_has_committed(queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        queue_task(TASK, 7, "x")
        assert queued == []
    assert queued == [(TASK, 7, "x")]


@pytest.mark.django_db
def test_what_is_rolled_back_is_not_queued(queued, django_capture_on_commit_callbacks):
    def fail():
        with transaction.atomic():
            queue_task(TASK)
            raise ZeroDivisionError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError):
        fail()
    assert queued == []


def test_a_silent_broker_is_logged_and_no_error(monkeypatch, caplog):
    def fail(*args, **options):
        raise OperationalError("no answer")

    monkeypatch.setattr(app, "send_task", fail)
    send_task(TASK, "a secret link")
    assert "task_not_queued" in caplog.text
    assert TASK in caplog.text
    assert "a secret link" not in caplog.text


@pytest.fixture
def silent_broker(monkeypatch):
    """A broker that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=20) as server:
        silent = Celery("silent", broker=f"redis://127.0.0.1:{server.getsockname()[1]}/0", set_as_current=False)
        monkeypatch.setattr(queue, "current_app", silent)
        monkeypatch.setattr(queue._Broker, "silent_until", 0.0)
        yield


def test_a_broker_that_never_answers_is_waited_for_a_few_seconds_once(silent_broker, caplog):
    began = time.monotonic()
    send_task(TASK)
    once = time.monotonic() - began
    for _number in range(20):
        send_task(TASK)
    assert queue.PATIENCE <= once < 10
    assert time.monotonic() - began - once < 1
    assert caplog.text.count("task_not_queued") == 21


def test_a_broker_is_asked_again_after_the_pause(silent_broker, monkeypatch):
    send_task(TASK)
    asked = []
    monkeypatch.setattr(queue, "_producer", lambda: asked.append(1) or nullcontext())
    monkeypatch.setattr(queue.current_app, "send_task", lambda *args, **options: None)
    send_task(TASK)
    assert asked == []
    monkeypatch.setattr(queue._Broker, "silent_until", time.monotonic() - 1)
    send_task(TASK)
    assert asked == [1]


def test_every_task_that_is_named_exists():
    """Who moves or renames a task finds here what still calls it by its old name."""
    app.loader.import_default_modules()
    names = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    for path in sources():
        names.update(re.findall(r'"([a-z_.]+\.tasks\.[a-z_.]+)"', path.read_text(encoding="utf-8")))
    assert len(names) > 15
    assert names - set(app.tasks) == set()


def test_services_import_no_tasks():
    importing = set()
    for path in sources():
        if path.stem == "tasks" or "tasks" in path.parts or "management" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and re.search(r"(^|\.)tasks(\.|$)", node.module or ""):
                importing.add(str(path.relative_to(ROOT)))
    assert importing == set()


def test_each_app_declares_its_own():
    for name in settings.OWN_APPS:
        for entry in declared([name], "schedule", "SCHEDULE").values():
            assert entry["task"].startswith(f"{name}.")
    assert declared(["core", "accounts"], "schedule", "SCHEDULE").keys() < settings.CELERY_BEAT_SCHEDULE.keys()
    assert declared(["offers.offers"], "enums", "SCHEMA_NAMES")["OfferStatusEnum"].__module__.startswith("offers.")


def test_what_two_apps_declare_is_an_error():
    with pytest.raises(ValueError, match="requeue-lost-jobs"):
        declared(["core", "core"], "schedule", "SCHEDULE")


def periodic(name, task=TASK, **values):
    interval, _is_new = IntervalSchedule.objects.get_or_create(every=30, period=IntervalSchedule.SECONDS)
    return PeriodicTask.objects.create(name=name, task=task, interval=interval, **values)


@pytest.mark.django_db
def test_rows_of_an_older_schedule_go_when_the_scheduler_starts(monkeypatch):
    monkeypatch.setattr(schedulers, "close_old_connections", lambda: None)  # it is the test's own
    periodic("purge-everything", "crm.tasks.that_is_gone")
    periodic("requeue-lost-jobs", "crm.jobs.old_name")
    periodic("celery.something", "celery.something")
    periodic("by-hand", description="Twice a day before the audit")
    Scheduler(app=app)
    names = dict(PeriodicTask.objects.values_list("name", "task"))
    assert names.keys() - {"celery.backend_cleanup"} == {
        *settings.CELERY_BEAT_SCHEDULE, "celery.something", "by-hand",
    }  # fmt: skip
    assert names["requeue-lost-jobs"] == "core.tasks.requeue_lost_jobs"


def test_beat_runs_with_this_scheduler():
    assert app.conf.beat_scheduler == f"{Scheduler.__module__}:{Scheduler.__name__}"
