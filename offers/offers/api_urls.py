from rest_framework.routers import SimpleRouter

from offers.offers.api.offers import LostReasonViewSet, OfferTypeViewSet, OfferViewSet
from offers.offers.api.sending import OfferLinkViewSet, OfferSendingViewSet, OfferVersionViewSet

router = SimpleRouter()
router.register("offers", OfferViewSet, basename="api-offer")
router.register("offer-types", OfferTypeViewSet, basename="api-offer-type")
router.register("lost-reasons", LostReasonViewSet, basename="api-lost-reason")
router.register("offers", OfferSendingViewSet, basename="api-offer-sending")
router.register("offer-versions", OfferVersionViewSet, basename="api-offer-version")
router.register("offer-links", OfferLinkViewSet, basename="api-offer-link")

urlpatterns = router.urls
