from rest_framework.routers import SimpleRouter

from core.bulk.api import BulkRunViewSet

router = SimpleRouter()
router.register("bulk-runs", BulkRunViewSet, basename="bulk-run")

urlpatterns = router.urls
