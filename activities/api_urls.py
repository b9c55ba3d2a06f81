from rest_framework.routers import SimpleRouter

from activities.api import calendar, core, feedback, ical, invitations, mail

router = SimpleRouter()
router.register("activities", core.ActivityViewSet, basename="api-activity")
router.register("activity-types", core.ActivityTypeViewSet, basename="api-activity-type")
router.register("keywords", core.KeywordViewSet, basename="api-keyword")
for register in (
    invitations.register, calendar.register, ical.register, mail.register, feedback.register, feedback.register_leads,
):  # fmt: skip
    register(router)

urlpatterns = router.urls
