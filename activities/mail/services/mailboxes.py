"""Keeping mailboxes and reading them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pghistory
import structlog
from django.db import connection, transaction
from django.utils import translation

from accounts.models import User
from activities.mail.models import Mailbox, MailSettings
from activities.mail.services.receiving import (
    CAPTURED,
    INBOX,
    KNOWN,
    REFUSED,
    Origin,
    message_receive,
    message_unfetched,
)
from activities.mail.transport.dropbox import new_secret
from activities.mail.transport.imap import (
    SHORT_TIMEOUT,
    Fetched,
    MailboxError,
    NotFetchedError,
    Session,
    check_host,
    opened,
    unreachable,
)
from core import clock
from core.queue import queue_task
from core.secrets import encrypt
from core.services import check_version, lock

log = structlog.get_logger(__name__)

#: At most so many messages at a time; the rest when it is read the next time.
BATCH = 200
TRY_TASK = "activities.mail.tasks.try_mailbox"
#: The lock's name in the database.
LOCK = 77_001


@transaction.atomic
def mailbox_save(*, mailbox: Mailbox, password: str = "", version: int | None = None) -> Mailbox:
    """Save a mailbox that a form or serializer has filled in; an empty ``password`` leaves the one it has.

    A worker finds out whether it opens: no server holds up the page. Another server, user or folder is read from its
    beginning. Raises :class:`MailboxError` for a private server; :class:`StaleVersionError`.
    """
    check_host(mailbox.host)
    if mailbox.pk:
        old = lock(mailbox)
        check_version(old, version)
        mailbox.version = old.version + 1
        place = ("host", "username", "folder")
        if any(getattr(old, name) != getattr(mailbox, name) for name in place):
            mailbox.last_uid = mailbox.uid_validity = 0
            mailbox.last_read_at = None
    if password:
        mailbox.password = encrypt(password)
    mailbox.error, mailbox.trying_since = "", clock.now()
    mailbox.save()
    queue_task(TRY_TASK, mailbox.pk)
    return mailbox


@transaction.atomic
def mailbox_set_active(*, mailbox: Mailbox, active: bool) -> Mailbox:
    """Pause the reading of a mailbox, or take it up again where it was left."""
    row = lock(mailbox)
    if row.is_active != active:
        row.is_active, row.error = active, ""
        row.version += 1
        row.save(update_fields=["is_active", "error", "version", "updated_at"])
    return row


@transaction.atomic
def mailbox_test(*, mailbox: Mailbox) -> Mailbox:
    """Let a worker find out whether the mailbox opens; what is wrong is written at it, in words. Return the row."""
    row = lock(mailbox)
    row.error, row.trying_since = "", clock.now()
    row.save(update_fields=["error", "trying_since"])
    queue_task(TRY_TASK, row.pk)
    return row


def mailbox_try(mailbox_id: int) -> None:
    """Sign in and open the folder; write at the mailbox what is wrong, in words, or that nothing is."""
    mailbox = Mailbox.objects.select_related("owner").filter(pk=mailbox_id).first()
    if mailbox is None:
        return
    error = ""
    try:
        with _spoken(mailbox), opened(mailbox, timeout=SHORT_TIMEOUT):
            pass
    except MailboxError as wrong:
        error = str(wrong)
    _tried(mailbox, error)


def mailbox_give_up(mailbox_id: int) -> None:
    """Write at a mailbox whose server answers too slowly that it does not answer."""
    mailbox = Mailbox.objects.select_related("owner").filter(pk=mailbox_id).first()
    if mailbox:
        with _spoken(mailbox):
            _tried(mailbox, str(unreachable(mailbox)))


def _spoken(mailbox: Mailbox) -> AbstractContextManager[None]:
    """What is wrong is written in the owner's language; at a shared mailbox in the installation's."""
    return translation.override(mailbox.owner.language) if mailbox.owner else nullcontext()


def _tried(mailbox: Mailbox, error: str) -> None:
    """Write what was found, unless it has been saved anew since: then it is tried anew."""
    same = Mailbox.objects.filter(pk=mailbox.pk, version=mailbox.version)
    same.update(error=error[:500], trying_since=None)


@transaction.atomic
def drop_secret_renew(*, user: User) -> MailSettings:
    """Give the user a new drop address; the old one stops working."""
    row, _made = MailSettings.objects.get_or_create(user=user)
    row.drop_secret = new_secret()
    row.save(update_fields=["drop_secret"])
    return row


@transaction.atomic
def drop_secret_revoke(*, user: User) -> None:
    """Take the user's drop address out of use."""
    MailSettings.objects.filter(user=user).update(drop_secret=None)


def mailbox_read(mailbox_id: int) -> dict[str, int]:
    """Take in what is new in a mailbox; return the counts. One worker reads it at a time.

    The id of the last message that was taken in stands with the mailbox, so a reading that breaks is taken up where it
    was left; what comes again is known by its Message-ID. What is wrong is written at the mailbox, in words.
    """
    counts = dict.fromkeys((CAPTURED, KNOWN, INBOX, REFUSED), 0)
    with _alone(mailbox_id) as is_alone:
        mailbox = Mailbox.objects.select_related("owner").filter(pk=mailbox_id, is_active=True).first()
        if not is_alone or mailbox is None or (mailbox.owner and not mailbox.owner.is_active):
            return counts
        try:
            with _spoken(mailbox), opened(mailbox) as session, pghistory.context(mailbox=mailbox.pk):
                for kind in _read(mailbox, session):
                    counts[kind] += 1
        except MailboxError as error:
            _note(mailbox, error=str(error))
            return counts
        _note(mailbox, last_read_at=clock.now(), error="")
    return counts


def _read(mailbox: Mailbox, session: Session) -> Iterator[str]:
    for uid in _new_uids(mailbox, session)[:BATCH]:
        try:
            fetched = session.fetch(uid)
        except NotFetchedError:
            yield message_unfetched(mailbox, uid).kind
        else:
            if fetched is not None:
                yield _take(mailbox, fetched)
        _note(mailbox, last_uid=uid)


def _new_uids(mailbox: Mailbox, session: Session) -> list[int]:
    """Return the ids of messages to read. Where the server has numbered them anew, those of the last days are."""
    if mailbox.uid_validity == session.uid_validity and mailbox.last_uid:
        return session.uids_after(mailbox.last_uid)
    days_back = clock.now() - dt.timedelta(days=mailbox.first_days)
    if mailbox.last_read_at:
        days_back = min(days_back, mailbox.last_read_at - dt.timedelta(days=1))
    _note(mailbox, uid_validity=session.uid_validity, last_uid=0)
    return session.uids_since(days_back.date())


def _take(mailbox: Mailbox, fetched: Fetched) -> str:
    return message_receive(fetched.raw, Origin(mailbox=mailbox, is_head_only=fetched.is_head_only)).kind


def _note(mailbox: Mailbox, **values: object) -> None:
    for name, value in values.items():
        setattr(mailbox, name, value)
    Mailbox.objects.filter(pk=mailbox.pk).update(**values)


@contextmanager
def _alone(mailbox_id: int) -> Iterator[bool]:
    """Hold the mailbox's lock, which ends with the worker that holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK, mailbox_id])
        is_alone = bool(cursor.fetchone()[0])
    try:
        yield is_alone
    finally:
        if is_alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, mailbox_id])
