"""Mail of the program to users: links to choose a password, invitations, notifications.

Each is a row until it has been sent, so that none is lost with a worker or the broker. A worker claims a row by a lock
of the database, which ends with the worker: the sweep, which runs every 30 seconds, gives the row to another one then.
Sending twice does no harm: the link in both is good. What a mail is made of is encrypted, and removed once it is sent.
"""

from __future__ import annotations

import datetime as dt
import json
import smtplib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.core.mail import send_mail
from django.db import connection, transaction

from accounts.enums import SystemMailKind, SystemMailState
from accounts.mails import invitation, notification
from accounts.models import SystemMail, User
from core import clock
from core.queue import queue_task, send_task
from core.secrets import decrypt, encrypt

log = structlog.get_logger(__name__)

TASK = "accounts.tasks.send_system_mail"
#: The lock's name in the database; its number is that of the row.
LOCK = 77_002
#: A mail is tried again soon, for the server may only be starting; later more rarely, and at last given up.
SOON, SOON_FOR = dt.timedelta(seconds=20), dt.timedelta(minutes=15)
LATER, GIVEN_UP_AFTER = dt.timedelta(minutes=5), dt.timedelta(days=1)
KEPT_FOR = dt.timedelta(days=30)
OPEN = (SystemMailState.WAITING, SystemMailState.SENDING)


def text_send(*, address: str, subject: str, text: str) -> None:
    """Mail a finished text, such as the link to reset a password; at once, for a person is waiting for it."""
    content = _packed({"subject": subject, "text": text})
    row = SystemMail.objects.create(kind=SystemMailKind.TEXT, address=address, content=content)
    send_task(TASK, row.pk)


def invitation_send(*, user: User) -> None:
    """Mail the link to choose a password to a user who still needs it; it is made when the mail is sent."""
    row = SystemMail.objects.create(kind=SystemMailKind.INVITATION, user=user)
    queue_task(TASK, row.pk)


def notifications_send(*, user_ids: Iterable[int], kind: str, data: dict[str, Any], url: str) -> None:
    """Mail a notification to users who have chosen to have it so, in the language of each."""
    content = {"kind": kind, "data": data, "url": url}
    rows = SystemMail.objects.bulk_create(
        SystemMail(kind=SystemMailKind.NOTIFICATION, user_id=pk, content=_packed(content)) for pk in user_ids
    )
    for row in rows:
        queue_task(TASK, row.pk)


def system_mail_deliver(pk: int) -> None:
    """Send the mail if it is due and no other worker is sending it."""
    with _claim(pk) as row:
        if row is None:
            return
        try:
            is_needed = _send(row)
        except OSError as error:  # of the mail server too
            _postpone(row, error)
        except Exception as error:
            log.exception("system_mail_failed", mail=row.pk, kind=row.kind)
            _close(row, SystemMailState.FAILED, type(error).__name__)
        else:
            _close(row, SystemMailState.SENT, "" if is_needed else "not needed any more")


def system_mails_purge() -> None:
    """Forget the mails of a month ago."""
    SystemMail.objects.filter(created_at__lt=clock.now() - KEPT_FOR).exclude(state__in=OPEN).delete()


class SystemMailbox:
    """The outgoing queue, as mail sweeps it among the others (``OUTBOXES``)."""

    def sweep(self) -> None:
        """Queue what is due: what the broker has lost, what is tried again, and what a dead worker has left."""
        due = SystemMail.objects.filter(state__in=OPEN, due_at__lte=clock.now()).order_by("due_at", "pk")
        for pk in due.values_list("pk", flat=True)[:500]:
            queue_task(TASK, pk)


SYSTEM_MAILBOX = SystemMailbox()


@contextmanager
def _claim(pk: int) -> Iterator[SystemMail | None]:
    """Hold the row's lock, which ends with its worker; yield the row, marked as being sent, if it is due and free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, pk])
        is_free = bool(cursor.fetchone()[0])
    try:
        yield _mark_as_being_sent(pk) if is_free else None
    finally:
        if is_free:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, pk])


@transaction.atomic
def _mark_as_being_sent(pk: int) -> SystemMail | None:
    due = SystemMail.objects.filter(pk=pk, state__in=OPEN, due_at__lte=clock.now())
    row = due.select_for_update(of=("self",)).select_related("user").first()
    if row:
        row.state, row.attempts = SystemMailState.SENDING, row.attempts + 1
        row.save(update_fields=["state", "attempts"])
    return row


def _send(row: SystemMail) -> bool:
    """Hand the mail to the server; return whether somebody still needs it. Raises ``OSError``."""
    content = json.loads(decrypt(row.content)) if row.content else {}
    if row.kind == SystemMailKind.TEXT:
        send_mail(content["subject"], content["text"], None, [row.address])
        return True
    user = User.objects.active().filter(pk=row.user_id).exclude(email="").first()
    if user is None or (row.kind == SystemMailKind.INVITATION and user.has_usable_password()):
        return False
    subject, text = invitation(user) if row.kind == SystemMailKind.INVITATION else notification(user, **content)
    send_mail(subject, text, None, [user.email])
    return True


def _postpone(row: SystemMail, error: OSError) -> None:
    """Try the mail again later; give it up if the server refuses the address, or after a day."""
    age = clock.now() - row.created_at
    if age > GIVEN_UP_AFTER or _is_refused(error):
        log.warning("system_mail_given_up", mail=row.pk, kind=row.kind, attempts=row.attempts)
        return _close(row, SystemMailState.FAILED, str(error))
    row.state, row.error = SystemMailState.WAITING, str(error)[:500]
    row.due_at = clock.now() + (SOON if age < SOON_FOR else LATER)
    row.save(update_fields=["state", "error", "due_at"])
    return None


def _is_refused(error: OSError) -> bool:
    codes = (
        [code for code, _text in error.recipients.values()] if isinstance(error, smtplib.SMTPRecipientsRefused) else []
    )
    return bool(codes) and all(code >= 500 for code in codes)


def _close(row: SystemMail, state: SystemMailState, error: str = "") -> None:
    """Mark the mail as sent or given up, and remove what it was made of: it may have a secret link."""
    row.state, row.error, row.content = state, error[:500], ""
    row.save(update_fields=["state", "error", "content"])


def _packed(content: dict[str, Any]) -> str:
    return encrypt(json.dumps(content))
