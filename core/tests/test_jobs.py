"""Background work: the row is the truth, whatever happens to workers and broker."""

from __future__ import annotations

import datetime as dt
import io
import threading

import celery
import pytest
from django.test import Client
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from accounts.tests.factories import UserFactory
from core import jobs
from core.enums import JobState
from core.exceptions import BusinessRuleError
from core.models import Job, Submission
from core.tasks import purge_old_rows
from crm.celery import app

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="read_only")


@pytest.fixture
def handler(monkeypatch):
    """Register what the kind "test" does for the length of one test."""

    def register(work):
        monkeypatch.setitem(jobs._handlers, "test", work)

    return register


def start(owner, **params):
    return jobs.job_start("test", owner=owner, params=params, title="A test")


def content(job):
    with job.result.open() as file:
        return file.read()


def run(job):
    jobs.job_run(str(job.pk))
    job.refresh_from_db()
    return job


def test_a_job_is_queued_when_the_transaction_has_committed(owner, monkeypatch, django_capture_on_commit_callbacks):
    queued = []
    monkeypatch.setattr(jobs, "queue", queued.append)
    with django_capture_on_commit_callbacks(execute=True):
        job = start(owner)
        assert queued == []
    assert queued == [job]


def test_a_silent_broker_is_no_error_and_the_job_waits(owner, monkeypatch):
    def fail(*args, **options):
        raise OperationalError

    monkeypatch.setattr(app, "send_task", fail)
    job = start(owner)
    jobs.queue(job)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_a_finished_job_has_its_message_and_file(owner, handler):
    handler(lambda job, progress: jobs.JobResult("All done.", io.BytesIO(b"content"), "list.csv"))
    job = run(start(owner))
    assert (job.state, job.message, job.result_name) == (JobState.DONE, "All done.", "list.csv")
    assert content(job) == b"content"
    assert job.finished_at
    assert job.is_finished


def test_progress_is_written_and_ends_at_the_total(owner, handler):
    def work(job, progress):
        progress(0, 10, "Reading")
        seen.append(Job.objects.get(pk=job.pk).total)

    seen = []
    handler(work)
    job = run(start(owner))
    assert seen == [10]
    assert (job.done, job.total, job.percent, job.message) == (10, 10, 100, "Reading")


def test_a_job_speaks_its_owners_language(owner, handler):
    spoken = []
    handler(lambda job, progress: spoken.append(translation.get_language()))
    for language in ("fi", "en"):
        owner.language = language
        owner.save()
        run(start(owner))
    assert spoken == ["fi", "en"]


def test_a_broken_rule_fails_the_job_with_its_sentence(owner, handler):
    def work(job, progress):
        raise BusinessRuleError("no", "That is not allowed.")

    handler(work)
    job = run(start(owner))
    assert (job.state, job.message, job.error) == (JobState.FAILED, "That is not allowed.", "")


def test_a_fault_fails_the_job_and_keeps_the_traceback_from_the_user(owner, handler):
    def work(job, progress):
        raise RuntimeError("secret")

    handler(work)
    job = run(start(owner))
    assert job.state == JobState.FAILED
    assert "secret" not in job.message
    assert "RuntimeError: secret" in job.error


def test_a_job_runs_once_however_often_it_is_delivered(owner, handler):
    runs = []
    handler(lambda job, progress: runs.append(job.pk))
    job = start(owner)
    for _ in range(3):
        run(job)
    assert runs == [job.pk]
    assert job.attempts == 1


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(owner, handler):
    handler(lambda job, progress: pytest.fail("ran"))
    job = start(owner)
    jobs.job_cancel(job)
    assert run(job).state == JobState.CANCELLED


def test_a_running_job_stops_at_its_next_sign_of_progress(owner, handler):
    def work(job, progress):
        jobs.job_cancel(job)
        progress(1, 2)
        pytest.fail("went on")

    handler(work)
    assert run(start(owner)).state == JobState.CANCELLED


def test_a_finished_job_is_not_cancelled(owner, handler):
    handler(lambda job, progress: None)
    job = run(start(owner))
    jobs.job_cancel(job)
    job.refresh_from_db()
    assert (job.state, job.cancel_requested) == (JobState.DONE, False)


def test_nobody_starts_more_than_five_jobs_at_once(owner, handler):
    handler(lambda job, progress: None)
    started = [start(owner) for _ in range(jobs.MAX_UNFINISHED)]
    with pytest.raises(BusinessRuleError) as refused:
        start(owner)
    assert refused.value.code == "too_many_jobs"
    start(UserFactory())  # others are not held up
    run(started[0])
    start(owner)


def test_long_work_has_a_queue_of_its_own():
    route = app.amqp.router.route
    tasks = {"long": ["core.tasks.run_job", "activities.log.tasks.refresh_summaries", "core.tasks.purge_old_rows"]}
    tasks["celery"] = ["activities.mail.tasks.send_email", "activities.mail.tasks.sweep_emails",
                       "activities.log.tasks.send_reminders", "core.tasks.requeue_lost_jobs"]  # fmt: skip
    assert {queue: [route({}, task)["queue"].name for task in names] for queue, names in tasks.items()} == {
        queue: [queue] * len(names) for queue, names in tasks.items()
    }


class TestLostWorkers:
    @pytest.fixture
    def queued(self, monkeypatch):
        queued = []
        monkeypatch.setattr(jobs, "queue", lambda job: queued.append(job.pk))
        return queued

    def lost(self, owner, **values):
        job = start(owner)
        long_ago = timezone.now() - dt.timedelta(hours=1)
        values = {"state": JobState.RUNNING, "attempts": 1, "heartbeat_at": long_ago, "created_at": long_ago} | values
        Job.objects.filter(pk=job.pk).update(**values)
        job.refresh_from_db()
        return job

    def test_what_a_dead_worker_left_is_queued_again(self, owner, queued):
        job = self.lost(owner)
        assert jobs.jobs_requeue_lost() == 1
        job.refresh_from_db()
        assert job.state == JobState.QUEUED
        assert queued == [job.pk]

    def lose(self, job, *, done):
        """Let a worker take the job, get so far and die."""
        long_ago = timezone.now() - dt.timedelta(hours=1)
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, done=done, heartbeat_at=long_ago)
        jobs.jobs_requeue_lost()
        job.refresh_from_db()
        return job.state

    def test_the_third_loss_without_getting_further_ends_it(self, owner, queued):
        job = start(owner)
        states = [self.lose(job, done=0) for _ in range(3)]
        assert states == [JobState.QUEUED, JobState.QUEUED, JobState.FAILED]
        assert job.message
        assert queued == [job.pk, job.pk]

    def test_losses_between_which_it_got_further_do_not_count(self, owner, queued):
        job = start(owner)
        states = [self.lose(job, done=done) for done in (10, 20, 30, 40, 40, 50, 50, 50)]
        assert states == [JobState.QUEUED] * 7 + [JobState.FAILED]

    def test_what_waits_is_queued_again_once_in_two_minutes(self, owner, queued):
        self.lost(owner, state=JobState.QUEUED, attempts=0, heartbeat_at=None)
        assert [jobs.jobs_requeue_lost(), jobs.jobs_requeue_lost()] == [1, 0]

    def test_what_lives_is_left_alone(self, owner, queued):
        job = self.lost(owner, heartbeat_at=timezone.now())
        jobs.jobs_requeue_lost()
        job.refresh_from_db()
        assert job.state == JobState.RUNNING
        assert queued == []

    def test_what_was_never_delivered_is_queued_again(self, owner, queued):
        job = self.lost(owner, state=JobState.QUEUED, attempts=0, heartbeat_at=None)
        jobs.jobs_requeue_lost()
        assert queued == [job.pk]

    def test_the_first_worker_coming_back_late_changes_nothing(self, owner, handler):
        def work(job, progress):
            Job.objects.filter(pk=job.pk).update(attempts=2)  # another worker has taken over meanwhile
            return jobs.JobResult("late")

        handler(work)
        job = run(start(owner))
        assert (job.state, job.message) == (JobState.RUNNING, "")


class TestPages:
    def test_the_owner_sees_the_job_and_others_do_not(self, owner, handler):
        job = start(owner)
        for user, status in ((owner, 200), (UserFactory(role="administrator"), 404)):
            client = Client()
            client.force_login(user)
            assert client.get(f"/jobs/{job.pk}/").status_code == status
            assert client.get(f"/jobs/{job.pk}/result/").status_code == 404
            if status == 404:
                assert client.post(f"/jobs/{job.pk}/cancel/").status_code == 404
        assert Client().get(f"/jobs/{job.pk}/").status_code == 302
        job.refresh_from_db()
        assert job.state == JobState.QUEUED

    def test_cancelling_goes_back_to_the_job(self, owner):
        job, client = start(owner), Client()
        client.force_login(owner)
        assert client.get(f"/jobs/{job.pk}/cancel/").status_code == 405
        assert client.post(f"/jobs/{job.pk}/cancel/").url == f"/jobs/{job.pk}/"
        job.refresh_from_db()
        assert job.state == JobState.CANCELLED

    def test_an_unfinished_job_asks_for_itself_and_a_finished_one_does_not(self, owner, handler):
        handler(lambda job, progress: None)
        job, client = start(owner), Client()
        client.force_login(owner)
        headers = {"HX-Request": "true", "HX-Target": "job"}
        assert 'hx-trigger="every' in client.get(f"/jobs/{job.pk}/", headers=headers).text
        run(job)
        assert "hx-trigger" not in client.get(f"/jobs/{job.pk}/", headers=headers).text

    def test_the_result_is_a_download(self, owner, handler):
        handler(lambda job, progress: jobs.JobResult("", io.BytesIO(b"content"), "lista ä.csv"))
        job, client = run(start(owner)), Client()
        client.force_login(owner)
        response = client.get(f"/jobs/{job.pk}/result/")
        assert b"".join(response.streaming_content) == b"content"
        assert response.headers["Content-Disposition"].startswith("attachment")

    def test_a_job_that_is_done_goes_on_to_where_it_was_started_from(self, owner, handler):
        handler(lambda job, progress: jobs.JobResult("35 added"))
        job, client = run(start(owner)), Client()
        client.force_login(owner)
        response = client.get(f"/jobs/{job.pk}/?back=/users/", headers={"HX-Request": "true"})
        assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/users/")

    def test_a_job_that_ended_while_its_page_was_on_its_way_goes_on_too_and_an_older_one_stays(self, owner, handler):
        handler(lambda job, progress: jobs.JobResult("35 added"))
        job, client = run(start(owner)), Client()
        client.force_login(owner)
        assert client.get(f"/jobs/{job.pk}/?back=/users/").url == "/users/"
        Job.objects.filter(pk=job.pk).update(finished_at=timezone.now() - dt.timedelta(seconds=11))
        assert "35 added" in client.get(f"/jobs/{job.pk}/?back=/users/").text

    @pytest.mark.parametrize(
        ("result", "back"),
        [(jobs.JobResult("", io.BytesIO(b"x"), "list.csv"), "/users/"), (jobs.JobResult(""), "//evil.example/")],
    )
    def test_a_file_waits_to_be_fetched_and_a_foreign_address_is_not_gone_to(self, owner, handler, result, back):
        handler(lambda job, progress: result)
        job, client = run(start(owner)), Client()
        client.force_login(owner)
        response = client.get(f"/jobs/{job.pk}/", {"back": back}, headers={"HX-Request": "true"})
        assert response.status_code == 200
        assert "HX-Redirect" not in response.headers

    def test_cancelling_keeps_the_way_back(self, owner):
        job, client = start(owner), Client()
        client.force_login(owner)
        assert client.post(f"/jobs/{job.pk}/cancel/", {"back": "/users/"}).url == f"/jobs/{job.pk}/?back=%2Fusers%2F"

    def test_the_way_back_leads_nowhere_else(self, owner):
        job, client = start(owner), Client()
        client.force_login(owner)
        for url in ("//evil.example/", "https://evil.example/", "/\\evil.example/"):
            assert client.get(f"/jobs/{job.pk}/", {"back": url}).context["back"] == ""
        assert 'href="/users/"' in client.get(f"/jobs/{job.pk}/", {"back": "/users/"}).text


def test_old_jobs_and_sent_forms_are_forgotten_with_their_files(owner, handler):
    import uuid

    handler(lambda job, progress: jobs.JobResult("", io.BytesIO(b"x"), "x.csv"))
    old, new = run(start(owner)), run(start(owner))
    storage, path = old.result.storage, old.result.name
    long_ago = timezone.now() - dt.timedelta(days=31)
    Job.objects.filter(pk=old.pk).update(finished_at=long_ago)
    for age in (long_ago, timezone.now()):
        sent = Submission.objects.create(key=uuid.uuid4(), user=owner)
        Submission.objects.filter(pk=sent.pk).update(created_at=age)
    purge_old_rows()
    assert list(Job.objects.all()) == [new]
    assert not storage.exists(path)
    assert Submission.objects.count() == 1


def test_every_thread_hands_jobs_to_our_own_broker():
    found = []
    thread = threading.Thread(target=lambda: found.append(celery.current_app.main))
    thread.start()
    thread.join()
    assert found == ["portaali"]


def test_a_job_given_to_another_worker_is_left_to_it(owner, handler):
    def lost(job, progress):
        Job.objects.filter(pk=job.pk).update(attempts=job.attempts + 1, message="the other one")
        progress(1, 1)

    handler(lost)
    job = run(start(owner))
    assert (job.state, job.message) == (JobState.RUNNING, "the other one")
