from django.urls import path

from offers.views import acceptance, customer_tab, order_steps, order_writing, orders

ORDER = "orders/<int:pk>/"

urlpatterns = [
    path("offers/<int:pk>/accept/", acceptance.AcceptView.as_view(), name="accept"),
    path("customers/<int:pk>/offers/", customer_tab.CustomerOffersView.as_view(), name="customer_tab"),
    path("orders/", orders.OrderListView.as_view(), name="orders"),
    path("orders/new/", order_writing.OrderCreateView.as_view(), name="order_create"),
    path(ORDER, orders.OverviewView.as_view(), name="order"),
    path(f"{ORDER}documents/", orders.DocumentsView.as_view(), name="order_documents"),
    path(f"{ORDER}documents/add/", order_writing.OrderDocumentAddView.as_view(), name="order_documents_add"),
    path(
        f"{ORDER}documents/<int:document>/remove/",
        order_writing.OrderDocumentRemoveView.as_view(),
        name="order_documents_remove",
    ),
    path(f"{ORDER}history/", orders.HistoryView.as_view(), name="order_history"),
    path(f"{ORDER}edit/", order_writing.OrderChangeView.as_view(), name="order_edit"),
    path(f"{ORDER}status/", order_steps.OrderStatusView.as_view(), name="order_status"),
    path(f"{ORDER}cancel/", order_steps.OrderCancelView.as_view(), name="order_cancel"),
    path(f"{ORDER}wait/", order_steps.OrderWaitView.as_view(), name="order_wait"),
    path(f"{ORDER}deliver/", order_steps.DeliverView.as_view(), name="order_deliver"),
    path(f"{ORDER}deliver-all/", order_steps.DeliverAllView.as_view(), name="order_deliver_all"),
    path(
        f"{ORDER}deliveries/<int:delivery>/remove/",
        order_steps.DeliveryRemoveView.as_view(),
        name="order_delivery_remove",
    ),
]
