"""Received messages for tests."""

from __future__ import annotations

import uuid
from email.message import EmailMessage as Letter
from typing import Any

from activities.mail.models import EmailMessage
from activities.mail.services.receiving import Origin, Outcome, message_receive


def letter(
    sender: str = "Anna Virtanen <anna@yritys.fi>",
    to: str = "palvelu@omnia.test",
    subject: str = "Koulutus",
    text: str = "Hei!\n\nSopiiko tiistai?",
    *,
    html: str = "",
    files: dict[str, bytes] | None = None,
    **headers: str,
) -> bytes:
    """Return a message as it comes; ``headers`` by their names with ``_`` for ``-``."""
    made = Letter()
    heads = {"From": sender, "To": to, "Subject": subject, "Date": "Mon, 02 Mar 2026 09:00:00 +0200"}
    heads |= {"Message-ID": f"<{uuid.uuid4().hex}@yritys.fi>"} | {
        key.replace("_", "-"): v for key, v in headers.items()
    }
    for name, value in heads.items():
        if value:
            made[name] = value
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    for name, content in (files or {}).items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


def receive(raw: bytes, **origin: Any) -> Outcome:
    return message_receive(raw, Origin(**origin))


def received(raw: bytes, **origin: Any) -> EmailMessage:
    return receive(raw, **origin).message
