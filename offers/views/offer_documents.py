"""Documents of offers."""

from __future__ import annotations

from crm.document_views import DocumentAddView, DocumentRemoveView, DocumentsOf
from offers.models import Offer


class OfferDocuments(DocumentsOf):
    model = Offer
    permission_required = "offers.attach_to_offer"
    tab_url = "offers:documents"


class OfferDocumentAddView(OfferDocuments, DocumentAddView):
    pass


class OfferDocumentRemoveView(OfferDocuments, DocumentRemoveView):
    pass
