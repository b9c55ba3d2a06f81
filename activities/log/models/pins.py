"""The activity that is pinned to the top of a customer's timeline."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from activities.log.models.activities import Activity
from core import clock
from core.tracking import tracked


@tracked()
class PinnedActivity(models.Model):
    """What everyone should read first about a customer; one at a time."""

    customer = models.OneToOneField(
        "customers.Customer", models.CASCADE, primary_key=True, related_name="pinned_activity"
    )
    activity = models.OneToOneField(Activity, models.CASCADE, related_name="pin", verbose_name=_("activity"))
    pinned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    pinned_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("pinned activity")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.activity)
