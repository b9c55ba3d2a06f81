from rest_framework.routers import SimpleRouter

from careplans.content.api import ChargeViewSet, NeedViewSet, PlanVersionViewSet
from careplans.content.link_api import EditionLinkViewSet

router = SimpleRouter()
router.register("needs", NeedViewSet, basename="api-need")
router.register("charges", ChargeViewSet, basename="api-charge")
router.register("care-plan-versions", PlanVersionViewSet, basename="api-care-plan-version")
router.register("care-plan-links", EditionLinkViewSet, basename="api-care-plan-link")

urlpatterns = router.urls
