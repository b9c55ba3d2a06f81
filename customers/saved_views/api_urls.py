from rest_framework.routers import SimpleRouter

from customers.saved_views.api import SavedViewViewSet

router = SimpleRouter()
router.register("views", SavedViewViewSet)

urlpatterns = router.urls
