"""States and kinds of messages, recipients and ignore rules, and the transitions of a message's state."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

EMAIL = "email"
#: The code of the activity type of automatic messages.
AUTOMATIC = "email_automatic"


class Direction(models.TextChoices):
    IN = "in", _("received")
    OUT = "out", _("sent")


class MessageState(models.TextChoices):
    """A sent message is waiting, sending, sent or failed; a received one is filed, in the inbox, ignored or refused."""

    WAITING = "waiting", pgettext_lazy("e-mail", "waiting to be sent")
    SENDING = "sending", pgettext_lazy("e-mail", "being sent")
    SENT = "sent", pgettext_lazy("e-mail", "sent")
    FAILED = "failed", pgettext_lazy("e-mail", "not sent")
    FILED = "filed", pgettext_lazy("e-mail", "filed under a customer")
    INBOX = "inbox", pgettext_lazy("e-mail", "in the inbox")
    IGNORED = "ignored", pgettext_lazy("e-mail", "ignored")
    REFUSED = "refused", pgettext_lazy("e-mail", "kept as a file")


#: A worker sends these in a moment.
ON_THEIR_WAY = (MessageState.WAITING, MessageState.SENDING)

MESSAGE_TRANSITIONS: dict[MessageState, tuple[MessageState, ...]] = {
    MessageState.WAITING: (MessageState.SENDING, MessageState.FAILED),
    MessageState.SENDING: (MessageState.SENT, MessageState.FAILED, MessageState.WAITING),
    MessageState.SENT: (MessageState.FAILED,),  # it bounced
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


#: The names of these enums in the API's schema.
SCHEMA_NAMES = {"DirectionEnum": Direction, "MessageStateEnum": MessageState}
