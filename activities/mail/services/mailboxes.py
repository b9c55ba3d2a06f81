"""Save, test and read mailboxes, and renew drop addresses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pghistory
import structlog
from django.db import connection, transaction
from django.utils import translation

from accounts.models import User
from activities.mail.imap import (
    SHORT_TIMEOUT,
    MailboxError,
    NotFetchedError,
    Session,
    check_host,
    opened,
    unreachable,
)
from activities.mail.models import Mailbox, MailSettings
from activities.mail.senders import new_secret
from activities.mail.services.receiving import (
    CAPTURED,
    INBOX,
    KNOWN,
    REFUSED,
    Origin,
    message_receive,
    message_unfetched,
)
from core import clock
from core.queue import queue_task
from core.secrets import encrypt
from core.services import check_version, lock

log = structlog.get_logger(__name__)

#: The most messages that one reading imports; the next reading continues from there.
BATCH = 200
TEST_TASK = "activities.mail.tasks.try_mailbox"
#: The lock's name in the database.
LOCK = 77_001


@transaction.atomic
def mailbox_save(*, mailbox: Mailbox, password: str = "", version: int | None = None) -> Mailbox:
    """Save a mailbox that a form or serializer has filled in; an empty ``password`` keeps the present one.

    A worker tests the connection, so that no server delays the page. After a change of server, user or folder the
    mailbox is read from the beginning. Raises :class:`MailboxError` for a private server; :class:`StaleVersionError`.
    """
    check_host(mailbox.host)
    if mailbox.pk:
        old = lock(mailbox)
        check_version(old, version)
        mailbox.version = old.version + 1
        if any(getattr(old, name) != getattr(mailbox, name) for name in ("host", "username", "folder")):
            mailbox.last_uid = mailbox.uid_validity = 0
            mailbox.last_read_at = None
    if password:
        mailbox.password = encrypt(password)
    mailbox.error, mailbox.trying_since = "", clock.now()
    mailbox.save()
    queue_task(TEST_TASK, mailbox.pk)
    return mailbox


@transaction.atomic
def mailbox_set_active(*, mailbox: Mailbox, active: bool) -> Mailbox:
    """Pause the reading of a mailbox, or continue it."""
    row = lock(mailbox)
    if row.is_active != active:
        row.is_active, row.error = active, ""
        row.version += 1
        row.save(update_fields=["is_active", "error", "version", "updated_at"])
    return row


@transaction.atomic
def mailbox_test(*, mailbox: Mailbox) -> Mailbox:
    """Let a worker test the connection to a mailbox; its ``error`` gets the result. Return the row."""
    row = lock(mailbox)
    row.error, row.trying_since = "", clock.now()
    row.save(update_fields=["error", "trying_since"])
    queue_task(TEST_TASK, row.pk)
    return row


def mailbox_try(mailbox_id: int) -> None:
    """Sign in and open the folder; store the error, if any, with the mailbox."""
    mailbox = Mailbox.objects.select_related("owner").filter(pk=mailbox_id).first()
    if mailbox is None:
        return
    error = ""
    try:
        with _language_of(mailbox), opened(mailbox, timeout=SHORT_TIMEOUT):
            pass
    except MailboxError as refusal:
        error = str(refusal)
    _store_test_result(mailbox, error)


def mailbox_give_up(mailbox_id: int) -> None:
    """Store with a mailbox that its server does not answer."""
    mailbox = Mailbox.objects.select_related("owner").filter(pk=mailbox_id).first()
    if mailbox:
        with _language_of(mailbox):
            _store_test_result(mailbox, str(unreachable(mailbox)))


def _language_of(mailbox: Mailbox) -> AbstractContextManager[None]:
    """Use the owner's language for errors; for a shared mailbox, that of the installation."""
    return translation.override(mailbox.owner.language) if mailbox.owner else nullcontext()


def _store_test_result(mailbox: Mailbox, error: str) -> None:
    """Store the result of a test unless the mailbox has been changed since, which starts another test."""
    unchanged = Mailbox.objects.filter(pk=mailbox.pk, version=mailbox.version)
    unchanged.update(error=error[:500], trying_since=None)


@transaction.atomic
def drop_secret_renew(*, user: User) -> MailSettings:
    """Give the user a new drop address; the old one stops working."""
    settings, _created = MailSettings.objects.get_or_create(user=user)
    settings.drop_secret = new_secret()
    settings.save(update_fields=["drop_secret"])
    return settings


@transaction.atomic
def drop_secret_revoke(*, user: User) -> None:
    """Revoke the user's drop address."""
    MailSettings.objects.filter(user=user).update(drop_secret=None)


def mailbox_read(mailbox_id: int) -> dict[str, int]:
    """Import the new messages of a mailbox; return the counts by outcome. One worker reads a mailbox at a time.

    The mailbox stores the id of the last imported message, so an interrupted reading continues from there; a message
    that is read twice is known by its Message-ID. Errors are stored with the mailbox.
    """
    counts = dict.fromkeys((CAPTURED, KNOWN, INBOX, REFUSED), 0)
    with _reading_lock(mailbox_id) as is_locked:
        mailbox = Mailbox.objects.select_related("owner").filter(pk=mailbox_id, is_active=True).first()
        if not is_locked or mailbox is None or (mailbox.owner and not mailbox.owner.is_active):
            return counts
        try:
            with _language_of(mailbox), opened(mailbox) as session, pghistory.context(mailbox=mailbox.pk):
                for kind in _import_new(mailbox, session):
                    counts[kind] += 1
        except MailboxError as error:
            _store(mailbox, error=str(error))
            return counts
        _store(mailbox, last_read_at=clock.now(), error="")
    return counts


def _import_new(mailbox: Mailbox, session: Session) -> Iterator[str]:
    for uid in _new_uids(mailbox, session)[:BATCH]:
        try:
            fetched = session.fetch(uid)
        except NotFetchedError:
            yield message_unfetched(mailbox, uid).kind
        else:
            if fetched is not None:
                origin = Origin(mailbox=mailbox, is_head_only=fetched.is_head_only, received_at=fetched.received_at)
                yield message_receive(fetched.raw, origin).kind
        _store(mailbox, last_uid=uid)


def _new_uids(mailbox: Mailbox, session: Session) -> list[int]:
    """Return the ids of the messages to read: those of the last days if the server has renumbered them."""
    if mailbox.uid_validity == session.uid_validity and mailbox.last_uid:
        return session.uids_after(mailbox.last_uid)
    days_back = clock.now() - dt.timedelta(days=mailbox.first_days)
    if mailbox.last_read_at:
        days_back = min(days_back, mailbox.last_read_at - dt.timedelta(days=1))
    _store(mailbox, uid_validity=session.uid_validity, last_uid=0)
    return session.uids_since(days_back.date())


def _store(mailbox: Mailbox, **values: object) -> None:
    """Set fields of the mailbox without a new version."""
    for name, value in values.items():
        setattr(mailbox, name, value)
    Mailbox.objects.filter(pk=mailbox.pk).update(**values)


@contextmanager
def _reading_lock(mailbox_id: int) -> Iterator[bool]:
    """Hold the mailbox's advisory lock, which ends with its worker; yield whether it was free."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, mailbox_id])
        is_locked = bool(cursor.fetchone()[0])
    try:
        yield is_locked
    finally:
        if is_locked:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, mailbox_id])
