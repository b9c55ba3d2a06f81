"""The register of charges: what a customer was charged for a service in a year."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy as _

from careplans.content.models.base import OfPlan, of_customer
from careplans.plans.querysets import OfCustomers
from core.fields import LineField
from core.tracking import tracked

FIRST_YEAR, LAST_YEAR, MOST = 2000, 2100, Decimal(10**11)


@tracked(exclude=["version", "updated_at"])
class Charge(OfPlan):
    """What a customer was charged for a service in a year, without VAT. The change is computed, never entered."""

    customer = of_customer("charges")
    service = LineField(_("service"), max_length=120)
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    amount = models.DecimalField(
        _("charges"), max_digits=14, decimal_places=2, validators=[MinValueValidator(-MOST), MaxValueValidator(MOST)],
        help_text=_("Euros in the whole year, without VAT; credits are negative."),
    )  # fmt: skip
    source = LineField(_("source"), max_length=120, blank=True)

    objects = OfCustomers["Charge"].as_manager()

    class Meta:
        verbose_name = _("charge")
        verbose_name_plural = _("charges")
        default_permissions = ()
        ordering = ("-year", "service", "id")
        constraints = (
            models.UniqueConstraint(
                "customer", "year", Lower("service"), name="charge_once",
                violation_error_message=_("The customer has a sum of this service and year already."),
            ),
        )  # fmt: skip
        indexes = (
            models.Index(models.F("year").desc(), models.F("id").desc(), name="charge_by_year"),
            models.Index(Upper("service"), "id", name="charge_by_service"),
        )

    def __str__(self) -> str:
        return f"{self.service} {self.year}"
