"""How an answer begins: to whom, and with what subject."""

from __future__ import annotations

from typing import Any

from activities.enums import Direction, RecipientKind
from activities.mail.addresses import own_sender, unique, wire
from activities.mail.compose import bare_subject
from activities.models import EmailMessage, EmailRecipient, Mailbox
from crm.documents import documents_of


def answer_initial(answered: EmailMessage, mode: str, user: Any) -> dict[str, Any]:
    """Return the first content of the form for ``mode`` reply, all or forward."""
    activity = answered.activity
    content: dict[str, Any] = {"customer": activity.customer_id if activity else None, "language": _language(answered)}
    subject = bare_subject(answered.subject)
    if mode == "forward":
        attached = list(documents_of(activity).values_list("pk", flat=True)) if activity else []
        return {**content, "subject": f"Fwd: {subject}"[:200], "documents": attached}
    content |= {"subject": f"Re: {subject}"[:200], "to": _to(answered)}
    if mode == "all":
        own = {wire(address.lower()) for address in _own(user)}
        to = [*content["to"], *_addresses(answered, RecipientKind.TO)]
        content["to"] = _others(to, own) or content["to"]
        content["cc"] = [
            text for text in _others(_addresses(answered, RecipientKind.CC), own) if text not in content["to"]
        ]
    return content


def _to(answered: EmailMessage) -> list[str]:
    """Who wrote it; of one's own message, those to whom it went."""
    if answered.direction == Direction.OUT:
        return _addresses(answered, RecipientKind.TO)
    return [_text(answered.sender_name, answered.sender)] if answered.sender else []


def _addresses(answered: EmailMessage, kind: RecipientKind) -> list[str]:
    rows: list[EmailRecipient] = [row for row in answered.recipients.all() if row.kind == kind]
    return [_text(row.name, row.address) for row in rows]


def _text(name: str, address: str) -> str:
    quoted = name.replace('"', "'").replace("<", "").replace(">", "")
    return f'"{quoted}" <{address}>' if quoted else address


def _others(texts: list[str], own: set[str]) -> list[str]:
    """Those that are not one's own, each once."""
    bare = [(wire(text.rpartition("<")[2].rstrip(">").lower()), text) for text in texts]
    return unique((address, text) for address, text in bare if address not in own)


def _own(user: Any) -> list[str]:
    boxes = Mailbox.objects.filter(owner=user) | Mailbox.objects.filter(owner__isnull=True)
    return [own_sender(), user.email, *boxes.values_list("address", flat=True)]


def _language(answered: EmailMessage) -> str:
    """The language of the contact who is answered."""
    contact = answered.activity.contacts.first() if answered.activity else None
    code = getattr(contact, "language", "fi")
    return "en" if code in ("en", "other") else "fi"
