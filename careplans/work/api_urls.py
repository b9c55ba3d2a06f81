from rest_framework.routers import SimpleRouter

from careplans.work.api import AbsenceViewSet

router = SimpleRouter()
router.register("absences", AbsenceViewSet, basename="api-absence")

urlpatterns = router.urls
