"""Writing a message anew that was not sent: the same message under the same activity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.notifications import notify
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.services.activities import activity_change, activity_log
from activities.log.services.status import activity_set_status
from activities.mail import answerable
from activities.mail.enums import Direction, MessageState
from activities.mail.mime import compose
from activities.mail.mime.addresses import clean_name, own_sender, wire
from activities.mail.mime.parse import parse
from activities.mail.models import EmailMessage, EmailRecipient, EmailTemplate
from activities.mail.outbox import UNKNOWN, Outbox, not_now
from activities.mail.routing import Letter, PlannedMessage, email_type, plan, refused_by
from activities.mail.services.attachments import attachments_add, attachments_check
from activities.mail.services.filing import thread_hold, thread_new
from activities.mail.services.inbox import raw_of
from activities.mail.transport.delivery import Delivered, deliver
from core import clock
from core.documents import document_remove, documents_of
from core.exceptions import BusinessRuleError
from core.models import Document
from core.services import check_version, lock


def is_editable(message: EmailMessage) -> bool:
    """Return whether nobody can have got the message: it was not sent, and no server has taken it."""
    is_unsent = message.direction == Direction.OUT and message.state == MessageState.FAILED
    return is_unsent and not message.was_handed_over


@transaction.atomic
def email_edit(
    *,
    letter: Letter,
    documents: Sequence[Document] = (),
    uploads: Sequence[UploadedFile] = (),
    confirmed: bool = False,
    version: int | None = None,
) -> EmailMessage:
    """Write ``letter.edits`` anew as ``letter`` says and put it to wait, with all its attempts; return the new row.

    Its activity gets the new subject and contacts. Attached files that are not among ``documents`` are removed. Raises
    :class:`BusinessRuleError` as :func:`emails_send`, ``state_not_allowed`` unless nobody
    can have got it, ``one_message``; :class:`StaleVersionError`.
    """
    row, activity = _locked(letter, version)
    planned = letter_check(letter, documents, uploads, confirmed=confirmed)
    if len(planned) != 1:
        message = _("A field of a recipient makes a message for each: write the name itself, or to one recipient.")
        raise BusinessRuleError("one_message", message, field="to")
    kept = _attached(row, activity, documents) + _added(activity, letter, documents, uploads)
    changes = {"title": planned[0].subject[:200], "contacts": planned[0].contacts}
    activity_change(activity=activity, user=letter.user, changes=changes)
    _rewrite(row, planned[0], kept, letter)
    MESSAGES.send_again(row)
    return row


def attached(message: EmailMessage) -> list[Document]:
    """Return those of the activity's documents that travel with the message."""
    assert message.activity is not None  # noqa: S101 - what is written here has one
    names = Counter(one.name for one in parse(raw_of(message)).attachments)
    found = []
    for document in documents_of(message.activity).order_by("pk"):
        if names[document.name] > 0:
            names[document.name] -= 1
            found.append(document)
    return found


def _locked(letter: Letter, version: int | None) -> tuple[EmailMessage, Activity]:
    assert letter.edits is not None  # noqa: S101 - who calls has one
    row = EmailMessage.objects.select_for_update(of=("self",)).select_related("activity").get(pk=letter.edits.pk)
    if not is_editable(row) or row.activity is None:
        raise not_now()
    activity = lock(row.activity)
    check_version(activity, version)
    return row, activity


def _attached(row: EmailMessage, activity: Activity, chosen: Collection[Document]) -> list[Document]:
    """Return what the activity holds of ``chosen``; what was attached and is not chosen any more is removed."""
    ids = {document.pk for document in chosen}
    for document in attached(row):
        if document.pk not in ids:
            document_remove(document)
    return list(documents_of(activity).filter(pk__in=ids).order_by("pk"))


def _added(
    activity: Activity, letter: Letter, documents: Sequence[Document], uploads: Sequence[UploadedFile]
) -> list[Document]:
    own = set(documents_of(activity).values_list("pk", flat=True))
    others = [document for document in documents if document.pk not in own]
    return attachments_add(activity, letter.user, others, uploads)


def _rewrite(row: EmailMessage, planned: PlannedMessage, kept: Sequence[Document], letter: Letter) -> None:
    storage, old = row.raw.storage, row.raw.name
    row.subject, row.body = planned.subject, planned.body
    row.sender, row.sender_name, row.user = own_sender(), clean_name(str(letter.user)), letter.user
    row.save(update_fields=["subject", "body", "sender", "sender_name", "user"])
    row.recipients.all().delete()
    message_write(row, planned, kept)
    transaction.on_commit(lambda: storage.delete(old or ""))


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
    :class:`BusinessRuleError` as :func:`activities.mail.routing.plan`,
    :func:`activities.mail.services.attachments.attachments_check` and the check of what is answered, and
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
    task = "activities.mail.tasks.send_email"
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


@transaction.atomic
def template_set_retired(*, template: EmailTemplate, retired: bool) -> EmailTemplate:
    """Retire a template, so that no new message starts from it, or take it into use again; return the new row."""
    row = EmailTemplate.objects.select_for_update().get(pk=template.pk)
    if row.is_retired != retired:
        row.retired_at = clock.now() if retired else None
        row.version += 1
        row.save(update_fields=["retired_at", "version", "updated_at"])
    return row
