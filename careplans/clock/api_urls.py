from rest_framework.routers import SimpleRouter

from careplans.clock.api import AnnualClockViewSet, InternalActionViewSet, InternalOccurrenceViewSet

router = SimpleRouter()
router.register("annual-clock", AnnualClockViewSet, basename="api-annual-clock")
router.register("internal-events", InternalActionViewSet, basename="api-internal-event")
router.register("internal-occurrences", InternalOccurrenceViewSet, basename="api-internal-occurrence")

urlpatterns = router.urls
