from rest_framework.routers import SimpleRouter

from activities.feedback.api import FeedbackViewSet, NpsViewSet

router = SimpleRouter()
router.register("feedback", FeedbackViewSet, basename="api-feedback")
router.register("nps", NpsViewSet, basename="api-nps")

urlpatterns = router.urls
