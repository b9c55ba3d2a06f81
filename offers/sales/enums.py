"""The kinds of sales targets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class TargetKind(models.TextChoices):
    """A target that account managers agree on with the director (domain.md §1)."""

    NEW_CUSTOMERS = "new_customers", _("new customers")
    REPEAT_PURCHASES = "repeat_purchases", _("repeat purchases")
    MEETINGS = "meetings", _("customer meetings")
    EUROS = "euros", _("euros")


#: What the API's schema calls these.
SCHEMA_NAMES = {"TargetKindEnum": TargetKind}
