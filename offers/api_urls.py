from rest_framework.routers import SimpleRouter

from offers.api import invoicing, offers, orders, pipeline, products, sending, targets

router = SimpleRouter()
for subject in (invoicing, offers, orders, pipeline, products, sending, targets):
    subject.register(router)

urlpatterns = router.urls
