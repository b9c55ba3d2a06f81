"""Statuses of activities with their transitions, channels, colours and links."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

#: The code of ``ActivityType.details`` for encounters; other subjects own the other codes.
ENCOUNTER = "encounter"


class ActivityStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("activity", "open")
    IN_PROGRESS = "in_progress", pgettext_lazy("activity", "in progress")
    DONE = "done", pgettext_lazy("activity", "done")
    #: Closed without being done: only the program does so, with the reason.
    CANCELLED = "cancelled", pgettext_lazy("activity", "cancelled")


UNFINISHED = (ActivityStatus.OPEN, ActivityStatus.IN_PROGRESS)

TRANSITIONS: dict[ActivityStatus, tuple[ActivityStatus, ...]] = {
    ActivityStatus.OPEN: (ActivityStatus.DONE, ActivityStatus.IN_PROGRESS),
    ActivityStatus.IN_PROGRESS: (ActivityStatus.DONE, ActivityStatus.OPEN),
    ActivityStatus.DONE: (ActivityStatus.OPEN,),
    ActivityStatus.CANCELLED: (ActivityStatus.OPEN,),
}
#: The statuses in which people log activities.
LOGGED = (ActivityStatus.OPEN, ActivityStatus.IN_PROGRESS, ActivityStatus.DONE)


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


class FollowKind(models.TextChoices):
    """How an activity is linked to the one that it follows."""

    FOLLOW_UP = "follow_up", _("follow-up of")
    LOGGED_AGAIN = "again", _("logged again from")
    HEARD_ON = "heard_on", _("feedback received on")


class CriticalMoment(models.TextChoices):
    POSITIVE = "positive", _("critical moment +")
    NEGATIVE = "negative", _("critical moment −")


#: Names in the schema of the API.
SCHEMA_NAMES = {
    "ActivityChannelEnum": ActivityChannel,
    "ActivityStatusEnum": ActivityStatus,
    "LoggedStatusEnum": [(status.value, status.label) for status in LOGGED],
}
