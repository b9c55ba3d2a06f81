"""The hand-over to invoicing: batches, the invoices in them, and where a customer's invoices go."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.models import VersionedModel
from crm.tracking import tracked
from offers.models.orders import Order, OrderLine
from offers.models.settings import MoneyField
from offers.querysets import InvoiceBatchQuerySet


@tracked()
class BillingDetails(VersionedModel):
    """Where a customer's invoices go; without an e-invoice address they are sent on paper or by e-mail."""

    customer = models.OneToOneField(
        "customers.Customer", models.CASCADE, primary_key=True, related_name="billing", verbose_name=_("customer")
    )
    einvoice_address = models.CharField(_("e-invoice address"), max_length=60, blank=True)
    einvoice_operator = models.CharField(_("e-invoice operator"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail for invoices"), blank=True)
    reference = models.CharField(_("standing reference"), max_length=35, blank=True)

    class Meta:
        verbose_name = _("billing details")
        default_permissions = ()

    def __str__(self) -> str:
        return self.einvoice_address or self.email


class InvoiceBatch(models.Model):
    """What was handed over at once. Its files are made from its own rows alone: again byte for byte the same.

    Until somebody has fetched a file it can be taken back; it stays with its numbers, which are not given again.
    """

    number = models.CharField(_("number"), max_length=20, unique=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    day = models.DateField(_("invoice date"))
    seller = models.JSONField(default=dict)  # our data as it was then
    count = models.PositiveIntegerField(_("invoices"), default=0)
    net = MoneyField(_("sum without VAT"), default=0)
    vat = MoneyField(_("VAT"), default=0)
    fetched_at = models.DateTimeField(_("fetched"), null=True)
    taken_back_at = models.DateTimeField(_("taken back"), null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("taken back by")
    )
    taken_back_reason = models.CharField(_("reason of taking back"), max_length=1_000, blank=True)

    objects = InvoiceBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch of invoices")
        verbose_name_plural = _("batches of invoices")
        default_permissions = ()
        indexes = (models.Index(fields=["-created_at", "-id"], name="invoice_batch_age"),)

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return reverse("offers:invoice_batch", args=[self.pk])

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat

    @property
    def state(self) -> object:
        """Whether its files have left for the accounting, in words."""
        if self.taken_back_at:
            return _("taken back")
        return pgettext_lazy("batch", "fetched") if self.fetched_at else pgettext_lazy("batch", "waits to be fetched")


class Invoice(models.Model):
    """What one order is invoiced in a batch; ``buyer`` is the customer's data as they were then."""

    number = models.CharField(_("number"), max_length=20, unique=True)
    batch = models.ForeignKey(InvoiceBatch, models.PROTECT, related_name="invoices", verbose_name=_("batch"))
    order = models.ForeignKey(Order, models.PROTECT, related_name="invoices", verbose_name=_("order"))
    buyer = models.JSONField(default=dict)
    due = models.DateField(_("due"))
    reference = models.CharField(_("reference number"), max_length=25, blank=True)
    net = MoneyField(_("sum without VAT"), default=0)
    vat = MoneyField(_("VAT"), default=0)

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


class InvoiceLine(models.Model):
    """A quantity of an order's line that is invoiced, with name, price and VAT as they were then."""

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

    class Meta:
        verbose_name = _("line of an invoice")
        default_permissions = ()
        ordering = ("position", "id")
        constraints = (models.CheckConstraint(condition=models.Q(quantity__gt=0), name="invoice_line_quantity"),)

    def __str__(self) -> str:
        return self.name
