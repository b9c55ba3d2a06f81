"""The product register: units, VAT classes, product groups, products; and the common part of lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce, Concat, NullIf, Round, Upper
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from treebeard.mp_tree import MP_Node

from core import fields
from core.addresses import row_url
from core.fields import Fold, LineField
from core.models import Choice, NamedModel, VersionedModel
from core.tracking import tracked
from customers.selections.models import Reference, target
from offers.products.enums import LineKind
from offers.products.money import MAX_QUANTITY, MAX_UNIT_PRICE
from offers.products.querysets import ProductGroupManager, ProductQuerySet


class Line(models.Model):
    """A product, a tailored item or a heading. The database computes ``net`` as ``money.line_net`` does."""

    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=10, choices=LineKind, default=LineKind.FREE)
    product = models.ForeignKey(
        "products.Product", models.PROTECT, null=True, blank=True, related_name="%(class)ss", verbose_name=_("product")
    )
    name = LineField(pgettext_lazy("line", "name"), max_length=200)
    details = models.TextField(_("description"), max_length=4_000, blank=True)
    quantity = models.DecimalField(
        _("quantity"),
        max_digits=10,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(MAX_QUANTITY)],
    )
    unit = models.ForeignKey(
        "products.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("unit")
    )
    unit_price = models.DecimalField(
        _("unit price"),
        max_digits=12,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(MAX_UNIT_PRICE)],
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
                condition=models.Q(quantity__gt=0, quantity__lte=MAX_QUANTITY), name="%(class)s_quantity"
            ),
            models.CheckConstraint(
                condition=models.Q(unit_price__gte=0, unit_price__lte=MAX_UNIT_PRICE), name="%(class)s_price"
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


@tracked()
class Unit(Choice):
    """A unit of quantity: pieces, hours, days, persons."""

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="unit_code_unique"),)

    def get_absolute_url(self) -> str:
        return reverse("offers:settings")


@tracked()
class VatClass(Choice):
    """A kind of VAT, such as the general rate or VAT-free education; its rate changes with the law."""

    is_reverse_charge = models.BooleanField(
        _("reverse charge"),
        default=False,
        help_text=_("The buyer pays the VAT: the rate is 0 %, and invoices say so."),
    )

    class Meta:
        verbose_name = _("VAT class")
        verbose_name_plural = _("VAT classes")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="vat_class_code_unique"),)

    def get_absolute_url(self) -> str:
        return reverse("offers:settings")


@tracked()
class VatRate(models.Model):
    """The rate of a VAT class from a date on."""

    vat_class = models.ForeignKey(VatClass, models.CASCADE, related_name="rates", verbose_name=_("VAT class"))
    valid_from = models.DateField(_("valid from"))
    percent = models.DecimalField(
        _("VAT %"), max_digits=5, decimal_places=2, validators=[MinValueValidator(0), MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("VAT rate")
        verbose_name_plural = _("VAT rates")
        default_permissions = ()
        ordering = ("-valid_from",)
        constraints = (
            models.UniqueConstraint(
                fields=["vat_class", "valid_from"],
                name="vat_rate_once",
                violation_error_message=_("There is already a rate from this date."),
            ),
            models.CheckConstraint(condition=models.Q(percent__gte=0, percent__lte=100), name="vat_rate_percent"),
        )

    def __str__(self) -> str:
        return f"{self.percent} %"


@tracked()
class ProductGroup(NamedModel, MP_Node):
    """A field of education or another group of products, in a tree. A retired one stays on its products."""

    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)

    objects = ProductGroupManager()

    class Meta:
        verbose_name = _("product group")
        verbose_name_plural = _("product groups")
        default_permissions = ()
        constraints = (
            models.UniqueConstraint(
                Upper("code"),
                name="product_group_code_unique",
                violation_error_message=_("Another product group has this code."),
            ),
        )

    def get_absolute_url(self) -> str:
        return f"{reverse('products:groups')}#group-{self.pk}"

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None


@tracked(exclude=["search_text"])
class Product(VersionedModel):
    """A product for sale. One that has been used is retired, never deleted."""

    code = LineField(_("product code"), max_length=60)
    name_fi = LineField(_("name in Finnish"), max_length=200)
    name_en = LineField(_("name in English"), max_length=200, blank=True)
    description_fi = models.TextField(_("description in Finnish"), max_length=4_000, blank=True)
    description_en = models.TextField(_("description in English"), max_length=4_000, blank=True)
    group = models.ForeignKey(
        ProductGroup, models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("product group")
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="products", verbose_name=_("unit"))
    vat_class = models.ForeignKey(VatClass, models.PROTECT, related_name="products", verbose_name=_("VAT class"))
    duration = LineField(_("duration"), max_length=100, blank=True, help_text=_("E.g. 3 days, 40 credits."))
    participants_min = models.PositiveIntegerField(_("minimum participants"), null=True, blank=True)
    participants_max = models.PositiveIntegerField(_("maximum participants"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    sort_key = fields.sort_key("name_fi")
    search_text = models.GeneratedField(
        expression=Fold(Concat("code", models.Value(" "), "name_fi", models.Value(" "), "name_en")),
        output_field=models.TextField(),
        db_persist=True,
    )
    content_owners: models.ManyToManyField[models.Model, ProductOwner] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, through="ProductOwner", related_name="products", verbose_name=_("content owners")
    )

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        default_permissions = ()
        permissions = (("manage_products", gettext_noop("May change the product register")),)
        constraints = (
            models.UniqueConstraint(
                Upper("code"), name="product_code_unique", violation_error_message=_("Another product has this code.")
            ),
            models.CheckConstraint(
                condition=models.Q(participants_min__isnull=True)
                | models.Q(participants_max__isnull=True)
                | models.Q(participants_min__lte=models.F("participants_max")),
                name="product_participants",
                violation_error_message=_("The minimum number of participants is greater than the maximum."),
            ),
        )
        indexes = (
            models.Index("sort_key", "id", name="product_sort"),
            models.Index("code", "id", name="product_code"),
            models.Index("group", "sort_key", "id", name="product_group"),
            GinIndex(OpClass("search_text", "gin_trgm_ops"), name="product_search"),
        )

    @staticmethod
    def text_sql(path: str) -> Any:
        name = models.F(f"{path}name_fi")
        return Coalesce(NullIf(f"{path}name_en", models.Value("")), name) if get_language() == "en" else name

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return row_url("products:detail", self.pk)

    @property
    def name(self) -> str:
        """Return the name in the language of the page, else in Finnish."""
        return self.name_in(get_language() or "fi")

    def name_in(self, language: str) -> str:
        return (self.name_en if language == "en" else "") or self.name_fi

    def description_in(self, language: str) -> str:
        return (self.description_en if language == "en" else "") or self.description_fi

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    def price_on(self, day: dt.date) -> ProductPrice | None:
        """Return the price on ``day`` (read the products with ``with_prices``)."""
        prices = [price for price in self.prices.all() if price.valid_from <= day]
        return max(prices, key=lambda price: price.valid_from, default=None)


@tracked()
class ProductPrice(models.Model):
    """The price of one unit of a product from a date on, in euros without VAT."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="prices", verbose_name=_("product"))
    valid_from = models.DateField(_("valid from"))
    price = models.DecimalField(
        _("price"),
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(MAX_UNIT_PRICE)],
        help_text=_("Euros without VAT."),
    )

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        default_permissions = ()
        ordering = ("-valid_from",)
        constraints = (
            models.UniqueConstraint(
                fields=["product", "valid_from"],
                name="product_price_once",
                violation_error_message=_("There is already a price from this date."),
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="product_price_positive"),
        )

    def __str__(self) -> str:
        return str(self.price)


@tracked()
class ProductOwner(models.Model):
    """A content owner of a product."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="owners", verbose_name=_("product"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="owned_products", verbose_name=_("content owner")
    )

    class Meta:
        verbose_name = _("content owner")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["user", "product"], name="product_owner_once"),)

    def __str__(self) -> str:
        return str(self.user)


class ProductReference(Reference):
    """A product that a condition of a selection names."""

    target = target(Product)


class ProductGroupReference(Reference):
    """A product group that a condition of a selection names."""

    target = target(ProductGroup)


class UnitReference(Reference):
    """A unit that a saved view names."""

    target = target(Unit)


class VatClassReference(Reference):
    """A VAT class that a saved view names."""

    target = target(VatClass)
