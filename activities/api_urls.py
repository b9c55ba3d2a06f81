from rest_framework.routers import SimpleRouter

from activities import api

router = SimpleRouter()
router.register("activities", api.ActivityViewSet, basename="api-activity")
router.register("activity-types", api.ActivityTypeViewSet, basename="api-activity-type")
router.register("keywords", api.KeywordViewSet, basename="api-keyword")

urlpatterns = router.urls
