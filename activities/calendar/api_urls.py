from rest_framework.routers import SimpleRouter

from activities.calendar.api import CalendarImportViewSet, CalendarViewSet, FeedViewSet, HoursViewSet, InvitationViewSet
from activities.calendar.api_sums import HoursOfPeopleViewSet, TeamWeekViewSet

router = SimpleRouter()
router.register("activities", InvitationViewSet, basename="api-invitation")
router.register("calendar", CalendarViewSet, basename="api-calendar")
router.register("team-week", TeamWeekViewSet, basename="api-team-week")
router.register("hours/people", HoursOfPeopleViewSet, basename="api-hours-people")
router.register("hours", HoursViewSet, basename="api-hours")
router.register("calendar-feeds", FeedViewSet, basename="api-calendar-feed")
router.register("calendar-import", CalendarImportViewSet, basename="api-calendar-import")

urlpatterns = router.urls
