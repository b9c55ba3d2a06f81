"""Orders (tilaus): what was ordered, how much of it has been delivered and invoiced."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from crm.fields import Fold
from crm.models import StatusChange, VersionedModel
from crm.tracking import tracked
from offers.enums import OrderStatus
from offers.models.lines import Line
from offers.models.offers import Offer, OfferVersion
from offers.models.settings import MoneyField, OfferType
from offers.querysets import OrderLineQuerySet, OrderQuerySet


@tracked(exclude=["title_folded"])
class Order(VersionedModel):
    """What a customer has ordered, from an offer (one offer makes one order, rule 4) or directly."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    offer = models.OneToOneField(
        Offer, models.PROTECT, null=True, editable=False, related_name="order", verbose_name=_("offer")
    )
    offer_version = models.ForeignKey(OfferVersion, models.PROTECT, null=True, editable=False, related_name="orders")
    type = models.ForeignKey(OfferType, models.PROTECT, related_name="orders", verbose_name=_("type"))
    title = models.CharField(pgettext_lazy("order", "title"), max_length=200)
    title_folded = models.GeneratedField(
        expression=Fold(models.F("title")), output_field=models.TextField(), db_persist=True
    )
    customer = models.ForeignKey(
        "customers.Customer", models.PROTECT, related_name="orders", verbose_name=_("customer")
    )
    contact = models.ForeignKey(
        "customers.Contact", models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("contact")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders", verbose_name=_("account manager")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=OrderStatus, default=OrderStatus.WAITING, editable=False
    )
    status_since = models.DateTimeField(_("in this status since"), default=timezone.now, editable=False)
    date = models.DateField(_("ordered"), default=timezone.localdate)
    delivery_start = models.DateField(_("delivery begins"), null=True, blank=True)
    delivery_end = models.DateField(_("delivery ends"), null=True, blank=True)
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    trainer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="orders_to_deliver",
        verbose_name=_("responsible for the delivery"),
    )
    buyer_reference = models.CharField(
        _("customer's reference"), max_length=35, blank=True, help_text=_("Stands on the invoice.")
    )
    estimate = MoneyField(
        _("value"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Euros without VAT, while there are no lines."),
    )
    notes = models.TextField(_("notes"), max_length=4_000, blank=True)
    net = MoneyField(_("sum without VAT"), default=0, editable=False)
    vat = MoneyField(_("VAT"), default=0, editable=False)
    cancel_reason = models.CharField(_("reason of cancelling"), max_length=1_000, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("by")
    )
    is_demo = models.BooleanField(default=False, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        default_permissions = ()
        permissions = (
            ("manage_orders", gettext_noop("May change every order and its deliveries")),
            ("invoice_orders", gettext_noop("May hand orders in delivery over to invoicing")),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(delivery_end__isnull=True)
                | models.Q(delivery_start__isnull=True)
                | models.Q(delivery_end__gte=models.F("delivery_start")),
                name="order_delivery_dates",
                violation_error_message=_("The end is before the start."),
            ),
        )
        indexes = (
            models.Index(fields=["-date", "-id"], name="order_date"),
            models.Index(fields=["customer", "-date", "-id"], name="order_of_customer"),
            models.Index(fields=["owner", "-date", "-id"], name="order_of_owner"),
            models.Index(fields=["type", "-date", "-id"], name="order_of_type"),
            models.Index(fields=["status", "-date", "-id"], name="order_of_status"),
            models.Index("net", "id", name="order_net"),
            models.Index("delivery_start", "id", name="order_delivery"),
            models.Index("status_since", "id", condition=models.Q(status="in_delivery"), name="order_in_delivery"),
            GinIndex(OpClass("title_folded", "gin_trgm_ops"), name="order_title_search"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("offers:order", args=[self.pk])

    @property
    def gross(self) -> object:
        return self.net + self.vat


@tracked()
class OrderLine(Line):
    """``delivered`` and ``invoiced`` are quantities, kept by services: never more invoiced than delivered."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=_("order"))
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("content owner"),
    )
    delivered = models.DecimalField(_("delivered"), max_digits=10, decimal_places=2, default=Decimal(0), editable=False)
    invoiced = models.DecimalField(_("invoiced"), max_digits=10, decimal_places=2, default=Decimal(0), editable=False)

    objects = OrderLineQuerySet.as_manager()

    class Meta(Line.Meta):
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        default_permissions = ()
        constraints = (  # type: ignore[assignment]
            *Line.Meta.constraints,
            models.CheckConstraint(
                condition=models.Q(invoiced__gte=0)
                & models.Q(invoiced__lte=models.F("delivered"))
                & models.Q(delivered__lte=models.F("quantity")),
                name="orderline_invoiced_delivered",
                violation_error_message=_("No more can be delivered than was ordered, or invoiced than delivered."),
            ),
        )
        indexes = (
            models.Index("order", "position", name="orderline_of_order"),
            models.Index("product", "order", name="orderline_of_product"),
            models.Index("order", condition=models.Q(delivered__gt=models.F("invoiced")), name="orderline_to_invoice"),
        )

    @property
    def to_deliver(self) -> Decimal:
        return self.quantity - self.delivered

    @property
    def to_invoice(self) -> Decimal:
        return self.delivered - self.invoiced


class OrderStatusChange(StatusChange):
    order = models.ForeignKey(Order, models.CASCADE, related_name="status_changes", verbose_name=_("order"))
    from_status = models.CharField(_("from"), max_length=12, choices=OrderStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=12, choices=OrderStatus)


@tracked()
class Delivery(models.Model):
    """A part of a line that was delivered on a day."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="deliveries", verbose_name=_("line"))
    day = models.DateField(_("day"), default=timezone.localdate)
    quantity = models.DecimalField(
        _("quantity"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))]
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ()
        ordering = ("-day", "-id")
        constraints = (models.CheckConstraint(condition=models.Q(quantity__gt=0), name="delivery_quantity"),)

    def __str__(self) -> str:
        return f"{self.day}: {self.quantity}"
