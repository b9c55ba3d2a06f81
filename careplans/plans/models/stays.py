"""On which days a care model is a customer's, whether management has approved it, and when a plan was gone through."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from careplans.caremodels.models import CareModel, ModelVersion
from careplans.plans.enums import ApprovalStatus
from careplans.plans.querysets import DECIDED, ApprovalQuerySet, OfCustomers, StayQuerySet
from core.addresses import row_url
from core.fields import LineField
from core.models import VersionedModel
from core.tracking import tracked
from customers.models import Customer
from segmentation.schemes.models import Segment


def _days(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(last__isnull=True) | Q(last__gte=F("first")), name=name)


class ModelStay(models.Model):
    """Days on which a care model is a customer's; without a last day it still is.

    Written by ``services.stays`` alone: from the memberships of segments, and from the classes of customers.
    """

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="care_stays", db_index=False, verbose_name=_("customer")
    )
    model = models.ForeignKey(CareModel, models.CASCADE, related_name="stays", verbose_name=_("care model"))
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"), null=True)

    objects = StayQuerySet["ModelStay"].as_manager()

    class Meta:
        verbose_name = _("time under a care model")
        verbose_name_plural = _("times under care models")
        default_permissions = ()
        ordering = ("first", "id")
        constraints = (
            models.UniqueConstraint(fields=["customer", "model", "first"], name="stay_once"),
            models.UniqueConstraint(fields=["customer", "model"], condition=Q(last__isnull=True), name="stay_one_open"),
            _days("stay_days"),
        )
        indexes = (models.Index("model", "customer", condition=Q(last__isnull=True), name="stay_present"),)

    def __str__(self) -> str:
        return str(self.model)


class InactiveSpan(models.Model):
    """Days at the end of which a customer is inactive: it is under no action."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="inactive_spans", db_index=False)
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"), null=True)

    #: The day of the deactivation, perhaps after the first one; what ends on that day never happened.
    noted_on = models.DateField(null=True)
    #: The last day that it had before a deactivation with the same first day, which may be undone on its day.
    former_last = models.DateField(null=True)

    objects = StayQuerySet["InactiveSpan"].as_manager()

    class Meta:
        verbose_name = _("time of inactivity")
        verbose_name_plural = _("times of inactivity")
        default_permissions = ()
        ordering = ("first", "id")
        constraints = (
            models.UniqueConstraint(fields=["customer", "first"], name="inactive_once"),
            _days("inactive_days"),
        )

    def __str__(self) -> str:
        return f"{self.first} – {self.last or ''}"


class ApprovalNeed(models.Model):
    """Whether a segment needs approval from a day on; without a day from the beginning.

    Written by ``approval_days.needs_record`` alone.
    """

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="approval_needs", verbose_name=_("segment"))
    first = models.DateField(_("first day"), null=True)
    needs = models.BooleanField(_("needs approval"))

    class Meta:
        verbose_name = _("need of approval")
        verbose_name_plural = _("needs of approval")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(fields=["segment", "first"], name="approval_need_once", nulls_distinct=False),
        )

    def __str__(self) -> str:
        return f"{self.segment}: {self.first or ''}"


@tracked(exclude=["version", "updated_at"])
class PlanApproval(VersionedModel):
    """Management's decision about a customer's plan with one version of a care model (rule 18).

    While the customer is in a segment that needs approval, the version takes effect for it on the day of the approval.
    One that comes back after a break is decided about again: an earlier approval stays as a separate row.
    """

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="plan_approvals", db_index=False, verbose_name=_("customer")
    )
    model_version = models.ForeignKey(
        ModelVersion, models.CASCADE, related_name="plan_approvals", verbose_name=_("version of the care model")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=ApprovalStatus, default=ApprovalStatus.WAITING, editable=False
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by"),
        editable=False,
    )  # fmt: skip
    asked_on = models.DateField(_("waits since"), editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by"),
        editable=False,
    )  # fmt: skip
    decided_on = models.DateField(_("decided"), null=True, editable=False)
    note = models.CharField(_("explanation"), max_length=1_000, blank=True)

    objects = ApprovalQuerySet["PlanApproval"].as_manager()

    class Meta:
        verbose_name = _("approval of a care plan")
        verbose_name_plural = _("approvals of care plans")
        default_permissions = ()
        ordering = ("-asked_on", "-id")
        permissions = (
            ("manage_plans", gettext_noop("May change every care plan and decide about exceptions")),
            ("approve_plans", gettext_noop("May approve care plans")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["customer", "model_version"],
                condition=~Q(status=ApprovalStatus.APPROVED),
                name="plan_approval_once",
            ),
            models.CheckConstraint(
                condition=Q(status=ApprovalStatus.WAITING) | Q(decided_on__isnull=False), name="plan_approval_has_day"
            ),
        )
        indexes = (
            models.Index("status", "asked_on", "id", name="plan_approval_status"),
            models.Index("asked_on", "id", condition=Q(status__in=DECIDED), name="plan_approval_decided"),
        )

    def __str__(self) -> str:
        return f"{self.customer}: {self.model_version}"

    def get_absolute_url(self) -> str:
        return row_url("careplans:tab", self.customer_id)


@tracked()
class PlanUpdate(models.Model):
    """A customer's plan was gone through on a day, perhaps with the customer, who may have accepted it."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="plan_updates", db_index=False)
    day = models.DateField(_("day"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"), editable=False
    )
    accepted_by = LineField(
        _("accepted by the customer"),
        max_length=200,
        blank=True,
        help_text=_("Who accepted the plan for the customer."),
    )
    note = models.TextField(_("notes"), max_length=4_000, blank=True)

    objects = OfCustomers["PlanUpdate"].as_manager()

    class Meta:
        verbose_name = _("update of a care plan")
        verbose_name_plural = _("updates of care plans")
        default_permissions = ()
        ordering = ("-day", "-id")
        indexes = (models.Index(fields=["customer", "-day"], name="plan_update_newest"),)

    def __str__(self) -> str:
        return str(self.day)

    def get_absolute_url(self) -> str:
        return row_url("careplans:tab", self.customer_id)
