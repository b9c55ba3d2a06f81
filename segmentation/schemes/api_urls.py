from rest_framework.routers import SimpleRouter

from segmentation.schemes.api import SchemeViewSet, SegmentViewSet

router = SimpleRouter()
router.register("schemes", SchemeViewSet, basename="api-scheme")
router.register("segments", SegmentViewSet, basename="api-segment")

urlpatterns = router.urls
