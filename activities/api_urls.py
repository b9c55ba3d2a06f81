from rest_framework.routers import SimpleRouter

from activities.api import calendar, core, feedback, ical, mail

router = SimpleRouter()
router.register("activities", core.ActivityViewSet, basename="api-activity")
router.register("activity-types", core.ActivityTypeViewSet, basename="api-activity-type")
router.register("keywords", core.KeywordViewSet, basename="api-keyword")
for subject in (calendar, ical, mail, feedback):
    subject.register(router)

urlpatterns = router.urls
