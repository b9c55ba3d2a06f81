"""Documents of offers."""

from __future__ import annotations

from django.urls import reverse

from crm.document_views import DocumentAddView, DocumentRemoveView
from offers.models import Offer


def documents_tab(offer: Offer) -> str:
    return reverse("offers:documents", args=[offer.pk])


class OfferDocumentAddView(DocumentAddView):
    model = Offer
    permission_required = "offers.attach_to_offer"

    def get_success_url(self) -> str:
        return documents_tab(self.object)

    get_cancel_url = get_success_url


class OfferDocumentRemoveView(DocumentRemoveView):
    model = Offer
    permission_required = "offers.attach_to_offer"

    def get_success_url(self) -> str:
        return documents_tab(self.object)
