"""Sending of messages with their attachments, retrying and editing them, and retiring e-mail templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.notifications import notify
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.services.activities import activity_change, activity_log
from activities.log.services.status import activity_set_status
from activities.mail.enums import Direction, MessageState
from activities.mail.mime import compose
from activities.mail.mime.addresses import clean_name, own_sender, wire
from activities.mail.mime.parse import parse
from activities.mail.models import EmailMessage, EmailRecipient, EmailTemplate
from activities.mail.outbox import UNKNOWN, Delivered, Outbox, deliver, not_now
from activities.mail.plugs import answerable_of
from activities.mail.recipients import Letter, PlannedMessage, email_type, plan, refused_by
from activities.mail.services.filing import raw_of
from activities.mail.services.threads import thread_hold, thread_new
from core import clock
from core.documents import check_file, document_add, document_remove, documents_of
from core.exceptions import BusinessRuleError
from core.models import Document
from core.services import check_version, lock
from customers.models import Contact, Customer

if TYPE_CHECKING:
    from activities.mail.recipients import Letter, PlannedMessage

MAX_BYTES, MAX_BYTES_OF_ALL = 20 * 1024 * 1024, 100 * 1024 * 1024
MAX_FILES = 20


def is_editable(message: EmailMessage) -> bool:
    """Return whether the message has certainly not been sent: it failed, and no server has accepted it."""
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
    """Replace the unsent message ``letter.edits`` by ``letter`` and queue it with all its attempts; return the new row.

    Its activity gets the new subject and contacts. Attached files that are not among ``documents`` are removed. Raises
    :class:`BusinessRuleError` as :func:`emails_send`, ``state_not_allowed`` if it may have been sent, ``one_message``;
    :class:`StaleVersionError`.
    """
    message, activity = _lock_edited(letter, version)
    planned = letter_check(letter, documents, uploads, confirmed=confirmed)
    if len(planned) != 1:
        text = _(
            "Recipient fields create a separate message for each recipient: "
            "write the name yourself, or use a single recipient."
        )
        raise BusinessRuleError("one_message", text, field="to")
    present = set(documents_of(activity).values_list("pk", flat=True))
    others = [document for document in documents if document.pk not in present]
    attachments = _keep_chosen(message, activity, documents)
    attachments += attachments_add(activity, letter.user, others, uploads)
    changes = {"title": planned[0].subject[:200], "contacts": planned[0].contacts}
    activity_change(activity=activity, user=letter.user, changes=changes)
    _rewrite(message, planned[0], attachments, letter)
    MESSAGES.send_again(message)
    return message


def attached(message: EmailMessage) -> list[Document]:
    """Return the documents of the activity that are attached to the message."""
    assert message.activity is not None  # noqa: S101 - a sent message has one
    names = Counter(attachment.name for attachment in parse(raw_of(message)).attachments)
    documents = []
    for document in documents_of(message.activity).order_by("pk"):
        if names[document.name] > 0:
            names[document.name] -= 1
            documents.append(document)
    return documents


def _lock_edited(letter: Letter, version: int | None) -> tuple[EmailMessage, Activity]:
    assert letter.edits is not None  # noqa: S101 - every caller sets it
    message = EmailMessage.objects.select_for_update(of=("self",)).select_related("activity").get(pk=letter.edits.pk)
    if not is_editable(message) or message.activity is None:
        raise not_now()
    activity = lock(message.activity)
    check_version(activity, version)
    return message, activity


def _keep_chosen(message: EmailMessage, activity: Activity, chosen: Collection[Document]) -> list[Document]:
    """Return the activity's documents among ``chosen``; remove attached ones that are not chosen."""
    ids = {document.pk for document in chosen}
    for document in attached(message):
        if document.pk not in ids:
            document_remove(document)
    return list(documents_of(activity).filter(pk__in=ids).order_by("pk"))


def _rewrite(message: EmailMessage, planned: PlannedMessage, attachments: Sequence[Document], letter: Letter) -> None:
    storage, old = message.raw.storage, message.raw.name
    message.subject, message.body = planned.subject, planned.body
    message.sender, message.sender_name, message.user = own_sender(), clean_name(str(letter.user)), letter.user
    message.save(update_fields=["subject", "body", "sender", "sender_name", "user"])
    message.recipients.all().delete()
    message_write(message, planned, attachments)
    transaction.on_commit(lambda: storage.delete(old or ""))


@transaction.atomic
def emails_send(
    *,
    letter: Letter,
    documents: Sequence[Document] = (),
    uploads: Sequence[UploadedFile] = (),
    confirmed: bool = False,
) -> list[EmailMessage]:
    """Log ``letter`` as waiting messages, each with its own open activity, and queue them after commit; return them.

    An activity that they answer counts as answered once one of them has been sent. Raises
    :class:`BusinessRuleError` as :func:`activities.mail.recipients.plan`,
    :func:`attachments_check` and the check of the answered
    activity, and ``consent_refused`` unless ``confirmed``.
    """
    if letter.answered_activity and (kind := answerable_of(letter.answered_activity)):
        kind.check(letter.answered_activity)
    planned = letter_check(letter, documents, uploads, confirmed=confirmed)
    return [_log_message(letter, message, documents, uploads) for message in planned]


def letter_check(
    letter: Letter, documents: Sequence[Document], uploads: Sequence[UploadedFile], *, confirmed: bool
) -> list[PlannedMessage]:
    """Return the messages that ``letter`` becomes. Raises as :func:`emails_send`."""
    planned = plan(letter)
    refused = [] if confirmed else refused_by([recipient for message in planned for recipient in message.recipients])
    if refused:
        names = ", ".join(dict.fromkeys(map(str, refused)))
        text = _("%s does not want marketing by e-mail. Confirm that this is a personal message.") % names
        raise BusinessRuleError("consent_refused", text, field="confirmed")
    attachments_check(letter, planned, documents, uploads)
    return planned


def _log_message(
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
    attachments = attachments_add(activity, letter.user, documents, uploads)
    message = EmailMessage.objects.create(
        activity=activity,
        thread=thread_hold(of=answered) if answered else thread_new(planned.subject),
        direction=Direction.OUT,
        state=MessageState.WAITING,
        message_id=compose.new_message_id(),
        in_reply_to=compose.reply_id(answered) if answered and not letter.is_forward else "",
        references=compose.references_to(answered) if answered else [],
        sender=own_sender(),
        sender_name=clean_name(str(letter.user)),
        subject=planned.subject,
        body=planned.body,
        user=letter.user,
        answered_activity=letter.answered_activity,
    )
    message_write(message, planned, attachments)
    MESSAGES.queue(message.pk)
    return message


def message_write(message: EmailMessage, planned: PlannedMessage, documents: Sequence[Document]) -> None:
    """Store the recipients and the MIME file that will be sent."""
    recipients = [
        EmailRecipient(message=message, kind=row.kind, address=row.address, name=row.name, contact=row.contact)
        for row in planned.recipients
    ]
    EmailRecipient.objects.bulk_create(recipients)
    attachments = [compose.attachment_of(document) for document in documents]
    assert message.user is not None  # noqa: S101 - a written message has one
    raw = compose.mime(message, recipients, attachments, reply_to=compose.reply_address(message.user))
    message.size = len(raw)
    message.raw.save("message.eml", ContentFile(raw), save=False)
    message.save(update_fields=["raw", "size"])


class _Messages(Outbox[EmailMessage]):
    model = EmailMessage
    task = "activities.mail.tasks.send_email"
    moment = "date"
    fields = ("was_handed_over",)

    def deliver(self, row: EmailMessage) -> Delivered:
        with row.raw.open() as file:
            raw = file.read()
        return deliver(raw, wire(row.sender), [wire(recipient.address) for recipient in row.recipients.all()])

    def failed(self, row: EmailMessage) -> None:
        row.was_handed_over = row.was_handed_over or row.error == UNKNOWN
        _notify_failed(row)

    def sent(self, row: EmailMessage, answer: Delivered) -> None:
        """Mark the activity as done, unless its customer has been deactivated meanwhile."""
        row.was_handed_over = True
        if answer.refused:
            _notify_failed(row)
        activity = row.activity
        if activity and not (activity.customer and activity.customer.is_passive):
            activity_set_status(activity=activity, status=ActivityStatus.DONE, user=row.user)
        if row.answered_activity and (kind := answerable_of(row.answered_activity)):
            kind.answered(row)


MESSAGES = _Messages()


def _notify_failed(message: EmailMessage) -> None:
    if message.user and message.activity:
        url = message.activity.get_absolute_url()
        notify(users=[message.user], kind="email_failed", url=url, subject=message.subject)


def email_deliver(pk: int) -> None:
    """Send a waiting message."""
    MESSAGES.send(pk)


def email_retry(*, message: EmailMessage, confirmed: bool = False) -> EmailMessage:
    """Queue a message that was not sent again; return the new row. Raises as :meth:`Outbox.retry`."""
    return MESSAGES.retry(message.pk, confirmed=confirmed)


@transaction.atomic
def template_set_retired(*, template: EmailTemplate, retired: bool) -> EmailTemplate:
    """Retire a template, so that it is not offered for new messages, or restore it; return the new row."""
    row = EmailTemplate.objects.select_for_update().get(pk=template.pk)
    if row.is_retired != retired:
        row.retired_at = clock.now() if retired else None
        row.version += 1
        row.save(update_fields=["retired_at", "version", "updated_at"])
    return row


def documents_offered(
    *,
    customers: Sequence[Customer],
    contacts: Sequence[Contact],
    answers: EmailMessage | None,
    edits: EmailMessage | None = None,
    carries: Model | None = None,
) -> QuerySet[Document]:
    """Return the documents that may be attached.

    They are those of the customer, the contacts, the answered message, the edited message and the object that the
    message ``carries``. With several customers none of theirs is offered, so that no customer gets another's. Other
    documents, such as those of care plans, are never offered (rule 19).
    """
    several = len({customer.pk for customer in customers}) > 1
    targets: list[Model] = [] if several else [*customers, *contacts]
    targets += [message.activity for message in (answers, edits) if message and message.activity]
    targets += [carries] if carries else []
    chosen = Q(pk__in=[])
    for model in {type(target) for target in targets}:
        ids = [target.pk for target in targets if isinstance(target, model)]
        chosen |= Q(content_type=ContentType.objects.get_for_model(model), object_id__in=ids)
    return Document.objects.filter(chosen)


def attachments_check(
    letter: Letter,
    planned: Sequence[PlannedMessage],
    documents: Sequence[Document],
    uploads: Sequence[UploadedFile],
) -> None:
    """Raise ``document_foreign``, ``too_many_files``, ``attachments_too_large``, or as ``documents.check_file``."""
    for upload in uploads:
        try:
            check_file(upload)
        except BusinessRuleError as error:
            raise BusinessRuleError(error.code, f"{upload.name}: {error}", field="uploads") from error
    customers = [message.customer for message in planned if message.customer]
    contacts = [contact for message in planned for contact in message.contacts]
    allowed = documents_offered(
        customers=customers,
        contacts=contacts,
        answers=letter.answers,
        edits=letter.edits,
        carries=letter.carries,
    )
    ids = {document.pk for document in documents}
    if allowed.filter(pk__in=ids).count() != len(ids):
        message = _("Only documents of the recipients and their customer can be attached.")
        raise BusinessRuleError("document_foreign", message, field="documents")
    if len(ids) + len(uploads) > MAX_FILES:
        raise BusinessRuleError("too_many_files", _("Attach at most %d files.") % MAX_FILES, field="uploads")
    size = sum(document.size for document in documents) + sum(upload.size or 0 for upload in uploads)
    if size > MAX_BYTES or size * len(planned) > MAX_BYTES_OF_ALL:
        message = _("The attachments are too large: the limit is %d MB per message.") % (MAX_BYTES // 1024 // 1024)
        raise BusinessRuleError("attachments_too_large", message, field="uploads")


def attachments_add(
    activity: Activity, user: Any, documents: Sequence[Document], uploads: Sequence[UploadedFile]
) -> list[Document]:
    """Add copies of the attachments to the activity's documents, so that they stay when the originals are removed.

    Raises ``document_lost`` if a file is missing.
    """
    copies = [_copy_document(document, activity, user) for document in documents]
    for upload in uploads:
        upload.seek(0)
    return copies + [document_add(target=activity, upload=upload, user=user) for upload in uploads]


def _copy_document(document: Document, activity: Activity, user: Any) -> Document:
    try:
        with document.file.open() as file:
            content = ContentFile(file.read(), name=document.name)
    except FileNotFoundError as error:
        message = _("The file %s no longer exists.") % document.name
        raise BusinessRuleError("document_lost", message, field="documents") from error
    return Document.objects.create(
        target=activity,
        file=content,
        name=document.name,
        media_type=document.media_type,
        size=document.size,
        description=document.description,
        uploaded_by=user,
    )
