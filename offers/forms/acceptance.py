"""The form by which an offer is accepted on behalf of the customer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.forms.offers import OfOfferForm, text_area


class AcceptForm(OfOfferForm):
    """The customer has accepted by phone, by e-mail, on paper."""

    actor = forms.CharField(max_length=200, label=_("Who accepted"), help_text=_("The person's name."))
    comment = text_area(required=False, label=_("How and on what terms"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["actor"].initial = str(self.offer.contact or "")
