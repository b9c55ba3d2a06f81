"""Bulk operations as such: nothing is lost and nothing done twice, whatever happens to workers, tabs and rights."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from django.db import connection
from django.urls import reverse

from accounts.tests.factories import UserFactory
from activities.log.bulk.each import EachOperation
from activities.log.models import Activity
from activities.log.tests.factories import activity_type
from core import clock
from core.bulk import execution
from core.bulk.enums import BulkState
from core.bulk.models import BulkRun
from core.bulk.operations import operation_of
from core.bulk.services import ids_in, old_runs_purge, run_choose, run_start, undo_start
from core.enums import JobState
from core.exceptions import BusinessRuleError
from core.jobs import job_cancel, job_run
from core.models import Job
from core.tests.bulk import bulk, draft, finished, undo
from customers.bulk.classes import ClassOperation
from customers.models import CustomerClassification
from customers.tests.factories import BranchFactory, CustomerFactory, NodeFactory
from tests.security.test_two_connections import at_once

CLASS, EACH = "customers.class", "activities.each"


@pytest.fixture
def user():
    return UserFactory(grants=["customers.change_any_customer", "activities.log_activity"])


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client


@pytest.fixture
def node():
    return NodeFactory(branch=BranchFactory(is_multiple=True))


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(EachOperation, "batch", 2)
    monkeypatch.setattr(ClassOperation, "batch", 2)


def killed(monkeypatch, name: str, after: int):
    """Let a worker die the ``after``-th time that it calls ``execution.<name>``, when the batch is written."""
    calls, real = Counter(), getattr(execution, name)

    def die(*args, **kwargs):
        real(*args, **kwargs)
        calls[name] += 1
        if calls[name] == after:
            raise SystemExit

    monkeypatch.setattr(execution, name, die)


def run_until_killed(run):
    with pytest.raises(SystemExit):
        job_run(str(run.job_id))
    Job.objects.filter(pk=run.job_id).update(state=JobState.QUEUED)  # what the sweeper does
    return run


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["_save", "run_batch"])  # inside a batch's transaction, and after it
def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(name, user, small_batches, monkeypatch):
    customers = [CustomerFactory(owner=user) for _number in range(5)]
    values = {"type": activity_type("call").pk, "title": "Call", "whose": "owners", "first": clock.today().isoformat()}
    run = run_start(run=draft(user, EACH, customers, **values))
    killed(monkeypatch, name, after=2)
    run = finished(run_until_killed(run))
    assert (run.state, run.changed) == (BulkState.DONE, 5)
    assert Activity.objects.count() == 5
    assert set(Activity.objects.values_list("customer", flat=True)) == {customer.pk for customer in customers}
    assert undo(run).undone == 5
    assert not Activity.objects.exists()


@pytest.mark.django_db
def test_an_undo_killed_in_the_middle_goes_on(user, node, small_batches, monkeypatch):
    run = bulk(user, CLASS, [CustomerFactory() for _number in range(5)], how="add", node=node.pk)
    killed(monkeypatch, "undo_batch", after=1)
    run = finished(run_until_killed(undo_start(run=run)))
    assert (run.state, run.undone, run.kept) == (BulkState.UNDONE, 5, 0)
    assert not CustomerClassification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_runs_over_the_same_rows_at_once_change_each_once(user, node, small_batches):
    customers = [CustomerFactory() for _number in range(6)]
    runs = [run_start(run=draft(user, CLASS, customers, how="add", node=node.pk)) for _number in range(2)]
    Job.objects.update(state=JobState.QUEUED)
    at_once(*[lambda run=run: job_run(str(run.job_id)) for run in runs])
    runs = list(BulkRun.objects.all())
    assert [run.state for run in runs] == [BulkState.DONE] * 2
    assert sum(run.changed for run in runs) == 6
    assert sum(run.unchanged for run in runs) == 6
    assert CustomerClassification.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_run_do_each_row_once(user, small_batches):
    customers = [CustomerFactory(owner=user) for _number in range(6)]
    values = {"type": activity_type("call").pk, "title": "Call", "whose": "owners", "first": clock.today().isoformat()}
    run = run_start(run=draft(user, EACH, customers, **values))
    operation, ids = operation_of(EACH), [customer.pk for customer in customers]
    work = [lambda: execution.run_batch(BulkRun.objects.get(pk=run.pk), operation, ids)] * 2
    at_once(*work)
    assert Activity.objects.count() == 6


@pytest.mark.django_db
def test_a_run_that_is_cancelled_keeps_what_is_done_and_can_be_undone(user, node, small_batches, monkeypatch):
    run = run_start(run=draft(user, CLASS, [CustomerFactory() for _number in range(5)], how="add", node=node.pk))
    real = execution.run_batch

    def batch_then_cancel(*args):
        real(*args)
        Job.objects.update(cancel_requested=True)

    monkeypatch.setattr(execution, "run_batch", batch_then_cancel)
    monkeypatch.setattr("core.jobs.time.monotonic", iter(range(100, 10_000)).__next__)  # no progress is too early
    run = finished(run)
    assert (run.job.state, run.real_state, run.changed) == (JobState.CANCELLED, BulkState.STOPPED, 2)
    assert undo(run).undone == 2


@pytest.mark.django_db
def test_an_undo_that_is_cancelled_after_its_last_row_has_undone_the_run(user, node, monkeypatch):
    run = bulk(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    real = execution.undo_batch

    def batch_then_cancel(*args):
        real(*args)
        Job.objects.update(cancel_requested=True)

    monkeypatch.setattr(execution, "undo_batch", batch_then_cancel)
    monkeypatch.setattr("core.jobs.time.monotonic", iter(range(100, 10_000)).__next__)  # no progress is too early
    run = undo(run)
    assert (run.state, run.undone) == (BulkState.UNDONE, 1)


@pytest.mark.django_db
def test_what_is_undone_already_says_so(user, node):
    run = undo(bulk(user, CLASS, [CustomerFactory()], how="add", node=node.pk))
    with pytest.raises(BusinessRuleError, match="has been undone already"):
        undo_start(run=run)


@pytest.mark.django_db
def test_a_run_that_is_cancelled_before_it_begins_has_stopped(user, node):
    run = run_start(run=draft(user, CLASS, [CustomerFactory()], how="add", node=node.pk))
    job_cancel(run.job)
    run = BulkRun.objects.get(pk=run.pk)
    assert run.real_state == BulkState.STOPPED
    with pytest.raises(BusinessRuleError, match="nothing to undo"):
        undo_start(run=run)


@pytest.mark.django_db
def test_a_run_that_was_given_up_shows_what_it_has_done(user, page, node, small_batches, monkeypatch):
    run = run_start(run=draft(user, CLASS, [CustomerFactory() for _number in range(5)], how="add", node=node.pk))
    killed(monkeypatch, "run_batch", after=1)
    run_until_killed(run)
    Job.objects.update(state=JobState.FAILED, finished_at=clock.now())  # what the sweeper does in the end
    assert page.get(f"/api/v1/bulk-runs/{run.pk}/").json()["changed"] == 2
    BulkRun.objects.update(changed=0)
    assert "<dd>2</dd>" in page.get(run.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_a_run_is_undone_once_and_within_a_day(user, node):
    run = bulk(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    BulkRun.objects.update(finished_at=clock.now() - dt.timedelta(hours=25))
    with pytest.raises(BusinessRuleError, match="24 hours"):
        undo_start(run=run)
    BulkRun.objects.update(finished_at=clock.now() - dt.timedelta(hours=23))
    undo(run)
    with pytest.raises(BusinessRuleError):
        undo_start(run=run)


@pytest.mark.django_db
def test_the_right_is_asked_again_at_the_undo(user, page, node):
    run = bulk(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    undo_url = reverse("core:bulk_undo", args=[run.pk])
    assert undo_url in page.get(run.get_absolute_url()).content.decode()
    user.user_permissions.clear()
    assert undo_url not in page.get(run.get_absolute_url()).content.decode()
    with pytest.raises(BusinessRuleError, match="may not"):
        undo_start(run=BulkRun.objects.get(pk=run.pk))


@pytest.mark.django_db
def test_what_has_no_undo_says_so_and_refuses_one(user, page):
    run = draft(user, "customers.export", [CustomerFactory()], kind="csv")
    assert "This has no undo." in page.get(reverse("core:bulk_preview", args=[run.pk])).content.decode()
    with pytest.raises(BusinessRuleError, match="cannot be undone"):
        undo_start(run=finished(run_start(run=run)))
    assert page.get(f"/api/v1/bulk-runs/{run.pk}/").json()["may_be_undone"] is False


@pytest.mark.django_db
def test_rows_that_clash_with_the_present_data_are_kept_and_the_others_undone(user, node, monkeypatch):
    from django.db import IntegrityError

    customers = [CustomerFactory() for _number in range(4)]
    run = bulk(user, CLASS, customers, how="add", node=node.pk)
    real = ClassOperation.take_back

    def clash(self, plan):
        real(self, plan)
        if customers[1].pk in plan.items:
            raise IntegrityError

    monkeypatch.setattr(ClassOperation, "take_back", clash)
    run = undo(run)
    assert (run.undone, run.kept) == (3, 1)
    assert set(CustomerClassification.objects.values_list("customer", flat=True)) == {customers[1].pk}


@pytest.mark.django_db
def test_too_many_rows_are_refused(user, node, monkeypatch):
    monkeypatch.setattr(ClassOperation, "max_rows", 2)
    operation = operation_of(CLASS)
    rows = ids_in(operation, user, [CustomerFactory().pk for _number in range(3)])
    with pytest.raises(BusinessRuleError, match="Narrow down"):
        run_choose(operation=operation, user=user, rows=rows)


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["rows_choose", "preview"])
def test_very_many_rows_may_take_longer_than_other_requests(step, user, node, monkeypatch):
    limits, real = [], getattr(execution, step)

    def watched(*args):
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            limits.append(cursor.fetchone()[0])
        return real(*args)

    monkeypatch.setattr(execution, step, watched)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 5000")  # that of a web process
    draft(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    assert limits == ["1min"]


@pytest.mark.django_db
def test_drafts_are_forgotten_after_a_day_and_rows_after_ninety(user, node):
    old = draft(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    done = bulk(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    BulkRun.objects.filter(pk=old.pk).update(created_at=clock.now() - dt.timedelta(days=2))
    BulkRun.objects.filter(pk=done.pk).update(finished_at=clock.now() - dt.timedelta(days=91))
    old_runs_purge()
    assert list(BulkRun.objects.all()) == [done]
    assert not done.rows.exists()
