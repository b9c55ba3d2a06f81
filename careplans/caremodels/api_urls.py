from rest_framework.routers import SimpleRouter

from careplans.caremodels.api import CareActionViewSet, CareModelViewSet, CareVersionViewSet

router = SimpleRouter()
router.register("care-models", CareModelViewSet, basename="api-care-model")
router.register("care-model-versions", CareVersionViewSet, basename="api-care-model-version")
router.register("care-actions", CareActionViewSet, basename="api-care-action")

urlpatterns = router.urls
