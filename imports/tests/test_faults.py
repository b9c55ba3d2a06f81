"""A worker killed half way, somebody else saving the same thing, a stop by request: nothing doubled, nothing lost."""

from __future__ import annotations

import io
import os
import signal
import time

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.tests.factories import UserFactory
from core.exceptions import JobCancelled
from core.jobs import LOST_AFTER, job_cancel, jobs_requeue_lost
from core.models import Job
from core.testing import empty_broker, running_worker
from customers.models import Customer
from imports.bench import made_up_file
from imports.enums import RunState
from imports.models import ImportRow, ImportRun
from imports.pipeline import engine
from imports.readers.formats import BadFile
from imports.services import allowed_next, run_create, run_execute, run_start
from imports.tests.helpers import codes, counts, run_import

ROWS = 6_000


def draft(rows: int, owner=None) -> ImportRun:
    return run_create(kind="customers", file=io.BytesIO(made_up_file(rows)), name="rows.csv", owner=owner)


def wait_for(condition, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_worker_killed_half_way_and_started_again_ends_as_if_nothing_had_happened(settings):
    user = UserFactory(grants=["imports.run_imports"])
    empty_broker()
    with running_worker("--pool", "solo") as worker:
        run = run_start(run=draft(ROWS, user), user=user, dry_run=False)
        wait_for(lambda: Customer.objects.count() >= 1_000)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    assert 1_000 <= Customer.objects.count() < ROWS
    Job.objects.filter(pk=run.job_id).update(heartbeat_at=timezone.now() - 2 * LOST_AFTER)
    Job.objects.filter(pk=run.job_id).update(created_at=timezone.now() - 2 * LOST_AFTER)
    with running_worker("--pool", "solo"):
        jobs_requeue_lost()
        wait_for(lambda: Job.objects.get(pk=run.job_id).is_finished)
    run.refresh_from_db()
    assert (run.state, run.error, counts(run)) == (RunState.DONE, "", (ROWS, 0, 0, 0, 0))
    assert Customer.objects.count() == ROWS
    assert Customer.objects.exclude(parent=None).count() == ROWS // 20


@pytest.mark.django_db
def test_death_while_the_rows_are_staged_leaves_no_row_twice(monkeypatch):
    run = draft(10)
    ImportRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING)
    run.refresh_from_db()
    monkeypatch.setattr(engine, "Batches", broken)
    with pytest.raises(OSError, match="died"):
        run_execute(run, lambda done, total: None)
    monkeypatch.undo()
    ImportRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, is_staged=False)
    run.refresh_from_db()
    assert counts(run_execute(run, lambda done, total: None)) == (10, 0, 0, 0, 0)


@pytest.mark.django_db
def test_file_that_breaks_half_way_says_where_and_leaves_no_row():
    names = "".join(f"Yritys {number}\n" for number in range(150))
    with pytest.raises(BadFile) as error:
        run_import(f'nimi\n{names}"rikki\n')
    assert (error.value.code, "152" in str(error.value)) == ("broken_quoting", True)
    assert not ImportRow.objects.exists()
    assert not Customer.objects.exists()


def broken(*args):
    raise OSError("died")


@pytest.mark.django_db
def test_stopped_import_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr("imports.pipeline.customers.CustomerHandler.batch_size", 3)
    user = UserFactory(grants=["imports.run_imports"])
    run = run_start(run=draft(10, user), user=user, dry_run=False)

    def stop(done, total):
        if done >= 6:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        run_execute(run, stop)
    run.refresh_from_db()
    assert (run.state, Customer.objects.count()) == (RunState.STOPPED, 6)
    run = run_start(run=run, user=user, dry_run=False)
    run_execute(run, lambda done, total: None)
    assert (run.state, counts(run)) == (RunState.DONE, (10, 0, 0, 0, 0))
    assert Customer.objects.count() == 10


@pytest.mark.django_db
def test_import_whose_job_was_cancelled_while_waiting_can_be_started_again():
    user = UserFactory(grants=["imports.run_imports"])
    run = run_start(run=draft(3, user), user=user, dry_run=False)
    job_cancel(run.job)
    run = ImportRun.objects.select_related("job").get(pk=run.pk)
    assert run.real_state == RunState.STOPPED
    assert RunState.RUNNING in allowed_next(run)


@pytest.mark.django_db
def test_row_that_somebody_else_saves_at_the_same_moment_is_held_alone(monkeypatch):
    from imports.pipeline.customer_batch import Writes

    apply = Writes.apply

    def clash(self):
        apply(self)
        if any(customer.name == "C" for _row, customer in self.created):
            raise IntegrityError("duplicate key")

    monkeypatch.setattr(Writes, "apply", clash)
    run = run_import("nimi;maa\n" + "".join(f"{name};Suomi\n" for name in "ABCDE"))
    assert counts(run) == (4, 0, 0, 1, 0)
    assert codes(run, 4) == ["clash"]
    assert set(Customer.objects.values_list("name", flat=True)) == set("ABDE")
