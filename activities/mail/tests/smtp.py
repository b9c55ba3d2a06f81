"""Messages for the tests, and a real SMTP server with prepared answers."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller
from django.core.files.base import ContentFile
from django.test import override_settings

from activities.log.enums import ActivityStatus
from activities.log.tests.factories import ActivityFactory, activity_type
from activities.mail.enums import Direction, MessageState, RecipientKind
from activities.mail.models import EmailMessage, EmailThread

_numbers = itertools.count(1)


def sent_message(user: Any, customer: Any, *, to: str = "maija@example.fi", **values: Any) -> EmailMessage:
    """Make a message that ``user`` has written to ``customer``, under its activity; sent unless ``state`` is given."""
    subject, contacts = values.pop("subject", "Offer"), values.pop("contacts", [])
    state = values.pop("state", MessageState.SENT)
    status = ActivityStatus.DONE if state == MessageState.SENT else ActivityStatus.OPEN
    activity = ActivityFactory(
        type=activity_type("email"), customer=customer, title=subject, created_by=user, contacts=contacts, status=status
    )
    number = next(_numbers)
    message = EmailMessage.objects.create(
        **{
            "activity": activity,
            "thread": values.pop("thread", None) or EmailThread.objects.create(subject=subject),
            "direction": Direction.OUT,
            "state": state,
            "message_id": f"{number}@portaali.example",
            "sender": "portaali@localhost",
            "sender_name": str(user),
            "subject": subject,
            "user": user,
            **values,
        }
    )
    message.raw.save("message.eml", ContentFile(b"Subject: Offer\r\n\r\nHello\r\n"))
    message.recipients.create(kind=RecipientKind.TO, address=to, contact=contacts[0] if contacts else None)
    return message


class Sink:
    """What a real SMTP server has received, and how it answers: ``answers[address]`` to a recipient, ``"*"`` to the
    sender, ``"data"`` to the message; ``"drop"`` there closes the connection without a word."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.envelopes: list[Any] = []
        self.answers: dict[str, str] = {}

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if "*" in self.answers:
            return self.answers["*"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.get("data", "250 OK")
        if answer == "drop":
            server.transport.abort()
            return "250 nobody hears this"
        if answer.startswith("250"):
            self.envelopes.append(envelope)
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        return answer


@contextmanager
def silent_server(greeting: bytes = b"") -> Iterator[int]:
    """Run a server that takes connections and says nothing, or nothing after ``greeting``; its port."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(5)
        clients: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _address = server.accept()
                    client.sendall(greeting)
                    clients.append(client)

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for client in clients:
                client.close()


@contextmanager
def smtp_sink() -> Iterator[Sink]:
    """Run a real SMTP server on a free port and let the program send through it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    backend = "django.core.mail.backends.smtp.EmailBackend"
    try:
        with override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, EMAIL_TIMEOUT=10):
            yield sink
    finally:
        controller.stop()
