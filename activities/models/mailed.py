"""What is mailed by :mod:`activities.services.outbox` knows how far it is."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities.enums import MessageState


class Mailed(models.Model):
    """A row of which a mail is made when it is sent."""

    state = models.CharField(_("state"), max_length=8, choices=MessageState, default=MessageState.WAITING)
    state_at = models.DateTimeField(default=timezone.now, db_default=Now())  # of a waiting one: when it is sent
    error = models.CharField(_("error"), max_length=500, blank=True, db_default="")
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True
