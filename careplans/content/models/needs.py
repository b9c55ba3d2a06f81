"""The register of development needs, which customers may share."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from activities.log.models import Activity
from careplans.content.enums import NeedStatus
from careplans.content.querysets import NeedQuerySet
from careplans.plans.querysets import OfCustomers
from core import clock
from core.addresses import row_url
from core.fields import LineField, sort_key
from core.models import StatusChange, VersionedModel
from core.tracking import tracked
from customers.models import Customer
from offers.offers.models import Offer


@tracked(exclude=["version", "updated_at"])
class Need(VersionedModel):
    """A small development need: one row for all customers that have it. A declined one is kept with the reason."""

    name = LineField(_("need"), max_length=200)
    sort_key = sort_key("name")
    impact = models.CharField(_("impact"), max_length=1_000, blank=True)
    is_budgeted = models.BooleanField(_("budgeted"), null=True, blank=True)
    fits_environment = models.BooleanField(_("fits the environment"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=NeedStatus, default=NeedStatus.OPEN, editable=False)
    reason = models.CharField(_("reason"), max_length=1_000, blank=True, editable=False)
    offer = models.ForeignKey(
        Offer, models.SET_NULL, null=True, related_name="needs", verbose_name=_("offer"), editable=False
    )
    lead = models.ForeignKey(
        Activity, models.SET_NULL, null=True, related_name="needs", verbose_name=pgettext_lazy("noun", "lead"),
        editable=False,
    )  # fmt: skip
    joined_to = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="joined", verbose_name=_("joined to"), editable=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("added by"),
        editable=False,
    )  # fmt: skip
    is_demo = models.BooleanField(default=False, editable=False)

    objects = NeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("development need")
        verbose_name_plural = _("development needs")
        default_permissions = ()
        ordering = ("sort_key", "id")
        constraints = (
            models.CheckConstraint(condition=~Q(status=NeedStatus.DECLINED) | ~Q(reason=""), name="need_declined_why"),
            models.CheckConstraint(
                condition=Q(status=NeedStatus.JOINED) | Q(joined_to__isnull=True), name="need_joined"
            ),
        )
        indexes = (
            models.Index("status", "sort_key", "id", name="need_by_status"),
            models.Index("sort_key", "id", name="need_by_name"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return row_url("carecontent:need", self.pk)

    @property
    def is_open(self) -> bool:
        return self.status == NeedStatus.OPEN

    @property
    def is_kept(self) -> bool:
        """Whether it is open or declined: both can be changed."""
        return self.status in (NeedStatus.OPEN, NeedStatus.DECLINED)


@tracked()
class NeedCustomer(models.Model):
    """A customer that has a need, and since when."""

    need = models.ForeignKey(Need, models.CASCADE, related_name="customers", verbose_name=_("need"))
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="needs", verbose_name=_("customer"))
    noticed_on = models.DateField(_("noticed"), default=clock.today)

    objects = OfCustomers["NeedCustomer"].as_manager()

    class Meta:
        verbose_name = _("customer with a need")
        verbose_name_plural = _("customers with a need")
        default_permissions = ()
        ordering = ("noticed_on", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["need", "customer"], name="need_customer_once",
                violation_error_message=_("The customer has this need already."),
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return str(self.customer)

    def get_absolute_url(self) -> str:
        return row_url("carecontent:need", self.need_id)


class NeedStatusChange(StatusChange):
    """A step of a need."""

    need = models.ForeignKey(Need, models.CASCADE, related_name="status_changes")
    from_status = models.CharField(_("from"), max_length=10, choices=NeedStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=10, choices=NeedStatus)
