"""Statuses of activities and what may follow what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

EMAIL = "email"


class Direction(models.TextChoices):
    IN = "in", _("received")
    OUT = "out", _("sent")


class MessageState(models.TextChoices):
    """Of a sent message: waiting, sending, sent, failed. Of a received one: filed, inbox, ignored, refused."""

    WAITING = "waiting", pgettext_lazy("e-mail", "waiting to be sent")
    SENDING = "sending", pgettext_lazy("e-mail", "being sent")
    SENT = "sent", pgettext_lazy("e-mail", "sent")
    FAILED = "failed", pgettext_lazy("e-mail", "not sent")
    FILED = "filed", pgettext_lazy("e-mail", "under its customer")
    INBOX = "inbox", pgettext_lazy("e-mail", "in the inbox")
    IGNORED = "ignored", pgettext_lazy("e-mail", "ignored")
    REFUSED = "refused", pgettext_lazy("e-mail", "kept as a file")


MESSAGE_TRANSITIONS: dict[MessageState, tuple[MessageState, ...]] = {
    MessageState.WAITING: (MessageState.SENDING, MessageState.FAILED),
    MessageState.SENDING: (MessageState.SENT, MessageState.FAILED, MessageState.WAITING),
    MessageState.SENT: (MessageState.FAILED,),  # it came back: not delivered
    MessageState.FAILED: (MessageState.WAITING,),
    MessageState.INBOX: (MessageState.FILED, MessageState.SENT, MessageState.IGNORED),
    MessageState.IGNORED: (MessageState.INBOX, MessageState.FILED, MessageState.SENT),
    MessageState.REFUSED: (MessageState.FILED, MessageState.SENT, MessageState.IGNORED),
    MessageState.FILED: (),
}


class RecipientKind(models.TextChoices):
    TO = "to", pgettext_lazy("e-mail", "to")
    CC = "cc", pgettext_lazy("e-mail", "copy")
    BCC = "bcc", pgettext_lazy("e-mail", "blind copy")


class IgnoreKind(models.TextChoices):
    ADDRESS = "address", _("sender's address")
    DOMAIN = "domain", _("sender's domain")
    BULK = "bulk", _("newsletters and automatic messages")


#: What the API's schema calls these.
SCHEMA_NAMES = {"MessageStateEnum": MessageState}
