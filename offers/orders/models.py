"""Orders (tilaus), deliveries, billing details and invoice batches."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop, pgettext_lazy

from core import clock
from core.addresses import row_url
from core.fields import AddressField, Fold, LineField
from core.models import StatusChange, VersionedModel
from core.tracking import tracked
from offers.offers.models import Offer, OfferType, OfferVersion
from offers.orders.enums import OrderStatus, VatCode
from offers.orders.querysets import InvoiceBatchQuerySet, OrderLineQuerySet, OrderQuerySet
from offers.products.models import Line
from offers.products.money import MoneyField, Totals, VatSum, totals


@tracked(exclude=["title_folded"])
class Order(VersionedModel):
    """An order of a customer, made from an offer (one offer makes one order, rule 4) or added directly."""

    number = models.CharField(_("number"), max_length=20, unique=True, editable=False)
    offer = models.OneToOneField(
        Offer, models.PROTECT, null=True, editable=False, related_name="order", verbose_name=_("offer")
    )
    offer_version = models.ForeignKey(OfferVersion, models.PROTECT, null=True, editable=False, related_name="orders")
    type = models.ForeignKey(OfferType, models.PROTECT, related_name="orders", verbose_name=_("type"))
    title = LineField(pgettext_lazy("order", "title"), max_length=200)
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
    status_since = models.DateTimeField(_("in this status since"), default=clock.now, editable=False)
    date = models.DateField(_("ordered"), default=clock.today)
    delivery_start = models.DateField(_("delivery starts"), null=True, blank=True)
    delivery_end = models.DateField(_("delivery ends"), null=True, blank=True)
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)
    place = LineField(_("place"), max_length=200, blank=True)
    trainer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="orders_to_deliver",
        verbose_name=_("responsible for the delivery"),
    )
    buyer_reference = LineField(
        _("customer's reference"), max_length=35, blank=True, help_text=_("Printed on the invoice.")
    )
    estimate = MoneyField(
        _("value"),
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Euros without VAT, while there are no lines."),
    )
    notes = models.TextField(_("notes"), max_length=4_000, blank=True)
    net = MoneyField(_("amount without VAT"), default=0, editable=False)
    vat = MoneyField(_("VAT"), default=0, editable=False)
    cancel_reason = models.CharField(_("reason for cancellation"), max_length=1_000, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("by")
    )
    is_demo = models.BooleanField(default=False, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("noun", "order")
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
        return row_url("orders:detail", self.pk)

    @property
    def gross(self) -> object:
        return self.net + self.vat


@tracked()
class OrderLine(Line):
    """A line of an order. Services update the quantities ``delivered`` and ``invoiced``."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", verbose_name=pgettext_lazy("noun", "order"))
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
                violation_error_message=_(
                    "No more can be delivered than was ordered, nor invoiced than was delivered."
                ),
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
    order = models.ForeignKey(
        Order, models.CASCADE, related_name="status_changes", verbose_name=pgettext_lazy("noun", "order")
    )
    from_status = models.CharField(_("from"), max_length=12, choices=OrderStatus, blank=True)
    to_status = models.CharField(_("to"), max_length=12, choices=OrderStatus)


@tracked()
class Delivery(models.Model):
    """A quantity of a line that was delivered on a day."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="deliveries", verbose_name=_("line"))
    day = models.DateField(_("day"), default=clock.today)
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


@tracked()
class BillingDetails(VersionedModel):
    """The invoice address of a customer; without an e-invoice address invoices are sent by e-mail or on paper."""

    customer = models.OneToOneField(
        "customers.Customer", models.CASCADE, primary_key=True, related_name="billing", verbose_name=_("customer")
    )
    einvoice_address = LineField(_("e-invoice address"), max_length=60, blank=True)
    einvoice_operator = LineField(_("e-invoice operator"), max_length=60, blank=True)
    email = AddressField(_("e-mail for invoices"), blank=True)
    reference = LineField(_("standing reference"), max_length=35, blank=True)

    class Meta:
        verbose_name = _("billing details")
        default_permissions = ()

    def __str__(self) -> str:
        return self.einvoice_address or self.email


class InvoiceBatch(models.Model):
    """Invoices handed over together. The files are made from the batch's own rows only, so every download is the same.

    The batch can be taken back until a file is downloaded. It is kept with its numbers, which are not reused.
    """

    number = LineField(_("number"), max_length=20, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("made"), default=clock.now)
    day = models.DateField(_("invoice date"))
    seller = models.JSONField(default=dict)  # a snapshot of our own details
    count = models.PositiveIntegerField(_("invoices"), default=0)
    net = MoneyField(_("amount without VAT"), default=0)
    vat = MoneyField(_("VAT"), default=0)
    fetched_at = models.DateTimeField(_("downloaded"), null=True)
    taken_back_at = models.DateTimeField(_("taken back"), null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("taken back by")
    )
    taken_back_reason = models.CharField(_("reason for taking back"), max_length=1_000, blank=True)

    objects = InvoiceBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("invoice batch")
        verbose_name_plural = _("invoice batches")
        default_permissions = ()
        indexes = (models.Index(fields=["-created_at", "-id"], name="invoice_batch_age"),)

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return row_url("orders:batch", self.pk)

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat

    @property
    def state(self) -> object:
        """Whether the batch has been downloaded or taken back, as text."""
        if self.taken_back_at:
            return _("taken back")
        return pgettext_lazy("batch", "downloaded") if self.fetched_at else pgettext_lazy("batch", "not downloaded yet")


class Invoice(models.Model):
    """The invoice of one order in a batch; ``buyer`` is a snapshot of the customer's data."""

    number = LineField(_("number"), max_length=20, unique=True)
    batch = models.ForeignKey(InvoiceBatch, models.PROTECT, related_name="invoices", verbose_name=_("batch"))
    order = models.ForeignKey(
        Order, models.PROTECT, related_name="invoices", verbose_name=pgettext_lazy("noun", "order")
    )
    buyer = models.JSONField(default=dict)
    due = models.DateField(_("due"))
    reference = LineField(_("reference number"), max_length=25, blank=True)
    net = MoneyField(_("amount without VAT"), default=0)
    vat = MoneyField(_("VAT"), default=0)
    vat_rates = models.JSONField(default=list)  # rate, net and VAT; empty in invoices of earlier releases

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        default_permissions = ()
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["batch", "order"], name="invoice_once_in_batch"),)

    def __str__(self) -> str:
        return self.number

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat

    @property
    def totals(self) -> Totals:
        """Return the sums by VAT rate as they were invoiced (read the invoices with their lines)."""
        if not self.vat_rates:
            return totals((line.net, line.vat_rate) for line in self.lines.all())
        rates = [VatSum(*(Decimal(row[name]) for name in ("rate", "net", "vat"))) for row in self.vat_rates]
        return Totals(self.net, self.vat, rates)


class InvoiceLine(models.Model):
    """An invoiced quantity of an order line, with a snapshot of its name, price and VAT."""

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines", verbose_name=_("invoice"))
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="invoice_lines", verbose_name=_("line"))
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=200)
    unit = models.CharField(max_length=60, blank=True)
    quantity = models.DecimalField(max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal("0.01"))])
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)
    discount = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    vat_rate = models.DecimalField(max_digits=5, decimal_places=2)
    net = MoneyField()
    vat_code = models.CharField(max_length=2, choices=VatCode, blank=True)  # empty in invoices of earlier releases

    class Meta:
        verbose_name = _("invoice line")
        default_permissions = ()
        ordering = ("position", "id")
        constraints = (models.CheckConstraint(condition=models.Q(quantity__gt=0), name="invoice_line_quantity"),)

    def __str__(self) -> str:
        return self.name

    @property
    def vat_category(self) -> VatCode:
        return VatCode(self.vat_code) if self.vat_code else VatCode.STANDARD if self.vat_rate else VatCode.EXEMPT
