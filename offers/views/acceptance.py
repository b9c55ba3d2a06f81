"""Accepting an offer on behalf of the customer, on the offer's page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from offers.forms.acceptance import AcceptForm
from offers.models import Order
from offers.services.acceptance import offer_accept
from offers.views.deciding import OfferStepView


class AcceptView(OfferStepView):
    """The customer has accepted by phone, by e-mail, on paper: an order is made of the offer."""

    form_class = AcceptForm
    title = gettext_lazy("The customer accepted")
    submit_label = gettext_lazy("Make the order")
    success_message = gettext_lazy("The offer was accepted: this is its order.")

    def perform(self, form: AcceptForm) -> Order:
        return offer_accept(offer=self.object, user=self.user, **form.cleaned_data)
