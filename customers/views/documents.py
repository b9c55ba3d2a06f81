"""Documents are attached by those who may, to customers that are in use."""

from __future__ import annotations

from django.urls import reverse

from crm.document_views import DocumentAddView, DocumentRemoveView
from customers.models import Customer


def documents_tab(customer: Customer) -> str:
    return reverse("customers:documents", args=[customer.pk])


class CustomerDocumentAddView(DocumentAddView):
    model = Customer
    permission_required = "customers.attach_to_customer"

    def get_success_url(self) -> str:
        return documents_tab(self.object)

    get_cancel_url = get_success_url


class CustomerDocumentRemoveView(DocumentRemoveView):
    model = Customer
    permission_required = "customers.attach_to_customer"

    def get_success_url(self) -> str:
        return documents_tab(self.object)
