"""What a line of an offer and of an order have in common."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from offers.enums import LineKind
from offers.money import MOST_QUANTITY, MOST_UNIT_PRICE


class Line(models.Model):
    """A product, a tailored item or a heading. The database computes ``net`` as ``offers.money.line_net`` does."""

    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=LineKind, default=LineKind.FREE)
    product = models.ForeignKey(
        "offers.Product", models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name=_("product")
    )
    name = models.CharField(pgettext_lazy("line", "name"), max_length=200)
    details = models.TextField(_("description"), max_length=4_000, blank=True)
    quantity = models.DecimalField(
        _("quantity"),
        max_digits=10,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(MOST_QUANTITY)],
    )
    unit = models.ForeignKey(
        "offers.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    unit_price = models.DecimalField(
        _("unit price"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(MOST_UNIT_PRICE)],
        help_text=_("Euros without VAT."),
    )
    discount = models.DecimalField(
        _("discount %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    vat_rate = models.DecimalField(
        _("VAT %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    net = models.GeneratedField(
        expression=Round(F("quantity") * F("unit_price") * (Decimal(100) - F("discount")) / Decimal(100), precision=2),
        output_field=models.DecimalField(_("sum"), max_digits=16, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        abstract = True
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(quantity__gt=0, quantity__lte=MOST_QUANTITY), name="%(class)s_quantity"
            ),
            models.CheckConstraint(
                condition=models.Q(unit_price__gte=0, unit_price__lte=MOST_UNIT_PRICE), name="%(class)s_price"
            ),
            models.CheckConstraint(condition=models.Q(discount__gte=0, discount__lte=100), name="%(class)s_discount"),
            models.CheckConstraint(condition=models.Q(vat_rate__gte=0, vat_rate__lte=100), name="%(class)s_vat"),
            models.CheckConstraint(
                condition=~models.Q(kind=LineKind.HEADING) | models.Q(unit_price=0, product__isnull=True),
                name="%(class)s_heading_costs_nothing",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_heading(self) -> bool:
        return self.kind == LineKind.HEADING
