from rest_framework.routers import SimpleRouter

from segmentation.casework.api import InquiryViewSet, OverrideViewSet, ReviewLineViewSet, ReviewViewSet, WorkViewSet

router = SimpleRouter()
router.register("segmentation-work", WorkViewSet, basename="api-segmentation-work")
router.register("segment-overrides", OverrideViewSet, basename="api-segment-override")
router.register("segment-reviews", ReviewViewSet, basename="api-segment-review")
router.register("segment-review-lines", ReviewLineViewSet, basename="api-segment-review-line")
router.register("segment-inquiries", InquiryViewSet, basename="api-segment-inquiry")

urlpatterns = router.urls
