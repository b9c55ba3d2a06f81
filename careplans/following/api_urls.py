from rest_framework.routers import SimpleRouter

from careplans.following.api import AdherenceViewSet

router = SimpleRouter()
router.register("adherence", AdherenceViewSet, basename="api-adherence")

urlpatterns = router.urls
