from rest_framework.routers import SimpleRouter

from segmentation.metrics import api

router = SimpleRouter()
router.register("metrics", api.MetricViewSet, basename="api-metric")
router.register("customer-metrics", api.CustomerMetricsViewSet, basename="api-customer-metrics")
router.register("own-metrics", api.OwnMetricViewSet, basename="api-own-metric")
router.register("metric-values", api.OwnValueViewSet, basename="api-metric-value")
router.register("areas", api.AreaViewSet, basename="api-area")
router.register("order-costs", api.OrderCostViewSet, basename="api-order-cost")
router.register("hour-costs", api.HourCostViewSet, basename="api-hour-cost")
router.register("service-costs", api.ServiceCostViewSet, basename="api-service-cost")

urlpatterns = router.urls
