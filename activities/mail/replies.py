"""The first content of the form for an answer, a forward, or an unsent message that is edited."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from activities.mail.enums import Direction, RecipientKind
from activities.mail.mime.addresses import own_sender, unique, wire
from activities.mail.mime.body import clean_html
from activities.mail.mime.compose import bare_subject, quotation
from activities.mail.models import EmailMessage, EmailRecipient, Mailbox
from core.documents import documents_of
from customers.enums import ContactPointKind
from customers.models import Contact, ContactPoint


def answer_initial(answered: EmailMessage, mode: str, user: Any) -> dict[str, Any]:
    """Return the first content of the form; ``mode`` is reply, all or forward."""
    activity = answered.activity
    content: dict[str, Any] = {"customer": activity.customer_id if activity else None, "language": _language(answered)}
    subject = bare_subject(answered.subject)
    if mode == "forward":
        attached = list(documents_of(activity).values_list("pk", flat=True)) if activity else []
        return {**content, "subject": f"Fwd: {subject}"[:200], "documents": attached}
    content |= {"subject": f"Re: {subject}"[:200], "to": _to(answered)}
    if mode == "all":
        own = {wire(address.lower()) for address in _own_addresses(user)}
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


def _to(answered: EmailMessage) -> list[str]:
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


def _own_addresses(user: Any) -> list[str]:
    boxes = Mailbox.objects.filter(owner=user) | Mailbox.objects.filter(owner__isnull=True)
    return [own_sender(), user.email, *boxes.values_list("address", flat=True)]


def _language(answered: EmailMessage) -> str:
    return language_for(answered.activity.contacts.first() if answered.activity else None)


def language_for(recipient: Any) -> str:
    """Return the language for writing to a contact or customer: Finnish or English."""
    return "en" if getattr(recipient, "language", "fi") in ("en", "other") else "fi"
