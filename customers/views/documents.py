"""Documents of customers."""

from __future__ import annotations

from core.document_views import DocumentAddView, DocumentRemoveView, DocumentsOf
from customers.models import Customer


class CustomerDocuments(DocumentsOf):
    model = Customer
    permission_required = "customers.attach_to_customer"
    tab_url = "customers:documents"


class CustomerDocumentAddView(CustomerDocuments, DocumentAddView):
    pass


class CustomerDocumentRemoveView(CustomerDocuments, DocumentRemoveView):
    pass
