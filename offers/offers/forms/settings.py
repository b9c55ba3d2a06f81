"""Forms of the offer settings: types and the seller's details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum import bic, iban
from stdnum.eu import vat
from stdnum.exceptions import ValidationError as StdnumError

from core.choice_lists import ChoiceForm
from core.forms import DecimalField, IntegerField, VersionedFormMixin
from offers.offers.models import OfferType, SellerDetails
from offers.offers.validators import LOGO_MEDIA_TYPES
from offers.products.money import MAX_NET


def _euros(label: Any) -> DecimalField:
    return DecimalField(
        label=label, required=False, min_value=0, max_value=MAX_NET, max_digits=14, decimal_places=2,
        help_text=gettext_lazy("Euros without VAT. Leave empty for never."),
    )  # fmt: skip


def _days(label: Any) -> IntegerField:
    return IntegerField(label=label, min_value=1, max_value=730)


def _percent(label: Any) -> IntegerField:
    return IntegerField(label=label, min_value=0, max_value=100)


class OfferTypeForm(ChoiceForm):
    """An offer type: its texts, required information, approvals and time limits."""

    valid_days = _days(gettext_lazy("Validity, days"))
    open_days = _days(gettext_lazy("Preparation time, days"))
    sent_days = _days(gettext_lazy("Decision time, days"))
    open_probability = _percent(gettext_lazy("Probability in preparation, %"))
    sent_probability = _percent(gettext_lazy("Probability when sent, %"))
    content_limit = _euros(gettext_lazy("Content approval from"))
    price_limit = _euros(gettext_lazy("Price approval from"))
    signature_limit = _euros(gettext_lazy("Signature from"))
    discount_limit = DecimalField(
        label=gettext_lazy("Price approval when a discount exceeds"), required=False, min_value=0, max_value=100,
        max_digits=5, decimal_places=2, help_text=gettext_lazy("Per cent. Leave empty for never."),
    )  # fmt: skip

    fieldsets = (
        ("", ("name_fi", "name_en", "code", "order")),
        (gettext_lazy("Required information"), ("is_funder_form", "needs_contact", "needs_expected_close")),
        (
            gettext_lazy("Approval before sending"),
            ("content_limit", "price_limit", "discount_limit", "signature_limit"),
        ),
        (
            gettext_lazy("Times and probabilities"),
            ("valid_days", "open_days", "sent_days", "open_probability", "sent_probability"),
        ),
        (gettext_lazy("Texts"), ("intro_fi", "intro_en", "terms_fi", "terms_en")),
    )

    class Meta(ChoiceForm.Meta):
        model = OfferType
        fields = (
            *ChoiceForm.Meta.fields, "is_funder_form", "needs_contact", "needs_expected_close", "content_limit",
            "price_limit", "discount_limit", "signature_limit", "valid_days", "open_days", "sent_days",
            "open_probability", "sent_probability", "intro_fi", "intro_en", "terms_fi", "terms_en",
        )  # fmt: skip
        widgets = {name: forms.Textarea({"rows": 5}) for name in ("intro_fi", "intro_en", "terms_fi", "terms_en")}


def _checked(value: str, validate: Callable[[str], str], message: Any) -> str:
    """Return a number in its plain form. Raise ``ValidationError`` with ``message`` when it is not valid."""
    if not value:
        return ""
    try:
        return str(validate(value))
    except (StdnumError, ValueError) as error:
        raise ValidationError(message % {"value": value}) from error


class SellerForm(VersionedFormMixin):
    """The seller's details on offers and invoices. Account and tax numbers are checked where possible."""

    website = forms.URLField(label=gettext_lazy("Website"), max_length=300, required=False, assume_scheme="https")
    payment_days = IntegerField(label=gettext_lazy("Payment term, days"), min_value=0, max_value=365)
    overdue_percent = DecimalField(
        label=gettext_lazy("Interest on late payment, %"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        allow_empty_file=True,  # refused by check_logo, in one place
        max_length=255,
        widget=forms.FileInput({"accept": ",".join(LOGO_MEDIA_TYPES.values())}),
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 1 MB. Shown at the top of offers."),
    )

    fieldsets: Any = (
        ("", ("name", "business_id", "vat_number", "logo")),
        (
            gettext_lazy("Contact details"),
            ("street", "postal_code", "city", "phone", "email", "website"),
        ),
        (
            gettext_lazy("Invoicing"),
            ("iban", "bic", "einvoice_address", "einvoice_operator", "payment_days", "overdue_percent"),
        ),
        (gettext_lazy("Offer footer"), ("footer_fi", "footer_en")),
    )

    class Meta:
        model = SellerDetails
        fields = (
            "name", "business_id", "vat_number", "street", "postal_code", "city", "phone", "email", "website", "iban",
            "bic", "einvoice_address", "einvoice_operator", "payment_days", "overdue_percent", "footer_fi", "footer_en",
        )  # fmt: skip
        widgets = {name: forms.Textarea({"rows": 2}) for name in ("footer_fi", "footer_en")}

    def clean_vat_number(self) -> str:
        message = _("“%(value)s” is not a VAT number. The Finnish form is FI12345671.")
        return _checked(self.cleaned_data["vat_number"], vat.validate, message)

    def clean_iban(self) -> str:
        message = _("“%(value)s” is not an IBAN: its length or check digits are wrong.")
        return _checked(self.cleaned_data["iban"], iban.validate, message)

    def clean_bic(self) -> str:
        message = _("“%(value)s” is not a BIC. Its form is NDEAFIHH: 8 or 11 letters and digits.")
        return _checked(self.cleaned_data["bic"], bic.validate, message)
