"""Data kept by administrators: offer types, lost reasons, number series, the seller's details."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from core.fields import AddressField, LineField
from core.models import Choice, VersionedModel
from core.tracking import tracked
from customers.validators import BusinessIdField
from offers.offers.enums import OfferStatus, SeriesKind
from offers.products.money import PERCENT, MoneyField


@tracked()
class OfferType(Choice):
    """A kind of offer: its texts, required information, approvers, and time limits at each stage."""

    is_funder_form = models.BooleanField(
        _("on the funder's own form"),
        default=False,
        help_text=_("The offer then has data, attachments and a status here, but no lines."),
    )
    needs_contact = models.BooleanField(_("needs a contact"), default=True)
    needs_expected_close = models.BooleanField(_("needs an expected close date"), default=True)
    intro_fi = models.TextField(_("opening text in Finnish"), max_length=4_000, blank=True)
    intro_en = models.TextField(_("opening text in English"), max_length=4_000, blank=True)
    terms_fi = models.TextField(_("terms in Finnish"), max_length=4_000, blank=True)
    terms_en = models.TextField(_("terms in English"), max_length=4_000, blank=True)
    valid_days = models.PositiveSmallIntegerField(
        _("validity, days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(730)]
    )
    open_probability = models.PositiveSmallIntegerField(_("probability in preparation"), default=30, validators=PERCENT)
    sent_probability = models.PositiveSmallIntegerField(_("probability when sent"), default=50, validators=PERCENT)
    open_days = models.PositiveSmallIntegerField(_("preparation time, days"), default=14)
    sent_days = models.PositiveSmallIntegerField(_("decision time, days"), default=30)
    content_limit = MoneyField(
        _("content approval from"), null=True, blank=True, help_text=_("Euros without VAT. Leave empty for never.")
    )
    price_limit = MoneyField(
        _("price approval from"), null=True, blank=True, help_text=_("Euros without VAT. Leave empty for never.")
    )
    discount_limit = models.DecimalField(
        _("price approval when a discount exceeds"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=PERCENT,
        help_text=_("Per cent. Leave empty for never."),
    )
    signature_limit = MoneyField(
        _("signature from"), null=True, blank=True, help_text=_("Euros without VAT. Leave empty for never.")
    )

    class Meta:
        verbose_name = _("offer type")
        verbose_name_plural = _("offer types")
        default_permissions = ()
        ordering = ("order", "id")
        permissions = (("manage_offer_settings", gettext_noop("May change offer types, VAT rates and seller details")),)
        constraints = (models.UniqueConstraint("code", name="offer_type_code_unique"),)

    def get_absolute_url(self) -> str:
        return reverse("offers:settings")

    def intro_in(self, language: str) -> str:
        return (self.intro_en if language == "en" else "") or self.intro_fi

    def terms_in(self, language: str) -> str:
        return (self.terms_en if language == "en" else "") or self.terms_fi

    def probability(self, status: str) -> int:
        """Return the default probability of an offer in ``status``, in per cent."""
        decided = {OfferStatus.ORDER: 100, OfferStatus.LOST: 0, OfferStatus.SENT: self.sent_probability}
        return decided.get(OfferStatus(status), self.open_probability)

    def days_at(self, status: str) -> int | None:
        """Return how many days an offer may be in ``status``; None where there is no limit."""
        return {OfferStatus.OPEN: self.open_days, OfferStatus.SENT: self.sent_days}.get(OfferStatus(status))


@tracked()
class LostReason(Choice):
    """A reason why an offer was lost."""

    class Meta:
        verbose_name = _("lost reason")
        verbose_name_plural = _("lost reasons")
        default_permissions = ()
        ordering = ("order", "id")
        constraints = (models.UniqueConstraint("code", name="lost_reason_code_unique"),)

    def get_absolute_url(self) -> str:
        return reverse("offers:settings")


class NumberSeries(models.Model):
    """The last number used in a year. The row is locked while the next one is taken: no gaps, no duplicates."""

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
    """The seller on offers and invoices: our own organisation. There is one row."""

    name = LineField(_("our name"), max_length=200, blank=True)
    business_id = BusinessIdField(_("business ID"))
    vat_number = LineField(_("VAT number"), max_length=20, blank=True)
    street = LineField(_("street address"), max_length=200, blank=True)
    postal_code = LineField(_("postal code"), max_length=12, blank=True)
    city = LineField(_("city"), max_length=80, blank=True)
    phone = LineField(_("phone"), max_length=40, blank=True)
    email = AddressField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    iban = LineField(_("IBAN"), max_length=42, blank=True)
    bic = LineField(_("BIC"), max_length=11, blank=True)
    einvoice_address = LineField(_("e-invoice address"), max_length=60, blank=True)
    einvoice_operator = LineField(_("e-invoice operator"), max_length=60, blank=True)
    payment_days = models.PositiveSmallIntegerField(_("payment term, days"), default=14)
    overdue_percent = models.DecimalField(
        _("interest on late payment, %"), max_digits=5, decimal_places=2, default=0, validators=PERCENT
    )
    logo = models.FileField(_("logo"), upload_to="seller/", blank=True, editable=False)
    footer_fi = models.CharField(_("offer footer in Finnish"), max_length=500, blank=True)
    footer_en = models.CharField(_("offer footer in English"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("our organisation")
        default_permissions = ()
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="seller_details_one"),)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("offers:settings")

    @property
    def footer(self) -> str:
        return (self.footer_en if get_language() == "en" else "") or self.footer_fi
