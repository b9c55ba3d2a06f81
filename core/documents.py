"""Files attached to rows: what is accepted, how it is stored, who may read it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

import puremagic
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from core.exceptions import BusinessRuleError
from core.models import Document
from core.text import is_binary

#: What may be attached: extension → media type it is served as. Nothing that a browser would run.
ACCEPTED = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "csv": "text/csv",
    "eml": "message/rfc822",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "zip": "application/zip",
    "ics": "text/calendar",
    "dat": "application/ms-tnef",
}
TEXTS = frozenset({"txt", "csv", "eml", "rtf", "ics"})
TNEF = b"\x78\x9f\x3e\x22"  # the beginning of Outlook's winmail.dat; no other .dat is accepted
ZIPS = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp", "zip"})
OLE = frozenset({"doc", "xls", "ppt"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]+")


def safe_name(name: str) -> str:
    """Return a file name without folders, control, bidirectional and reserved characters, at most 150 long."""
    cleaned = _CONTROL.sub(" ", unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1]))
    cleaned = " ".join(cleaned.split()).strip(". ") or _("document")
    stem, suffix = PurePosixPath(cleaned).stem, PurePosixPath(cleaned).suffix
    return stem[: 150 - len(suffix)] + suffix


def check_file(upload: UploadedFile) -> str:
    """Return the media type of an accepted upload; its content must be what its extension says.

    Raises :class:`BusinessRuleError` (``file_empty``, ``file_too_large``, ``file_type``, ``file_content``) at ``file``.
    """
    extension = PurePosixPath(safe_name(upload.name or "")).suffix.lower().lstrip(".")
    if not upload.size:
        raise BusinessRuleError("file_empty", _("The file is empty."), field="file")
    if upload.size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise BusinessRuleError("file_too_large", _("The file is larger than %d MB.") % limit, field="file")
    if extension not in ACCEPTED:
        kinds = ", ".join(sorted(ACCEPTED))
        raise BusinessRuleError(
            "file_type", _("Files of this type are not accepted. Accepted: %s.") % kinds, field="file"
        )
    upload.seek(0)
    head = upload.read(4096)
    upload.seek(0)
    if not _content_fits(extension, head):
        message = _("The content of the file does not match its extension (.%s).") % extension
        raise BusinessRuleError("file_content", message, field="file")
    return ACCEPTED[extension]


def _content_fits(extension: str, head: bytes) -> bool:
    if extension in TEXTS:
        return not is_binary(head)
    if extension == "dat":
        return head.startswith(TNEF)
    if extension in ZIPS:
        return head.startswith(b"PK\x03\x04")
    if extension in OLE:
        return head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return False
    return ACCEPTED[extension] in found


@transaction.atomic
def document_add(*, target: Model, upload: UploadedFile, user: Any, description: str = "") -> Document:
    """Store an upload under ``target``, which is locked: no key of the database keeps it from being removed meanwhile.

    Raises :class:`BusinessRuleError`: ``gone``, or as :func:`check_file`.
    """
    media_type = check_file(upload)
    if not type(target)._base_manager.select_for_update(no_key=True).filter(pk=target.pk).values("pk"):
        raise BusinessRuleError("gone", _("The record no longer exists."))
    return Document.objects.create(
        target=target,
        file=upload,
        name=safe_name(upload.name or ""),
        media_type=media_type,
        size=upload.size or 0,
        description=description,
        uploaded_by=user,
    )


@transaction.atomic
def document_remove(document: Document) -> None:
    """Delete a document and, once that is certain, its file."""
    storage, path = document.file.storage, document.file.name
    document.delete()
    transaction.on_commit(lambda: storage.delete(path or ""))


KEPT = ("id", "name", "media_type", "size", "description", "uploaded_by_id", "object_id", "content_type_id")


@transaction.atomic
def document_take_off(document: Document) -> dict[str, Any]:
    """Delete a document and return, as JSON, what :func:`document_back` makes it of again.

    Its file stays until what was returned is forgotten (:func:`files_forget`).
    """
    content = {name: getattr(document, name) for name in KEPT}
    document.delete()
    return content | {"file": document.file.name, "uploaded_at": document.uploaded_at.isoformat()}


@transaction.atomic
def document_back(*, target: Model, content: dict[str, Any]) -> Document:
    """Bring back a document that was taken off. Raises :class:`BusinessRuleError` ``gone``."""
    if not type(target)._base_manager.select_for_update(no_key=True).filter(pk=target.pk).values("pk"):
        raise BusinessRuleError("gone", _("The record no longer exists."))
    rows = Document.objects.filter(pk=content["id"])
    Document.objects.create(file=content["file"], **{name: content[name] for name in KEPT})
    rows.update(uploaded_at=content["uploaded_at"])
    return rows.get()


def files_forget(contents: Iterable[dict[str, Any]]) -> None:
    """Delete the files of documents that were taken off and not brought back."""
    for content in contents:
        if not Document.objects.filter(file=content["file"]).exists():
            Document._meta.get_field("file").storage.delete(content["file"])


def documents_of(target: Model) -> QuerySet[Document]:
    content_type = ContentType.objects.get_for_model(target)
    return Document.objects.filter(content_type=content_type, object_id=target.pk).select_related("uploaded_by")


def visible_target(document: Document, user: Any) -> Any:
    """Return the row a document is attached to if the user may see it, else None."""
    model = document.content_type.model_class()
    return model._default_manager.visible_to(user).filter(pk=document.object_id).first() if model else None  # type: ignore[attr-defined]
