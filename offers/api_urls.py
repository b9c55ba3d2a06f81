from rest_framework.routers import SimpleRouter

from offers.api import acceptance, invoicing, offers, orders, pipeline, products, sending, targets

router = SimpleRouter()
for subject in (acceptance, invoicing, offers, orders, pipeline, products, sending, targets):
    subject.register(router)

urlpatterns = router.urls
