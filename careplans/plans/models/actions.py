"""Actions of one customer, beside those of its care models."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from careplans.caremodels.models import ActionFields, ResponsibleFields
from careplans.caremodels.models.actions import action_constraints
from careplans.plans.querysets import ActionQuerySet
from core.addresses import row_url
from core.models import VersionedModel
from core.tracking import tracked
from customers.models import Customer
from customers.models.customers import DateRange


@tracked(exclude=["version", "updated_at"])
class CustomerAction(VersionedModel, ActionFields):
    """An action that is done for one customer only, from a day and perhaps until another.

    One that has begun and changes is a separate row from the day of the change: what was due before stays.
    """

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="care_actions", db_index=False, verbose_name=_("customer")
    )
    first = models.DateField(_("first day"))
    last = models.DateField(_("last day"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("added by"),
        editable=False,
    )  # fmt: skip

    #: Who added or last changed it: in a segment that needs approval somebody else of the management decides.
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("asked by"),
        editable=False,
    )  # fmt: skip
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("approved by"),
        editable=False,
    )  # fmt: skip
    approved_on = models.DateField(pgettext_lazy("when", "approved"), null=True, editable=False)
    #: The day on which a person ended it, and the end that it had before.
    ended_on = models.DateField(_("ended"), null=True, editable=False)
    former_last = models.DateField(_("former end"), null=True, editable=False)

    objects = ActionQuerySet["CustomerAction"].as_manager()

    class Meta:
        verbose_name = _("action of a customer")
        verbose_name_plural = _("actions of customers")
        default_permissions = ()
        ordering = ("first", "id")
        constraints = (
            *action_constraints(),
            ExclusionConstraint(
                name="customer_action_no_overlap",
                expressions=[
                    ("customer", RangeOperators.EQUAL),
                    ("code", RangeOperators.EQUAL),
                    (DateRange("first", F("last") + 1, models.Value("[)")), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("The customer has another action with this code."),
            ),
            models.CheckConstraint(
                condition=Q(last__isnull=True) | Q(last__gte=F("first") - 1), name="customer_action_days"
            ),
        )  # fmt: skip
        indexes = (
            models.Index("first", "id", name="customer_action_first"),
            models.Index(
                "approved_on", "id", condition=Q(approved_on__isnull=False), name="customer_action_approved"
            ),
        )  # fmt: skip

    def get_absolute_url(self) -> str:
        return row_url("careplans:tab", self.customer_id)


@tracked()
class CustomerActionResponsible(ResponsibleFields):
    """Who has an action of a customer."""

    action = models.ForeignKey(CustomerAction, models.CASCADE, related_name="responsible", verbose_name=_("action"))

    class Meta(ResponsibleFields.Meta):
        verbose_name = _("responsible")
        verbose_name_plural = _("responsible")
        default_permissions = ()
