from rest_framework.routers import SimpleRouter

from offers.sales.api import PipelineViewSet, ReportViewSet, SalesTargetViewSet

router = SimpleRouter()
router.register("pipeline", PipelineViewSet, basename="api-pipeline")
router.register("offers/reports", ReportViewSet, basename="api-sales-report")
router.register("sales-targets", SalesTargetViewSet, basename="api-sales-target")

urlpatterns = router.urls
