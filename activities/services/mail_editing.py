"""Writing a message anew that was not sent: the same message under the same activity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from activities.enums import Direction, MessageState
from activities.mail.addresses import clean_name, own_sender
from activities.mail.parse import parse
from activities.mail.plan import Letter, PlannedMessage
from activities.models import Activity, EmailMessage
from activities.services.activities import activity_change
from activities.services.mail_files import attachments_add
from activities.services.mail_inbox import raw_of
from activities.services.mail_out import MESSAGES, letter_check, message_write
from activities.services.outbox import not_now
from crm.documents import document_remove, documents_of
from crm.exceptions import BusinessRuleError
from crm.models import Document
from crm.services import check_version, lock


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
    :class:`BusinessRuleError` as :func:`activities.services.mail_out.emails_send`, ``state_not_allowed`` unless nobody
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
