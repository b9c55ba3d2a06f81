"""Messages that users forward: the original sender, as mail programs of each language write it above the message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from activities.mail.mime.addresses import own_sender
from activities.mail.mime.headers import Address
from activities.mail.mime.parse import ParsedMessage, parse
from activities.mail.senders import is_drop, own_users
from core.richtext import to_text

MAX_CHARACTERS = 20_000
MAX_BLOCKS = 20
#: The word before the sender above a forwarded message: English, Nordic, Baltic and the large European languages.
_FROM = (
    "From|Lähettäjä|Från|Fra|Frá|Von|Absender|De|De la|Expéditeur|Remitente|Remetente|Da|Mittente|Van|Afzender|Saatja"
    "|Kellelt|No|Sūtītājs|Nuo|Siuntėjas|Od|Nadawca|Odesílatel|Odosielateľ|Feladó|Expeditor|Kimden|Gönderen|От"
    "|Отправитель|Від|Від кого|От кого|Από"
)
_BLOCK = re.compile(
    rf"(?im)^[>\s*|]*(?:{_FROM})[\s*]*[:：]\s*\**\s*(?P<name>[^<\n\[]{{0,200}}?)\s*[<\[(]?(?:mailto:)?"
    r"(?P<address>[^\s<>\[\]()\"\',;:]+@[^\s<>\[\]()\"\',;:]+)"
)
#: How programs begin the subject of a forwarded message.
_FORWARD = re.compile(
    r"(?i)^\s*\[?\s*(?:fwd?|fw|forwarded|vs|vl|välitetty|edelleenlähetetty|vb|vidarebefordrat|vidaresänt|videresendt|ed"
    r"|edastatud|wg|weitergeleitet|tr|rv|reenv|reenviado|i|inoltra|inoltrato|enc|encaminhado|doorst|doorgestuurd|pd"
    r"|pārs|persiųsta|předáno|továbbítva|továbbítás|redirecționat|ilt|i̇lt|пересл|переслано|пд|áframs|πρθ)"
    r"\.?\s*[:：]"
)


@dataclass(frozen=True)
class Forwarded:
    """The sender of a forwarded message, and the message itself if it was attached."""

    sender: Address
    message: ParsedMessage | None = None


def forwarded(parsed: ParsedMessage) -> Forwarded | None:
    """Return the message that a user has forwarded: an attached one, or one with its header in the text.

    In a chain of forwarded messages it is the newest one that no colleague wrote.
    """
    for raw in parsed.messages[:1]:
        inner = parse(raw)
        if inner.sender:
            return Forwarded(inner.sender, inner)
    senders = list(_senders(parsed)) if _is_forward(parsed) else []
    own = {*own_users([sender.address for sender in senders]), own_sender()}
    return next((Forwarded(sender) for sender in senders if sender.address not in own), None)


def is_unread_forward(parsed: ParsedMessage) -> bool:
    """Return whether a message says that it is forwarded, but not who wrote the original."""
    return has_forward_subject(parsed) and next(_senders(parsed), None) is None


def has_forward_subject(parsed: ParsedMessage) -> bool:
    return bool(_FORWARD.match(parsed.subject))


def _senders(parsed: ParsedMessage) -> Iterator[Address]:
    """Yield the senders of the messages in the text, the newest first."""
    text = unescape(to_text(parsed.body))[:MAX_CHARACTERS]
    for number, match in enumerate(_BLOCK.finditer(text)):
        if number == MAX_BLOCKS:
            return
        name = " ".join(match["name"].split()).strip("\"' ")
        yield Address(match["address"].lower().rstrip("."), name[:200])


def _is_forward(parsed: ParsedMessage) -> bool:
    """Return whether the message is a forward: it has such a subject, or the drop address is its only recipient."""
    others = [recipient for recipient in (*parsed.to, *parsed.cc) if not is_drop(recipient.address)]
    return has_forward_subject(parsed) or not others
