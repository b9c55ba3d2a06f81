"""Writing messages and sending them: each is logged as an activity that is done when the server has taken it.

A message is made once, byte for byte, and kept (``raw``): whatever is tried again is the same message with the same
Message-ID. Who sends claims it first (waiting → being sent), so that a task that runs twice sends nothing twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.notifications import notify
from activities.enums import MESSAGE_TRANSITIONS, ActivityStatus, Direction, MessageState
from activities.mail import compose
from activities.mail.addresses import clean_name, own_sender, wire
from activities.mail.delivery import PermanentError, TemporaryError, UnknownError, deliver
from activities.mail.plan import Letter, PlannedMessage, email_type, plan, refused_by
from activities.models import EmailMessage, EmailRecipient
from activities.services.activities import activity_log
from activities.services.feedback_mail import email_answer_check, feedback_answer_by_email
from activities.services.mail_files import attachments_add, attachments_check
from activities.services.mail_threads import thread_hold, thread_new
from activities.services.status import activity_set_status
from crm.exceptions import BusinessRuleError
from crm.models import Document

#: How long to wait before the second, third … attempt; after the last one the message is not sent.
BACKOFF = (60, 300, 900, 3_600)
#: A message that is being sent for longer was left by a worker that died.
LOST_AFTER = dt.timedelta(minutes=30)
#: In place of the server's words: the worker died, or the line broke, while the message was on its way.
UNKNOWN = "unknown"


@transaction.atomic
def emails_send(
    *,
    letter: Letter,
    documents: Sequence[Document] = (),
    uploads: Sequence[UploadedFile] = (),
    confirmed: bool = False,
) -> list[EmailMessage]:
    """Log ``letter`` as messages that wait to be sent, each with its open activity; return them.

    They are queued after commit; the feedback that they answer is answered when one has been sent. Raises
    :class:`BusinessRuleError` as :func:`activities.mail.plan.plan`,
    :func:`activities.services.mail_files.attachments_check` and
    :func:`activities.services.feedback_mail.email_answer_check`, and ``consent_refused`` unless ``confirmed``.
    """
    if letter.feedback:
        email_answer_check(letter.feedback)
    planned = letter_check(letter, documents, uploads, confirmed=confirmed)
    return [_log(letter, message, documents, uploads) for message in planned]


def letter_check(
    letter: Letter, documents: Sequence[Document], uploads: Sequence[UploadedFile], *, confirmed: bool
) -> list[PlannedMessage]:
    """Return the messages that ``letter`` becomes. Raises as :func:`emails_send`."""
    planned = plan(letter)
    if not confirmed:
        _check_consent(planned)
    attachments_check(letter, planned, documents, uploads)
    return planned


def _check_consent(planned: Sequence[PlannedMessage]) -> None:
    refused = refused_by([row for message in planned for row in message.recipients])
    if refused:
        names = ", ".join(dict.fromkeys(map(str, refused)))
        message = _("%s does not want marketing by e-mail. Confirm that this is a personal message.") % names
        raise BusinessRuleError("consent_refused", message, field="confirmed")


def _log(
    letter: Letter, planned: PlannedMessage, documents: Sequence[Document], uploads: Sequence[UploadedFile]
) -> EmailMessage:
    answered = letter.answers
    activity = activity_log(
        user=letter.user,
        type=email_type(),
        title=planned.subject[:200],
        customer=planned.customer,
        status=ActivityStatus.OPEN,
        contacts=planned.contacts,
        follows=answered.activity if answered else None,
    )
    kept = attachments_add(activity, letter.user, documents, uploads)
    message = EmailMessage.objects.create(
        activity=activity,
        thread=thread_hold(of=answered) if answered else thread_new(planned.subject),
        direction=Direction.OUT,
        state=MessageState.WAITING,
        message_id=compose.new_message_id(),
        in_reply_to=_id_of(answered) if answered and not letter.is_forward else "",
        references=compose.references_to(answered) if answered else [],
        sender=own_sender(),
        sender_name=clean_name(str(letter.user)),
        subject=planned.subject,
        body=planned.body,
        user=letter.user,
        feedback=letter.feedback.feedback if letter.feedback else None,
    )
    message_write(message, planned, kept)
    transaction.on_commit(lambda: message_queue(message.pk))
    return message


def message_write(message: EmailMessage, planned: PlannedMessage, documents: Sequence[Document]) -> None:
    """Keep the recipients and the message as it will travel."""
    rows = [
        EmailRecipient(message=message, kind=row.kind, address=row.address, name=row.name, contact=row.contact)
        for row in planned.recipients
    ]
    EmailRecipient.objects.bulk_create(rows)
    attachments = [compose.attachment_of(document) for document in documents]
    assert message.user is not None  # noqa: S101 - it has been written here
    raw = compose.mime(message, rows, attachments, reply_to=compose.reply_address(message.user))
    message.size = len(raw)
    message.raw.save("message.eml", ContentFile(raw), save=False)
    message.save(update_fields=["raw", "size"])


def _id_of(message: EmailMessage) -> str:
    return "" if message.message_id.startswith("sha256:") else message.message_id


def message_queue(pk: int) -> None:
    from activities.tasks.mail_out import send_email

    send_email.delay(pk)


def email_deliver(pk: int) -> None:
    """Send a waiting message. One that somebody else sends, has sent or has given up is left alone."""
    message = _claim(pk)
    if message is None:
        return
    try:
        with message.raw.open() as file:
            raw = file.read()
        answer = deliver(raw, wire(message.sender), [wire(row.address) for row in message.recipients.all()])
    except TemporaryError as error:
        _postpone(message, str(error))
    except (PermanentError, FileNotFoundError) as error:
        _fail(message, str(error))
    except UnknownError:
        _fail(message, UNKNOWN)
    else:
        _sent(message, answer.refused)


@transaction.atomic
def _claim(pk: int) -> EmailMessage | None:
    """Mark a waiting message as being sent, so that nobody else sends it; commit that before the server hears of it."""
    rows = EmailMessage.objects.select_for_update(of=("self",), skip_locked=True)
    message = rows.filter(pk=pk, state=MessageState.WAITING, date__lte=timezone.now()).first()
    if message:
        message.attempts += 1
        _move(message, MessageState.SENDING, date=timezone.now())
    return message


def _move(message: EmailMessage, state: MessageState, *, error: str = "", date: dt.datetime | None = None) -> None:
    if state not in MESSAGE_TRANSITIONS[MessageState(message.state)]:
        raise not_now()
    message.state, message.error = state, error[:1000]
    message.date = date or message.date
    message.save(update_fields=["state", "error", "date", "attempts", "was_handed_over"])


def not_now() -> BusinessRuleError:
    text = _("The message cannot be sent now: it is not waiting or failed.")
    return BusinessRuleError("state_not_allowed", text)


def _still_mine(message: EmailMessage) -> EmailMessage | None:
    """Return the message again, locked, unless it has been given up as lost meanwhile."""
    rows = EmailMessage.objects.select_for_update(of=("self",))
    return rows.filter(pk=message.pk, state=MessageState.SENDING, attempts=message.attempts).first()


@transaction.atomic
def _postpone(message: EmailMessage, words: str) -> None:
    """Try again later; after the last attempt give up."""
    if message.attempts > len(BACKOFF):
        return _fail(message, words)
    row = _still_mine(message)
    if row:
        later = timezone.now() + dt.timedelta(seconds=BACKOFF[row.attempts - 1])
        _move(row, MessageState.WAITING, error=words, date=later)
    return None


@transaction.atomic
def _fail(message: EmailMessage, words: str) -> None:
    row = _still_mine(message)
    if row:
        row.was_handed_over = row.was_handed_over or words == UNKNOWN
        _move(row, MessageState.FAILED, error=words)
        _tell(row)


@transaction.atomic
def _sent(message: EmailMessage, refused: dict[str, str]) -> None:
    """The server has it: the activity is done, unless its customer was made passive meanwhile and its work rests."""
    row = _still_mine(message)
    if row is None:
        return
    words = "; ".join(f"{address}: {said}" for address, said in refused.items())
    row.was_handed_over = True
    _move(row, MessageState.SENT, error=words, date=timezone.now())
    if refused:
        _tell(row)
    activity = row.activity
    if activity and not (activity.customer and activity.customer.is_passive):
        activity_set_status(activity=activity, status=ActivityStatus.DONE, user=row.user)
    feedback_answer_by_email(row)


def _tell(message: EmailMessage) -> None:
    if message.user and message.activity:
        url = message.activity.get_absolute_url()
        notify(users=[message.user], kind="email_failed", url=url, subject=message.subject)


@transaction.atomic
def email_retry(*, message: EmailMessage, confirmed: bool = False) -> EmailMessage:
    """Put a message that was not sent back to wait, with all its attempts; return the new row.

    Raises :class:`BusinessRuleError`: ``state_not_allowed``; ``delivery_unknown`` where the recipients may have it
    already, unless ``confirmed``.
    """
    row = EmailMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    if row.state != MessageState.FAILED:  # one that is being sent goes back to wait only by its own worker
        raise not_now()
    if row.error == UNKNOWN and not confirmed:
        text = _("It is not known whether the message was sent: the recipients may get it twice.")
        raise BusinessRuleError("delivery_unknown", text, field="confirmed")
    message_send_again(row)
    return row


def message_send_again(row: EmailMessage) -> None:
    """Put a locked message back to wait, with all its attempts, and queue it after commit."""
    row.attempts = 0
    _move(row, MessageState.WAITING, date=timezone.now())
    transaction.on_commit(lambda: message_queue(row.pk))


def emails_sweep() -> None:
    """Queue what is due, and give up as not known what a dead worker left half sent."""
    now = timezone.now()
    lost = EmailMessage.objects.filter(state=MessageState.SENDING, date__lt=now - LOST_AFTER)
    for message in lost.order_by("pk")[:100]:
        _fail(message, UNKNOWN)
    due = EmailMessage.objects.filter(state=MessageState.WAITING, date__lte=now, direction=Direction.OUT)
    for pk in due.order_by("date").values_list("pk", flat=True)[:500]:
        message_queue(pk)


def error_text(message: EmailMessage) -> str:
    """Return in words why a message was not sent, or to whom it was not."""
    return _("It is not known whether the message was sent.") if message.error == UNKNOWN else message.error
