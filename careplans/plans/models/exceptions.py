"""Exceptions of one customer from what its care models say."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from careplans.caremodels.enums import FrequencyKind, Unit
from careplans.caremodels.models import ResponsibleFields
from careplans.caremodels.models.actions import MOST_WINDOW
from careplans.plans.enums import ExceptionKind, ExceptionStatus
from careplans.plans.querysets import DECIDED, ExceptionQuerySet
from core.addresses import row_url
from core.models import VersionedModel
from core.tracking import tracked
from customers.models import Customer
from customers.models.customers import DateRange


@tracked(exclude=["version", "updated_at"])
class PlanException(VersionedModel):
    """A customer's exception from one action (``code``): left out, another frequency, another responsible.

    It has a reason and an end. The owner asks for it; who manages plans decides. It may ask for days on which another
    one is in force, which ends when it is approved.
    """

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="plan_exceptions", db_index=False, verbose_name=_("customer")
    )
    code = models.SlugField(_("action"), max_length=60, db_index=False)
    kind = models.CharField(_("exception"), max_length=12, choices=ExceptionKind)
    frequency = models.CharField(_("frequency"), max_length=10, choices=FrequencyKind, blank=True)
    count = models.PositiveSmallIntegerField(_("n"), null=True, blank=True, validators=[MinValueValidator(1)])
    unit = models.CharField(_("unit"), max_length=5, choices=Unit, default=Unit.DAY)
    months = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("months"), default=list, blank=True)
    before = models.PositiveSmallIntegerField(
        _("days before the due day"), null=True, blank=True, validators=[MaxValueValidator(MOST_WINDOW)]
    )
    after = models.PositiveSmallIntegerField(
        _("days after the due day"), null=True, blank=True, validators=[MaxValueValidator(MOST_WINDOW)]
    )
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=1_000)
    status = models.CharField(
        _("status"), max_length=10, choices=ExceptionStatus, default=ExceptionStatus.REQUESTED, editable=False
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("requested by"),
        editable=False,
    )  # fmt: skip
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("decided by"),
        editable=False,
    )  # fmt: skip
    decided_on = models.DateField(_("decided"), null=True, editable=False)
    #: Whether somebody of the management decided who had not asked: only then it applies where approval is needed.
    by_management = models.BooleanField(_("decided by the management"), default=False, editable=False)
    note = models.CharField(_("explanation"), max_length=1_000, blank=True, editable=False)

    objects = ExceptionQuerySet["PlanException"].as_manager()

    class Meta:
        verbose_name = _("exception of a care plan")
        verbose_name_plural = _("exceptions of care plans")
        default_permissions = ()
        ordering = ("-first", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(last__gte=F("first") - 1), name="plan_exception_days",
                violation_error_message=_("The end is before the start."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="plan_exception_reason"),
            ExclusionConstraint(
                name="plan_exception_no_overlap",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("status", RangeOperators.EQUAL),
                    (DateRange("first", F("last") + 1, models.Value("[)")), RangeOperators.OVERLAPS),
                ],
                condition=~Q(status=ExceptionStatus.REJECTED),
                violation_error_message=_("The action has an exception of this kind on some of these days already."),
            ),
        )  # fmt: skip
        indexes = (
            models.Index("status", "id", name="plan_exception_status"),
            models.Index("status", "first", "id", name="plan_exception_first"),
            models.Index("first", "id", condition=Q(status__in=DECIDED), name="plan_exception_decided"),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())

    def get_absolute_url(self) -> str:
        return row_url("careplans:tab", self.customer_id)

    @property
    def is_requested(self) -> bool:
        return self.status == ExceptionStatus.REQUESTED


@tracked()
class ExceptionResponsible(ResponsibleFields):
    """Who has an action instead."""

    action = models.ForeignKey(PlanException, models.CASCADE, related_name="responsible", verbose_name=_("exception"))

    class Meta(ResponsibleFields.Meta):
        verbose_name = _("responsible")
        verbose_name_plural = _("responsible")
        default_permissions = ()
