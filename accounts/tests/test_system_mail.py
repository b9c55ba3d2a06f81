"""Mail of the program to users is a row until it has been sent: no worker, broker or mail server loses one."""

from __future__ import annotations

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.db import connections

from accounts import system_mail
from accounts.enums import SystemMailState
from accounts.models import SystemMail
from accounts.notifications import notify
from accounts.system_mail import LOCK, TASK, system_mail_deliver, system_mails_purge, text_send
from activities.mail.outbox import outboxes_sweep
from core import clock

LINK = "https://portaali.example/account/password/reset/key/secret-key/"
NOW = dt.datetime(2026, 11, 27, 9, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(queued):
    text_send(address="reader@example.com", subject="Password", text=f"Open {LINK}")
    queued.clear()
    return SystemMail.objects.get()


@pytest.fixture
def server(monkeypatch):
    """Let the mail server answer with an error; ``server(None)`` mends it."""
    right = system_mail.send_mail

    def set_error(error):
        def fail(*args):
            raise error

        monkeypatch.setattr(system_mail, "send_mail", fail if error else right)

    return set_error


def state(row):
    row.refresh_from_db()
    return row.state


def test_a_reset_asked_for_while_no_broker_answers_is_sent_by_the_sweep(client, reader, queued, monkeypatch):
    monkeypatch.setattr(system_mail, "send_task", lambda *args: None)
    client.post("/account/password/reset/", {"email": reader.email})
    [pk] = SystemMail.objects.values_list("pk", flat=True)
    monkeypatch.setattr(system_mail, "queue_task", lambda *args: queued.append(args))
    outboxes_sweep()
    assert (TASK, pk) in queued
    system_mail_deliver(pk)
    assert [message.to for message in mail.outbox] == [[reader.email]]


def test_the_link_cannot_be_read_while_it_waits_and_is_gone_once_it_is_sent(row):
    assert "secret-key" not in row.content
    system_mail_deliver(row.pk)
    assert LINK in mail.outbox[0].body
    assert (state(row), row.content) == (SystemMailState.SENT, "")


def test_a_mail_is_sent_once(row):
    system_mail_deliver(row.pk)
    system_mail_deliver(row.pk)
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_has_claimed_is_taken_up_again_once(row, queued):
    worker = connections["default"].copy()
    try:
        with worker.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, row.pk])
            cursor.execute("UPDATE accounts_systemmail SET state = 'sending', attempts = 1")
        outboxes_sweep()
        assert (TASK, row.pk) in queued
        system_mail_deliver(row.pk)
        assert mail.outbox == []  # the worker is alive
    finally:
        worker.close()  # the database closes the connection of a killed worker too
    queued.clear()
    outboxes_sweep()
    for _task, pk in [task for task in queued if task[0] == TASK] * 2:
        system_mail_deliver(pk)
    assert len(mail.outbox) == 1
    assert (state(row), row.attempts) == (SystemMailState.SENT, 2)


def test_a_server_that_is_away_is_tried_again_within_half_a_minute(row, server):
    with clock.frozen(NOW):
        SystemMail.objects.update(created_at=NOW, due_at=NOW)
        server(ConnectionRefusedError("refused"))
        system_mail_deliver(row.pk)
        assert (state(row), row.due_at) == (SystemMailState.WAITING, NOW + dt.timedelta(seconds=20))
        server(None)
        system_mail_deliver(row.pk)
        assert mail.outbox == []  # it is not due yet
    with clock.frozen(NOW + dt.timedelta(seconds=20)):
        system_mail_deliver(row.pk)
    assert len(mail.outbox) == 1


def test_a_mail_is_given_up_after_a_day_and_its_link_removed(row, server):
    server(ConnectionRefusedError("refused"))
    with clock.frozen(row.created_at + dt.timedelta(days=1, minutes=1)):
        system_mail_deliver(row.pk)
    assert (state(row), row.content, row.error) == (SystemMailState.FAILED, "", "refused")


@pytest.mark.parametrize(("code", "expected"), [(550, SystemMailState.FAILED), (450, SystemMailState.WAITING)])
def test_a_refused_address_is_not_tried_again(row, server, code, expected):
    server(smtplib.SMTPRecipientsRefused({"reader@example.com": (code, b"no")}))
    system_mail_deliver(row.pk)
    assert state(row) == expected


def test_a_mail_that_cannot_be_made_is_given_up(row, server):
    server(ValueError("bad header"))
    system_mail_deliver(row.pk)
    assert (state(row), row.content) == (SystemMailState.FAILED, "")


def test_what_is_not_needed_any_more_is_not_sent(reader, queued):
    system_mail.invitation_send(user=reader)  # who has a password
    row = SystemMail.objects.get()
    system_mail_deliver(row.pk)
    assert (mail.outbox, state(row)) == ([], SystemMailState.SENT)


def test_notifications_are_rows_of_the_same_transaction(admin, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        notify(users=[admin], kind="sign_in_attack", url="/users/", attack="all", failures=100)
        row = SystemMail.objects.get()
        assert queued == []
    assert queued == [(TASK, row.pk)]
    system_mail_deliver(row.pk)
    assert [message.to for message in mail.outbox] == [[admin.email]]


def test_old_rows_are_forgotten_but_not_those_that_wait(row):
    later = row.created_at + dt.timedelta(days=31)
    with clock.frozen(later):
        system_mails_purge()
        assert SystemMail.objects.exists()
        SystemMail.objects.update(state=SystemMailState.SENT)
        system_mails_purge()
    assert not SystemMail.objects.exists()
