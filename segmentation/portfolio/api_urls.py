from rest_framework.routers import SimpleRouter

from segmentation.portfolio import api

router = SimpleRouter()
router.register("segment-flow", api.SegmentFlowViewSet, basename="api-segment-flow")
router.register("portfolio", api.PortfolioViewSet, basename="api-portfolio")
router.register("profit-decisions", api.ProfitDecisionViewSet, basename="api-profit-decision")

urlpatterns = router.urls
