from rest_framework.routers import SimpleRouter

from offers.products.api import ProductGroupViewSet, ProductViewSet, UnitViewSet, VatClassViewSet

router = SimpleRouter()
router.register("products", ProductViewSet, basename="api-product")
router.register("product-groups", ProductGroupViewSet, basename="api-product-group")
router.register("vat-classes", VatClassViewSet, basename="api-vat-class")
router.register("units", UnitViewSet, basename="api-unit")

urlpatterns = router.urls
