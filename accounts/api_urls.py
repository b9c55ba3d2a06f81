from rest_framework.routers import SimpleRouter

from accounts.api import NotificationViewSet, RoleViewSet, TeamViewSet, UserViewSet

router = SimpleRouter()
router.register("users", UserViewSet)
router.register("teams", TeamViewSet)
router.register("groups", RoleViewSet)
router.register("notifications", NotificationViewSet, basename="api-notification")
urlpatterns = router.urls
