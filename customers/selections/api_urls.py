from rest_framework.routers import SimpleRouter

from customers.selections.api import SelectionViewSet

router = SimpleRouter()
router.register("selections", SelectionViewSet)

urlpatterns = router.urls
