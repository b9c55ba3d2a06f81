from django.urls import path

from offers.views import batches, invoicing

BATCH = "invoicing/batches/<int:pk>/"

urlpatterns = [
    path("invoicing/", invoicing.InvoicingView.as_view(), name="invoicing"),
    path("invoicing/hand-over/", invoicing.HandOverView.as_view(), name="hand_over"),
    path("invoicing/batches/", batches.BatchListView.as_view(), name="invoice_batches"),
    path(BATCH, batches.BatchView.as_view(), name="invoice_batch"),
    path(f"{BATCH}csv/", batches.BatchCsvView.as_view(), name="batch_csv"),
    path(f"{BATCH}finvoice/", batches.BatchFinvoiceView.as_view(), name="batch_finvoice"),
    path(f"{BATCH}invoices/<int:invoice>/finvoice/", batches.InvoiceFinvoiceView.as_view(), name="invoice_finvoice"),
    path(f"{BATCH}take-back/", batches.BatchTakeBackView.as_view(), name="batch_take_back"),
    path("customers/<int:pk>/billing/", invoicing.BillingView.as_view(), name="billing"),
]
