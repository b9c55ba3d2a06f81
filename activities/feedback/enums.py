"""Topics of feedback, and the code of its activity type."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FEEDBACK = "feedback"


class FeedbackAbout(models.TextChoices):
    PRODUCT = "product", _("product")
    SERVICE = "service", _("service")
    PERSON = "person", _("person")
    OTHER = "other", pgettext_lazy("feedback", "other")
