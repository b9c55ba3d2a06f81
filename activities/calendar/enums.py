"""Answers to invitations."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Answer(models.TextChoices):
    """Answers to an invitation, by iCalendar's PARTSTAT."""

    NEEDS_ACTION = "needs_action", _("not answered")
    ACCEPTED = "accepted", _("accepted")
    TENTATIVE = "tentative", _("tentative")
    DECLINED = "declined", _("declined")
