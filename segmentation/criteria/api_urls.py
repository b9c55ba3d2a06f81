from rest_framework.routers import SimpleRouter

from segmentation.criteria.api import CriteriaViewSet, SuggestionViewSet

router = SimpleRouter()
router.register("criteria", CriteriaViewSet, basename="api-criteria")
router.register("suggestions", SuggestionViewSet, basename="api-suggestion")

urlpatterns = router.urls
