"""Attachments of messages: the documents that may be attached, the limits, and the copies that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from activities.log.models import Activity
from activities.mail.models import EmailMessage
from core.documents import check_file, document_add
from core.exceptions import BusinessRuleError
from core.models import Document
from customers.models import Contact, Customer

if TYPE_CHECKING:
    from activities.mail.routing import Letter, PlannedMessage

MAX_BYTES, MAX_BYTES_OF_ALL = 20 * 1024 * 1024, 100 * 1024 * 1024
MAX_FILES = 20


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
        _check_upload(upload)
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


def _check_upload(upload: UploadedFile) -> None:
    try:
        check_file(upload)
    except BusinessRuleError as error:
        raise BusinessRuleError(error.code, f"{upload.name}: {error}", field="uploads") from error


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
