"""Versions of customers' plans: what a plan said when it was reviewed, accepted, approved or kept by hand."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careplans.content.models.base import of_customer
from careplans.plans.enums import VersionKind
from careplans.plans.models import PlanUpdate
from careplans.plans.querysets import OfCustomers
from core import clock
from core.addresses import row_url


class PlanVersion(models.Model):
    """A customer's plan as it was at a time, in each language of the program. It is never changed."""

    customer = of_customer("plan_versions")
    kind = models.CharField(_("why"), max_length=10, choices=VersionKind)
    at = models.DateTimeField(pgettext_lazy("version of a care plan", "kept"), default=clock.now, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"), editable=False
    )
    #: The review of which it is: taken back, it goes with it.
    update = models.ForeignKey(PlanUpdate, models.CASCADE, null=True, related_name="versions", editable=False)
    content = models.JSONField(default=dict, editable=False)

    objects = OfCustomers["PlanVersion"].as_manager()

    class Meta:
        verbose_name = _("version of a care plan")
        verbose_name_plural = _("versions of care plans")
        default_permissions = ()
        ordering = ("-at", "-id")
        indexes = (models.Index("customer", models.F("at").desc(), name="plan_version_newest"),)

    def __str__(self) -> str:
        return f"{date_format(localtime(self.at), 'SHORT_DATETIME_FORMAT')}, {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return row_url("carecontent:versions", self.customer_id)
