"""Writing messages and sending them: each is logged as an activity that is done when the server has taken it.

A message is made once, byte for byte, and kept (``raw``): whatever is tried again is the same message with the same
Message-ID.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.notifications import notify
from activities.enums import ActivityStatus, Direction, MessageState
from activities.mail import answerable, compose
from activities.mail.addresses import clean_name, own_sender, wire
from activities.mail.delivery import Delivered, deliver
from activities.mail.plan import Letter, PlannedMessage, email_type, plan, refused_by
from activities.models import EmailMessage, EmailRecipient
from activities.services.activities import activity_log
from activities.services.mail_files import attachments_add, attachments_check
from activities.services.mail_threads import thread_hold, thread_new
from activities.services.outbox import UNKNOWN, Outbox
from activities.services.status import activity_set_status
from crm.exceptions import BusinessRuleError
from crm.models import Document


@transaction.atomic
def emails_send(
    *,
    letter: Letter,
    documents: Sequence[Document] = (),
    uploads: Sequence[UploadedFile] = (),
    confirmed: bool = False,
) -> list[EmailMessage]:
    """Log ``letter`` as messages that wait to be sent, each with its open activity; return them.

    They are queued after commit; an activity that they answer is answered when one has been sent. Raise
    :class:`BusinessRuleError` as :func:`activities.mail.plan.plan`,
    :func:`activities.services.mail_files.attachments_check` and the check of what is answered, and
    ``consent_refused`` unless ``confirmed``.
    """
    if letter.answered_activity and (kind := answerable.of(letter.answered_activity)):
        kind.check(letter.answered_activity)
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
        answered_activity=letter.answered_activity,
    )
    message_write(message, planned, kept)
    MESSAGES.queue(message.pk)
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


class _Messages(Outbox[EmailMessage]):
    model = EmailMessage
    task = "activities.tasks.mail_out.send_email"
    moment = "date"
    fields = ("was_handed_over",)

    def deliver(self, row: EmailMessage) -> Delivered:
        with row.raw.open() as file:
            raw = file.read()
        return deliver(raw, wire(row.sender), [wire(one.address) for one in row.recipients.all()])

    def failed(self, row: EmailMessage) -> None:
        row.was_handed_over = row.was_handed_over or row.error == UNKNOWN
        _tell(row)

    def sent(self, row: EmailMessage, answer: Delivered) -> None:
        """The activity is done, unless its customer was made passive meanwhile and its work rests."""
        row.was_handed_over = True
        if answer.refused:
            _tell(row)
        activity = row.activity
        if activity and not (activity.customer and activity.customer.is_passive):
            activity_set_status(activity=activity, status=ActivityStatus.DONE, user=row.user)
        if row.answered_activity and (kind := answerable.of(row.answered_activity)):
            kind.answered(row)


MESSAGES = _Messages()


def _tell(message: EmailMessage) -> None:
    if message.user and message.activity:
        url = message.activity.get_absolute_url()
        notify(users=[message.user], kind="email_failed", url=url, subject=message.subject)


def email_deliver(pk: int) -> None:
    """Send a message that waits."""
    MESSAGES.send(pk)


def email_retry(*, message: EmailMessage, confirmed: bool = False) -> EmailMessage:
    """Put a message that was not sent back to wait; return the new row. Raises as :meth:`Outbox.retry`."""
    return MESSAGES.retry(message.pk, confirmed=confirmed)
