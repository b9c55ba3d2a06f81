from rest_framework.routers import SimpleRouter

from careplans.content.api import ChargeViewSet, NeedViewSet

router = SimpleRouter()
router.register("needs", NeedViewSet, basename="api-need")
router.register("charges", ChargeViewSet, basename="api-charge")

urlpatterns = router.urls
