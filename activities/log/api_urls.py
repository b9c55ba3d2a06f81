from rest_framework.routers import SimpleRouter

from activities.log.api import activities

router = SimpleRouter()
router.register("activities", activities.ActivityViewSet, basename="api-activity")
router.register("activity-types", activities.ActivityTypeViewSet, basename="api-activity-type")
router.register("activity-templates", activities.ActivityTemplateViewSet, basename="api-activity-template")
router.register("keywords", activities.KeywordViewSet, basename="api-keyword")

urlpatterns = router.urls
