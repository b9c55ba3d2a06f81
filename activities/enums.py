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
