from django.urls import URLPattern, path

from offers.orders.views import actions, invoicing, money, orders, start

BATCH = "invoicing/batches/<int:pk>/"

ORDER = "orders/<int:pk>/"

app_name = "orders"
urlpatterns: list[URLPattern] = [
    path("customers/<int:pk>/money/", money.MoneyPanel.as_view(), name="customer_money"),
    path("start/invoicing/", start.ToInvoicePanel.as_view(), name="start_to_invoice"),
    path("invoicing/", invoicing.InvoicingView.as_view(), name="invoicing"),
    path("invoicing/hand-over/", invoicing.HandOverView.as_view(), name="hand_over"),
    path("invoicing/batches/", invoicing.BatchListView.as_view(), name="batches"),
    path(BATCH, invoicing.BatchView.as_view(), name="batch"),
    path(f"{BATCH}csv/", invoicing.BatchCsvView.as_view(), name="batch_csv"),
    path(f"{BATCH}finvoice/", invoicing.BatchFinvoiceView.as_view(), name="batch_finvoice"),
    path(f"{BATCH}invoices/<int:invoice>/finvoice/", invoicing.InvoiceFinvoiceView.as_view(), name="invoice_finvoice"),
    path(f"{BATCH}take-back/", invoicing.BatchTakeBackView.as_view(), name="batch_take_back"),
    path("customers/<int:pk>/billing/", invoicing.BillingView.as_view(), name="billing"),
    path("offers/<int:pk>/accept/", actions.AcceptView.as_view(), name="accept"),
    path("customers/<int:pk>/offers/", orders.CustomerOffersView.as_view(), name="customer_tab"),
    path("orders/", orders.OrderListView.as_view(), name="list"),
    path("orders/new/", orders.OrderCreateView.as_view(), name="create"),
    path(ORDER, orders.OverviewView.as_view(), name="detail"),
    path(f"{ORDER}documents/", orders.DocumentsView.as_view(), name="documents"),
    path(f"{ORDER}documents/add/", orders.OrderDocumentAddView.as_view(), name="documents_add"),
    path(
        f"{ORDER}documents/<int:document>/remove/",
        orders.OrderDocumentRemoveView.as_view(),
        name="documents_remove",
    ),
    path(f"{ORDER}history/", orders.HistoryView.as_view(), name="history"),
    path(f"{ORDER}edit/", orders.OrderChangeView.as_view(), name="edit"),
    path(f"{ORDER}status/", actions.OrderStatusView.as_view(), name="status"),
    path(f"{ORDER}step/undo/", actions.OrderStepUndoView.as_view(), name="step_undo"),
    path(f"{ORDER}cancel/", actions.OrderCancelView.as_view(), name="cancel"),
    path(f"{ORDER}wait/", actions.OrderWaitView.as_view(), name="wait"),
    path(f"{ORDER}deliver/", actions.DeliverView.as_view(), name="deliver"),
    path(f"{ORDER}deliver-all/", actions.DeliverAllView.as_view(), name="deliver_all"),
    path(
        f"{ORDER}deliveries/<int:delivery>/remove/",
        actions.DeliveryRemoveView.as_view(),
        name="delivery_remove",
    ),
]
