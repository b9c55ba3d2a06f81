"""Bulk operations as such: nothing is lost and nothing done twice, whatever happens to workers, tabs and rights."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
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
from customers.models import Customer, CustomerClassification
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
def test_a_run_that_is_cancelled_before_it_begins_has_stopped(user, node):
    run = run_start(run=draft(user, CLASS, [CustomerFactory()], how="add", node=node.pk))
    job_cancel(run.job)
    run = BulkRun.objects.get(pk=run.pk)
    assert run.real_state == BulkState.STOPPED
    with pytest.raises(BusinessRuleError, match="nothing to undo"):
        undo_start(run=run)


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
def test_what_has_no_undo_says_so_and_refuses_one(user, page):
    run = draft(user, "customers.export", [CustomerFactory()], kind="csv")
    assert "This has no undo." in page.get(reverse("core:bulk_preview", args=[run.pk])).content.decode()
    with pytest.raises(BusinessRuleError, match="cannot be undone"):
        undo_start(run=finished(run_start(run=run)))


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
def test_drafts_are_forgotten_after_a_day_and_rows_after_ninety(user, node):
    old = draft(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    done = bulk(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    BulkRun.objects.filter(pk=old.pk).update(created_at=clock.now() - dt.timedelta(days=2))
    BulkRun.objects.filter(pk=done.pk).update(finished_at=clock.now() - dt.timedelta(days=91))
    old_runs_purge()
    assert list(BulkRun.objects.all()) == [done]
    assert not done.rows.exists()


# Pages


def choose(page, name=CLASS, **values):
    return page.post(reverse("core:bulk_choose", args=[name]), values)


@pytest.mark.django_db
def test_everything_that_matches_the_filters_is_chosen(user, page, node):
    for name in ("Acme Oy", "Acme Ab", "Beta Oy"):
        CustomerFactory(name=name)
    answer = choose(page, all="1", query="q=acme", list="/customers/")
    run = BulkRun.objects.get()
    assert answer.headers["Location"] == reverse("core:bulk_form", args=[run.pk])
    assert set(run.rows.values_list("label", flat=True)) == {"Acme Oy", "Acme Ab"}
    choose(page, all="1", query="", list="/customers/")
    assert BulkRun.objects.last().total == 3


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["owner=x", "no_such_filter=1", "sort=nothing"])
def test_filters_that_cannot_be_read_choose_nothing(query, page):
    CustomerFactory()
    assert choose(page, all="1", query=query, list="/customers/").status_code == 302
    assert not BulkRun.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/contacts/", "/no/such/list/", "//elsewhere.example/"])
def test_rows_of_another_list_are_not_chosen(path, page):
    CustomerFactory()
    choose(page, all="1", query="", list=path)
    assert not BulkRun.objects.exclude(path="/customers/").exists()


@pytest.mark.django_db
def test_the_steps_from_the_list_to_the_undo(user, page, node, tasks_at_once, django_capture_on_commit_callbacks):
    customers, inactive = [CustomerFactory() for _number in range(2)], CustomerFactory()
    choose(page, ids=[row.pk for row in [*customers, inactive]])
    run = BulkRun.objects.get()
    Customer.objects.filter(pk=inactive.pk).update(state="passive")
    asked = page.post(reverse("core:bulk_form", args=[run.pk]), {"how": "add", "node": node.pk}, follow=True)
    content = asked.content.decode()
    assert f"Add the class “{node}”" in content
    assert inactive.name in content
    assert "Can be undone for 24 hours." in content
    with django_capture_on_commit_callbacks(execute=True):
        page.post(reverse("core:bulk_preview", args=[run.pk]))
    shown = page.get(run.get_absolute_url()).content.decode()
    assert customers[0].name in shown
    assert CustomerClassification.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        page.post(reverse("core:bulk_undo", args=[run.pk]))
    assert not CustomerClassification.objects.exists()
    assert str(BulkRun.objects.get()) in page.get(reverse("core:bulk_runs")).content.decode()


@pytest.mark.django_db
def test_pressing_start_twice_starts_once(user, page, node):
    run = draft(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    for _press in range(2):
        assert page.post(reverse("core:bulk_preview", args=[run.pk])).status_code == 302
    assert Job.objects.count() == 1


@pytest.mark.django_db
def test_others_runs_do_not_exist(page, node):
    other = UserFactory(grants=["customers.change_any_customer"])
    run = draft(other, CLASS, [CustomerFactory()], how="add", node=node.pk)
    for name in ("bulk_run", "bulk_form", "bulk_preview", "bulk_undo"):
        assert page.get(reverse(f"core:{name}", args=[run.pk])).status_code == 404
    assert page.get(f"/api/v1/bulk-runs/{run.pk}/").status_code == 404


@pytest.mark.django_db
def test_who_lacks_the_right_cannot_choose(client):
    client.force_login(UserFactory(role="read_only"))
    assert choose(client, ids=[CustomerFactory().pk]).status_code == 403
    assert choose(client, "no.such.operation", ids=[1]).status_code == 404
    assert not BulkRun.objects.exists()


@pytest.mark.django_db
def test_the_right_is_asked_again_at_the_start(user, node):
    run = draft(user, CLASS, [CustomerFactory()], how="add", node=node.pk)
    user.user_permissions.clear()
    with pytest.raises(BusinessRuleError):
        run_start(run=BulkRun.objects.get(pk=run.pk))


# API


@pytest.mark.django_db
def test_the_api_previews_starts_lists_and_undoes(user, page, node, tasks_at_once, django_capture_on_commit_callbacks):
    customers = [CustomerFactory(), CustomerFactory()]
    body = {"operation": CLASS, "ids": [row.pk for row in customers], "params": {"how": "add", "node": node.pk}}
    made = page.post("/api/v1/bulk-runs/", {**body, "dry_run": True}, "application/json")
    assert (made.status_code, made.json()["state"], made.json()["total"]) == (201, "draft", 2)
    url = f"/api/v1/bulk-runs/{made.json()['id']}/"
    with django_capture_on_commit_callbacks(execute=True):
        assert page.post(f"{url}start/").status_code == 202
    assert (page.get(url).json()["changed"], page.get(url).json()["may_be_undone"]) == (2, True)
    rows = page.get(f"{url}rows/?status=changed").json()["results"]
    assert {row["target_id"] for row in rows} == {row.pk for row in customers}
    with django_capture_on_commit_callbacks(execute=True):
        assert page.post(f"{url}undo/").status_code == 202
    assert page.get(url).json()["undone"] == 2
    assert page.post(f"{url}undo/").json()["error"]["code"] == "transition"


@pytest.mark.django_db
def test_the_api_chooses_by_filter_and_says_what_is_left_out(page, node):
    CustomerFactory(name="Acme Oy", group=node)
    CustomerFactory(name="Beta Oy")
    body = {"operation": CLASS, "filter": "q=acme", "params": {"how": "add", "node": node.pk}, "dry_run": True}
    made = page.post("/api/v1/bulk-runs/", body, "application/json").json()
    assert made["total"] == 1
    assert made["groups"] == [{"status": "unchanged", "reason": "has", "text": "Has the class already", "count": 1}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"operation": "no.such"}, 400),
        ({"operation": "mail.customers"}, 400),  # goes on at a page
        ({"ids": None}, 400),
        ({"filter": "q=acme"}, 400),  # together with ids
        ({"params": {"how": "add"}}, 400),
        ({"params": {"how": "add", "node": 1, "other": 1}}, 400),
        ({"params": {"how": {"add": True}}}, 400),
        ({"ids": None, "filter": "no_such=1"}, 400),
        ({"ids": [1]}, 409),
    ],
)
def test_the_api_refuses_what_it_cannot_do(changes, code, page, node):
    body = {"operation": CLASS, "ids": [CustomerFactory().pk], "params": {"how": "add", "node": node.pk}} | changes
    body = {name: value for name, value in body.items() if value is not None}
    assert page.post("/api/v1/bulk-runs/", body, "application/json").status_code == code
    assert not BulkRun.objects.exists()


# The form shows what would be done


def chosen(user, customers) -> BulkRun:
    operation = operation_of(CLASS)
    return run_choose(operation=operation, user=user, rows=ids_in(operation, user, [one.pk for one in customers]))


@pytest.mark.django_db
def test_the_form_shows_the_effect_of_what_it_says(page, user, node):
    run = chosen(user, [CustomerFactory(), CustomerFactory(), CustomerFactory(passive=True)])
    form = reverse("core:bulk_form", args=[run.pk])
    answer = page.post(form, {"how": "add", "node": node.pk, "live": "1"}).content.decode()
    assert 'name="start" value="2"' in answer
    assert str(node) in answer
    unfinished = page.post(form, {"how": "add", "node": "", "live": "1"})
    assert (unfinished.status_code, 'name="start"' in unfinished.content.decode()) == (200, False)
    run.refresh_from_db()
    assert run.state == BulkState.DRAFT


@pytest.mark.django_db
def test_the_form_starts_what_it_has_shown_and_nothing_else(page, user, node):
    run = chosen(user, [CustomerFactory(), CustomerFactory()])
    form, said = reverse("core:bulk_form", args=[run.pk]), {"how": "add", "node": node.pk}
    assert page.post(form, {**said, "start": "5"}).url == reverse("core:bulk_preview", args=[run.pk])
    run.refresh_from_db()
    assert run.state == BulkState.DRAFT
    assert page.post(form, {**said, "start": "2"}).url == run.get_absolute_url()
    run.refresh_from_db()
    assert run.state == BulkState.RUNNING
