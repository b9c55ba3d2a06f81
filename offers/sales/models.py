"""The targets of account managers and teams. Actuals are computed from the data (domain.md §1)."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core.tracking import tracked
from offers.products.money import MoneyField
from offers.sales.enums import TargetKind


@tracked()
class SalesTarget(models.Model):
    """The target of a person or a team for a year (``quarter`` 0) or one of its quarters."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sales_targets",
        verbose_name=_("person"),
    )
    team = models.ForeignKey(
        "accounts.Team", models.CASCADE, null=True, blank=True, related_name="sales_targets", verbose_name=_("team")
    )
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    quarter = models.PositiveSmallIntegerField(_("quarter"), default=0, validators=[MaxValueValidator(4)])
    kind = models.CharField(_("target"), max_length=20, choices=TargetKind)
    amount = MoneyField(_("amount"), validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        default_permissions = ()
        permissions = (("set_targets", gettext_noop("May set all targets")),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False),
                name="sales_target_of_one",
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="sales_target_amount"),
            models.CheckConstraint(condition=models.Q(quarter__lte=4), name="sales_target_quarter"),
            models.UniqueConstraint(
                fields=["user", "year", "quarter", "kind"],
                condition=models.Q(user__isnull=False),
                name="sales_target_of_user",
            ),
            models.UniqueConstraint(
                fields=["team", "year", "quarter", "kind"],
                condition=models.Q(team__isnull=False),
                name="sales_target_of_team",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user or self.team} {self.year} {self.get_kind_display()}"
