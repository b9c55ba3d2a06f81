from rest_framework.routers import SimpleRouter

from careplans.scorecards.api import ScorecardViewSet, StrategyViewSet

router = SimpleRouter()
router.register("scorecards", ScorecardViewSet, basename="api-scorecard")
router.register("customer-strategy", StrategyViewSet, basename="api-customer-strategy")

urlpatterns = router.urls
