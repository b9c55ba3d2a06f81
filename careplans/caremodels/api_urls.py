from rest_framework.routers import SimpleRouter

from careplans.caremodels.api import CareActionViewSet, CareModelViewSet
from careplans.caremodels.register_api import StatutoryTaskViewSet, TermViewSet
from careplans.caremodels.version_api import CareVersionViewSet

router = SimpleRouter()
router.register("care-models", CareModelViewSet, basename="api-care-model")
router.register("care-model-versions", CareVersionViewSet, basename="api-care-model-version")
router.register("care-actions", CareActionViewSet, basename="api-care-action")
router.register("statutory-tasks", StatutoryTaskViewSet, basename="api-statutory-task")
router.register("terms", TermViewSet, basename="api-term")

urlpatterns = router.urls
