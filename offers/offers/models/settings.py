"""What administrators keep: types of offers, reasons of losing, number series, who we are as a seller."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from core.models import Choice, VersionedModel
from core.tracking import tracked
from customers.validators import BusinessIdField
from offers.offers.enums import OfferStatus, SeriesKind
from offers.products.money import PERCENT, MoneyField


@tracked()
class OfferType(Choice):
    """A kind of offer: its texts, what it must tell, who approves it, how long it may stand at a stage."""

    is_funder_form = models.BooleanField(
        _("on the funder's own form"),
        default=False,
        help_text=_("Then data, attachments and status are kept here, but no lines."),
    )
    needs_contact = models.BooleanField(_("needs a contact"), default=True)
    needs_expected_close = models.BooleanField(_("needs an expected decision day"), default=True)
    intro_fi = models.TextField(_("opening text in Finnish"), max_length=4_000, blank=True)
    intro_en = models.TextField(_("opening text in English"), max_length=4_000, blank=True)
    terms_fi = models.TextField(_("terms in Finnish"), max_length=4_000, blank=True)
    terms_en = models.TextField(_("terms in English"), max_length=4_000, blank=True)
    valid_days = models.PositiveSmallIntegerField(
        _("valid for days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    open_probability = models.PositiveSmallIntegerField(_("probability when prepared"), default=30, validators=PERCENT)
    sent_probability = models.PositiveSmallIntegerField(_("probability when sent"), default=50, validators=PERCENT)
    open_days = models.PositiveSmallIntegerField(_("days to prepare"), default=14)
    sent_days = models.PositiveSmallIntegerField(_("days to decide"), default=30)
    content_limit = MoneyField(
        _("content is approved from"), null=True, blank=True, help_text=_("Euros without VAT; empty: never.")
    )
    price_limit = MoneyField(
        _("price is approved from"), null=True, blank=True, help_text=_("Euros without VAT; empty: never.")
    )
    discount_limit = models.DecimalField(
        _("price is approved when a discount is over"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=PERCENT,
        help_text=_("Percent; empty: never."),
    )
    signature_limit = MoneyField(
        _("is signed from"), null=True, blank=True, help_text=_("Euros without VAT; empty: never.")
    )

    class Meta:
        verbose_name = _("type of offer")
        verbose_name_plural = _("types of offers")
        default_permissions = ()
        ordering = ("order", "id")
        permissions = (("manage_offer_settings", gettext_noop("May change types of offers, VAT rates and our data")),)
        constraints = (models.UniqueConstraint("code", name="offer_type_code_unique"),)

    def get_absolute_url(self) -> str:
        return reverse("offers:settings")

    def intro_in(self, language: str) -> str:
        return (self.intro_en if language == "en" else "") or self.intro_fi

    def terms_in(self, language: str) -> str:
        return (self.terms_en if language == "en" else "") or self.terms_fi

    def probability(self, status: str) -> int:
        """The probability of an offer in ``status`` that does not say its own, in percent."""
        decided = {OfferStatus.ORDER: 100, OfferStatus.LOST: 0, OfferStatus.SENT: self.sent_probability}
        return decided.get(OfferStatus(status), self.open_probability)

    def days_at(self, status: str) -> int | None:
        """How many days an offer may stand in ``status``; None where it may stay."""
        return {OfferStatus.OPEN: self.open_days, OfferStatus.SENT: self.sent_days}.get(OfferStatus(status))


@tracked()
class LostReason(Choice):
    """Why an offer was lost."""

    class Meta:
        verbose_name = _("reason of losing")
        verbose_name_plural = _("reasons of losing")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="lost_reason_code_unique"),)

    def get_absolute_url(self) -> str:
        return reverse("offers:settings")


class NumberSeries(models.Model):
    """The last number given in a year. The row is locked while the next one is taken: no gaps, no doubles."""

    kind = models.CharField(max_length=2, choices=SeriesKind)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["kind", "year"], name="number_series_once"),)

    def __str__(self) -> str:
        return f"{self.kind}{self.year}: {self.last}"


@tracked()
class SellerDetails(VersionedModel):
    """Who we are on offers and invoices. There is one row."""

    name = models.CharField(_("our name"), max_length=200, blank=True)
    business_id = BusinessIdField(_("business ID"))
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    street = models.CharField(_("street address"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=12, blank=True)
    city = models.CharField(_("post office"), max_length=80, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    iban = models.CharField(_("IBAN"), max_length=42, blank=True)
    bic = models.CharField(_("BIC"), max_length=11, blank=True)
    einvoice_address = models.CharField(_("e-invoice address"), max_length=60, blank=True)
    einvoice_operator = models.CharField(_("e-invoice operator"), max_length=60, blank=True)
    payment_days = models.PositiveSmallIntegerField(_("days to pay"), default=14)
    overdue_percent = models.DecimalField(
        _("interest on late payment, %"), max_digits=5, decimal_places=2, default=0, validators=PERCENT
    )
    logo = models.FileField(_("logo"), upload_to="seller/", blank=True, editable=False)
    footer_fi = models.CharField(_("foot of offers in Finnish"), max_length=500, blank=True)
    footer_en = models.CharField(_("foot of offers in English"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("our data")
        default_permissions = ()
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="seller_details_one"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("offers:settings")

    @property
    def footer(self) -> str:
        return (self.footer_en if get_language() == "en" else "") or self.footer_fi
