from typing import Any

from django.urls import path
from rest_framework.routers import SimpleRouter

from customers.api.classification import (
    BranchViewSet,
    ClassificationViewSet,
    ContactClassesViewSet,
    CustomerClassesViewSet,
    MunicipalityViewSet,
)
from customers.api.contacts import ContactViewSet
from customers.api.customers import CustomerViewSet

router = SimpleRouter()
router.register("customers", CustomerViewSet)
router.register("contacts", ContactViewSet)
router.register("classifications", ClassificationViewSet)
router.register("classification-branches", BranchViewSet)
router.register("municipalities", MunicipalityViewSet)

CLASSES: dict[str, Any] = {"get": "retrieve", "put": "update"}

urlpatterns = [
    path("customers/<pk>/classifications/", CustomerClassesViewSet.as_view(CLASSES, detail=True)),
    path("contacts/<pk>/classifications/", ContactClassesViewSet.as_view(CLASSES, detail=True)),
    *router.urls,
]
