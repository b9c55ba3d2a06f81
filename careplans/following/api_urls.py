from rest_framework.routers import SimpleRouter

from careplans.following.api import AdherenceViewSet
from careplans.following.capacity_api import CapacityViewSet

router = SimpleRouter()
router.register("adherence", AdherenceViewSet, basename="api-adherence")
router.register("care-capacity", CapacityViewSet, basename="api-care-capacity")

urlpatterns = router.urls
