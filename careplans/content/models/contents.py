"""What people write into a customer's plan: who gave the data, goals, free texts."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from careplans.content.models.base import OfPlan, of_customer
from careplans.plans.querysets import OfCustomers
from core.tracking import tracked
from customers.models import Contact, Customer


@tracked(exclude=["version", "updated_at"])
class PlanContent(OfPlan):
    """The header of a plan as far as people write it, and the goals that the customer is shown."""

    customer = models.OneToOneField(Customer, models.CASCADE, related_name="plan_content", verbose_name=_("customer"))
    data_by = models.ForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("who gave the data")
    )
    asked_on = models.DateField(_("asked"), null=True, blank=True)
    given_on = models.DateField(_("given"), null=True, blank=True)
    goals = models.TextField(
        _("goals"), max_length=4_000, blank=True, help_text=_("The customer sees them in its edition of the plan.")
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"), editable=False
    )

    objects = OfCustomers["PlanContent"].as_manager()

    class Meta:
        verbose_name = _("content of a care plan")
        verbose_name_plural = _("contents of care plans")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self._meta.verbose_name)


@tracked(exclude=["version", "updated_at"])
class PlanBlock(OfPlan):
    """A free text of a plan, by the code of the template's part."""

    customer = of_customer("plan_blocks")
    code = models.SlugField(_("code"), max_length=60, db_index=False)
    text = models.TextField(_("text"), max_length=10_000, blank=True)

    objects = OfCustomers["PlanBlock"].as_manager()

    class Meta:
        verbose_name = _("text of a care plan")
        verbose_name_plural = _("texts of care plans")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["customer", "code"], name="plan_block_once"),)

    def __str__(self) -> str:
        return self.code
