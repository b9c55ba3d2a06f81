"""Composing of a message: the first content of its form, the quotation, and the MIME file that is sent."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email import charset, encoders
from email.mime.base import MIMEBase
from email.utils import format_datetime, formataddr
from itertools import product
from typing import Any
from urllib.parse import urlparse

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from activities.mail.enums import Direction, RecipientKind
from activities.mail.mime.addresses import clean_name, own_mark, own_sender, unique, wire
from activities.mail.mime.automatic import OWN_HEADER
from activities.mail.mime.body import clean_html
from activities.mail.models import EmailMessage, EmailRecipient, Mailbox
from core import richtext
from core.documents import documents_of
from core.models import Document
from core.registry import declared
from customers.enums import ContactPointKind
from customers.models import Contact, ContactPoint

MAX_REFERENCES = 20
_PREFIX = re.compile(r"(?i)^\s*((re|vs|sv|fw|fwd|vl|vb|aw|wg)(\[\d+\])?\s*:\s*)+")

UTF8 = charset.Charset("utf-8")
UTF8.body_encoding = charset.QP  # plain ASCII, for servers that do not support 8 bits


@dataclass(frozen=True)
class Attachment:
    name: str
    media_type: str
    content: bytes


def new_message_id() -> str:
    """Return a Message-ID (without its brackets) of the domain that messages are sent from."""
    domain = wire(own_sender()).rpartition("@")[2]
    if "." not in domain:
        domain = urlparse(settings.BASE_URL).hostname or domain
    return f"{uuid.uuid4().hex}@{domain}"


def bare_subject(subject: str) -> str:
    """Return a subject without ``Re:``, ``Vs:``, ``Fwd:`` and the like before it."""
    return _PREFIX.sub("", subject).strip()


def reply_id(answered: EmailMessage) -> str:
    """Return the Message-ID that an answer refers to; empty if the message had none."""
    return "" if answered.message_id.startswith("sha256:") else answered.message_id


def references_to(answered: EmailMessage) -> list[str]:
    """Return the References of an answer; of a long thread, the first and the last ones."""
    ids = [name for name in (*answered.references, answered.message_id) if not name.startswith("sha256:")]
    return [*ids[:1], *ids[1:][-(MAX_REFERENCES - 1) :]]


def reply_address(user: User) -> str:
    """Return the Reply-To address: the user's own mailbox that the program reads, or the address of the profile.

    It is empty if messages are sent from a shared mailbox that the program reads: answers arrive there anyway.
    """
    mailboxes = Mailbox.objects.filter(is_active=True)
    own = mailboxes.filter(owner=user).order_by("pk").first()
    if own:
        return own.address
    is_read = mailboxes.filter(owner__isnull=True, address__iexact=own_sender()).exists()
    return "" if is_read else user.email


def sent_body(message: EmailMessage) -> str:
    """Return the HTML that is sent, which may differ from the logged body: a personal link is only for the recipient.

    Everyone who sees the activity can read the logged body, so it contains no personal links. Other apps declare
    ``MESSAGE_FILLERS`` among their registrations: functions that get the message, with its recipients saved, and the
    HTML, and return the HTML to send.
    """
    body: str = message.body
    for filler in declared("MESSAGE_FILLERS"):
        body = filler(message, body)
    return body


def mime(
    message: EmailMessage, recipients: Sequence[EmailRecipient], attachments: Iterable[Attachment], *, reply_to: str
) -> bytes:
    """Return the message as it is sent. Blind copies are only in its envelope.

    Django refuses line breaks in headers and encodes non-ASCII names, subjects and domains.
    """
    to, cc = (
        [formataddr((row.name, wire(row.address)), UTF8) for row in recipients if row.kind == kind]
        for kind in (RecipientKind.TO, RecipientKind.CC)
    )
    body = sent_body(message)
    letter = EmailMultiAlternatives(
        subject=message.subject,
        body=richtext.to_text(body),
        from_email=formataddr((clean_name(message.sender_name), wire(message.sender)), UTF8),
        to=to,
        cc=cc,
        reply_to=[formataddr((clean_name(message.sender_name), wire(reply_to)), UTF8)] if reply_to else None,
        headers=_headers(message),
    )
    letter.encoding = UTF8
    letter.attach_alternative(f"<html><body>{body}</body></html>", "text/html")
    for attachment in attachments:
        letter.attach(_attachment_part(attachment))
    return letter.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]


def _headers(message: EmailMessage) -> dict[str, str]:
    headers = {
        "Message-ID": f"<{message.message_id}>",
        "Date": format_datetime(timezone.localtime(message.date)),
        OWN_HEADER: own_mark(),
    }
    if message.in_reply_to:
        headers["In-Reply-To"] = f"<{message.in_reply_to}>"
    if message.references:
        headers["References"] = " ".join(f"<{name}>" for name in message.references)
    return headers


def _attachment_part(attachment: Attachment) -> MIMEBase:
    """Return an attachment as a Base64 part, so that it arrives unchanged."""
    is_message = attachment.media_type.startswith("message/")
    main, _slash, sub = ("application/octet-stream" if is_message else attachment.media_type).partition("/")
    part = MIMEBase(main, sub)
    part.set_payload(attachment.content)
    encoders.encode_base64(part)
    filename = attachment.name if attachment.name.isascii() else ("utf-8", "", attachment.name)
    part.add_header("Content-Disposition", "attachment", filename=filename)
    return part


def attachment_of(document: Document) -> Attachment:
    with document.file.open() as file:
        return Attachment(document.name, document.media_type, file.read())


def quotation(answered: EmailMessage, language: str, *, is_forward: bool) -> str:
    """Return the answered message as it is quoted below an answer, as HTML."""
    with translation.override(language):
        when = date_format(timezone.localtime(answered.date), "SHORT_DATETIME_FORMAT")
        who = answered.sender_name or answered.sender
        if is_forward:
            head = "<br>".join(f"{escape(label)}: {escape(value)}" for label, value in _forward_head(answered, when))
            title = _("Forwarded message")  # gettext does not read f-strings
            head = f"<strong>{escape(title)}</strong><br>{head}"
        else:
            head = escape(_("%(when)s %(who)s wrote:") % {"when": when, "who": who})
    return f"<div><br></div><div>{head}</div><blockquote>{answered.body}</blockquote>"


def _forward_head(answered: EmailMessage, when: str) -> list[tuple[str, str]]:
    sender = f"{answered.sender_name} <{answered.sender}>" if answered.sender_name else answered.sender
    to = ", ".join(row.address for row in answered.recipients.all() if row.kind == RecipientKind.TO)
    return [
        (pgettext("e-mail", "From"), sender),
        (_("Date"), when),
        (pgettext("e-mail", "To"), to),
        (_("Subject"), answered.subject),
    ]


def answer_initial(answered: EmailMessage, mode: str, user: Any) -> dict[str, Any]:
    """Return the first content of the form; ``mode`` is reply, all or forward."""
    activity = answered.activity
    content: dict[str, Any] = {
        "customer": activity.customer_id if activity else None,
        "language": language_for(activity.contacts.first() if activity else None),
    }
    subject = bare_subject(answered.subject)
    if mode == "forward":
        attached = list(documents_of(activity).values_list("pk", flat=True)) if activity else []
        return {**content, "subject": f"Fwd: {subject}"[:200], "documents": attached}
    content |= {"subject": f"Re: {subject}"[:200], "to": _reply_to(answered)}
    if mode == "all":
        mailboxes = Mailbox.objects.filter(owner=user) | Mailbox.objects.filter(owner__isnull=True)
        own_addresses = [own_sender(), user.email, *mailboxes.values_list("address", flat=True)]
        own = {wire(address.lower()) for address in own_addresses}
        to = [*content["to"], *_addresses(answered, RecipientKind.TO)]
        content["to"] = _others(to, own) or content["to"]
        content["cc"] = [
            text for text in _others(_addresses(answered, RecipientKind.CC), own) if text not in content["to"]
        ]
    return content


@dataclass(frozen=True)
class Written:
    """The text that the writer added to a message, without the quoted message below it."""

    body: str
    answers: EmailMessage | None = None
    language: str = "fi"
    is_forward: bool = False


def written(message: EmailMessage) -> Written:
    """Return the text of a sent message without its quotation, which is found by quoting the answered message again."""
    followed = EmailMessage.objects.filter(activity__follow_ups__email=message).prefetch_related("recipients")
    if answered := followed.first():
        for language, is_forward in product(("fi", "en"), (False, True)):
            quoted = clean_html(quotation(answered, language, is_forward=is_forward))
            if message.body.endswith(quoted):
                return Written(message.body.removesuffix(quoted), answered, language, is_forward)
    return Written(message.body)


def edit_initial(message: EmailMessage, body: str, user: Any) -> dict[str, Any]:
    """Return the first content of the form in which an unsent message is edited."""
    recipients = list(message.recipients.all())
    contacts = Contact.objects.visible_to(user).filter(pk__in=[recipient.contact_id for recipient in recipients])
    points = ContactPoint.objects.filter(kind=ContactPointKind.EMAIL, contact__in=contacts)
    by_contact = {(point.contact_id, point.value.lower()): f"point:{point.pk}" for point in points}
    people: dict[str, list[str]] = {kind.value: [] for kind in RecipientKind}
    for recipient in recipients:
        known = by_contact.get((recipient.contact_id or 0, recipient.address.lower()))
        people[recipient.kind].append(known or _typed(recipient.name, recipient.address))
    return {**people, "subject": message.subject, "body": body, "quoted": True}


def _reply_to(answered: EmailMessage) -> list[str]:
    """Return the sender of the answered message; for a message that was sent from here, its recipients."""
    if answered.direction == Direction.OUT:
        return _addresses(answered, RecipientKind.TO)
    return [_typed(answered.sender_name, answered.sender)] if answered.sender else []


def _addresses(answered: EmailMessage, kind: RecipientKind) -> list[str]:
    recipients: list[EmailRecipient] = [row for row in answered.recipients.all() if row.kind == kind]
    return [_typed(recipient.name, recipient.address) for recipient in recipients]


def _typed(name: str, address: str) -> str:
    quoted = name.replace('"', "'").replace("<", "").replace(">", "")
    return f'"{quoted}" <{address}>' if quoted else address


def _others(texts: list[str], own: set[str]) -> list[str]:
    """Return the addresses that are not among ``own``, each once."""
    bare = [(wire(text.rpartition("<")[2].rstrip(">").lower()), text) for text in texts]
    return unique((address, text) for address, text in bare if address not in own)


def language_for(recipient: Any) -> str:
    """Return the language for writing to a contact or customer: Finnish or English."""
    return "en" if getattr(recipient, "language", "fi") in ("en", "other") else "fi"
