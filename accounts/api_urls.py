from rest_framework.routers import SimpleRouter

from accounts.api import NotificationViewSet, RoleViewSet, TeamViewSet, UserViewSet
from accounts.note_api import TeamNoteViewSet

router = SimpleRouter()
router.register("users", UserViewSet)
router.register("teams", TeamViewSet)
router.register("team-notes", TeamNoteViewSet)
router.register("groups", RoleViewSet)
router.register("notifications", NotificationViewSet, basename="api-notification")
urlpatterns = router.urls
