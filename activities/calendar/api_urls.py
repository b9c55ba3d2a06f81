from rest_framework.routers import SimpleRouter

from activities.calendar.api import CalendarImportViewSet, CalendarViewSet, FeedViewSet, HoursViewSet, InvitationViewSet

router = SimpleRouter()
router.register("activities", InvitationViewSet, basename="api-invitation")
router.register("calendar", CalendarViewSet, basename="api-calendar")
router.register("hours", HoursViewSet, basename="api-hours")
router.register("calendar-feeds", FeedViewSet, basename="api-calendar-feed")
router.register("calendar-import", CalendarImportViewSet, basename="api-calendar-import")

urlpatterns = router.urls
