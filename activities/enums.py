"""Statuses of activities and what may follow what."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ActivityStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("activity", "open")
    IN_PROGRESS = "in_progress", pgettext_lazy("activity", "in progress")
    DONE = "done", pgettext_lazy("activity", "done")


UNFINISHED = (ActivityStatus.OPEN, ActivityStatus.IN_PROGRESS)

TRANSITIONS: dict[ActivityStatus, tuple[ActivityStatus, ...]] = {
    ActivityStatus.OPEN: (ActivityStatus.DONE, ActivityStatus.IN_PROGRESS),
    ActivityStatus.IN_PROGRESS: (ActivityStatus.DONE, ActivityStatus.OPEN),
    ActivityStatus.DONE: (ActivityStatus.OPEN,),
}


class ActivityChannel(models.TextChoices):
    MEETING = "meeting", _("face to face")
    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")
    VIDEO = "video", _("video")
    LETTER = "letter", _("letter")
    CHAT = "chat", _("chat or text message")
    OTHER = "other", _("other")


class TypeColor(models.TextChoices):
    """Colours of types in the calendar, by the names of Tabler's palette."""

    BLUE = "blue", _("blue")
    AZURE = "azure", _("light blue")
    INDIGO = "indigo", _("indigo")
    PURPLE = "purple", _("purple")
    PINK = "pink", _("pink")
    RED = "red", _("red")
    ORANGE = "orange", _("orange")
    YELLOW = "yellow", _("yellow")
    LIME = "lime", _("light green")
    GREEN = "green", _("green")
    TEAL = "teal", _("teal")
    CYAN = "cyan", _("turquoise")


#: Codes of ``ActivityType.details``: which row of its own an activity of the type has. Each is its subject's.
ENCOUNTER = "encounter"
FEEDBACK = "feedback"
LEAD = "lead"
EMAIL = "email"


class FollowKind(models.TextChoices):
    """How an activity hangs together with the one that it follows."""

    FOLLOW_UP = "follow_up", _("follow-up of")
    LOGGED_AGAIN = "again", _("logged again from")
    HEARD_ON = "heard_on", _("heard on")


class CriticalMoment(models.TextChoices):
    POSITIVE = "positive", _("critical moment +")
    NEGATIVE = "negative", _("critical moment −")


class FeedbackAbout(models.TextChoices):
    PRODUCT = "product", _("product")
    SERVICE = "service", _("service")
    PERSON = "person", _("person")
    OTHER = "other", pgettext_lazy("feedback", "other")


class LeadState(models.TextChoices):
    UNTAKEN = "untaken", _("untaken")
    TAKEN = "taken", _("taken up")
    CUSTOMER = "customer", _("became a potential customer")
    OFFER = "offer", pgettext_lazy("lead", "became an offer")
    CLOSED = "closed", pgettext_lazy("lead", "closed")


#: A taken lead is returned by making it untaken again. It becomes an offer by an offer being made of it.
LEAD_TRANSITIONS: dict[LeadState, tuple[LeadState, ...]] = {
    LeadState.UNTAKEN: (LeadState.TAKEN, LeadState.OFFER, LeadState.CLOSED),
    LeadState.TAKEN: (LeadState.CUSTOMER, LeadState.OFFER, LeadState.UNTAKEN, LeadState.CLOSED),
    LeadState.CUSTOMER: (LeadState.OFFER, LeadState.CLOSED),
    LeadState.OFFER: (),
    LeadState.CLOSED: (LeadState.UNTAKEN,),
}


class Answer(models.TextChoices):
    """Answers to an invitation, by iCalendar's PARTSTAT."""

    NEEDS_ACTION = "needs_action", _("not answered")
    ACCEPTED = "accepted", _("accepted")
    TENTATIVE = "tentative", _("tentative")
    DECLINED = "declined", _("declined")


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
SCHEMA_NAMES = {
    "ActivityChannelEnum": ActivityChannel,
    "ActivityStatusEnum": ActivityStatus,
    "LeadStateEnum": LeadState,
    "MessageStateEnum": MessageState,
}
