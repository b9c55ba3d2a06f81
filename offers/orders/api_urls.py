from rest_framework.routers import SimpleRouter

from offers.orders.api.invoicing import BillingViewSet, InvoiceBatchViewSet
from offers.orders.api.orders import OfferAcceptanceViewSet, OrderViewSet

router = SimpleRouter()
router.register("offers", OfferAcceptanceViewSet, basename="api-offer-acceptance")
router.register("invoice-batches", InvoiceBatchViewSet, basename="api-invoice-batch")
router.register("billing-details", BillingViewSet, basename="api-billing")
router.register("orders", OrderViewSet, basename="api-order")

urlpatterns = router.urls
