"""What was decided about customers that have been unprofitable for two years."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.addresses import row_url
from core.models import VersionedModel
from core.tracking import tracked
from customers.models import Customer
from segmentation.portfolio.enums import LossCause
from segmentation.portfolio.querysets import DecisionQuerySet


@tracked(exclude=["version", "updated_at"])
class ProfitDecision(VersionedModel):
    """Why a customer is unprofitable, what is done, and when it is looked at again. A newer one replaces it."""

    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="profit_decisions", verbose_name=_("customer")
    )  # fmt: skip
    cause = models.CharField(_("cause"), max_length=10, choices=LossCause)
    action = models.TextField(_("action"), max_length=2_000)
    review_on = models.DateField(_("review on"))
    profit_12 = models.DecimalField(
        _("profitability in 12 months"), max_digits=14, decimal_places=2, null=True, editable=False
    )
    profit_before = models.DecimalField(
        _("profitability in the 12 months before"), max_digits=14, decimal_places=2, null=True, editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), default=clock.now, editable=False)
    replaced_at = models.DateTimeField(null=True, editable=False)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about profitability")
        verbose_name_plural = _("decisions about profitability")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(replaced_at__isnull=True),
                name="profit_decision_current",
                violation_error_message=_("Someone else has just decided about the customer."),
            ),
        )
        indexes = (
            models.Index(
                "review_on", "id", condition=models.Q(replaced_at__isnull=True), name="profit_decision_review"
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer}: {self.get_cause_display()}"

    def get_absolute_url(self) -> str:
        return row_url("portfolio:decision", self.customer_id)

    @property
    def is_due(self) -> bool:
        return self.replaced_at is None and self.review_on <= clock.today()
