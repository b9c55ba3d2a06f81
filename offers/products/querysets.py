from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from treebeard.mp_tree import MP_NodeManager, MP_NodeQuerySet

from core.fields import Fold

if TYPE_CHECKING:
    from offers.products.models import Product  # noqa: F401 (named in quotes)

    pass


class ProductQuerySet(models.QuerySet["Product"]):
    def visible_to(self, user: Any) -> ProductQuerySet:
        """Return the register for signed-in users, retired products included."""
        return self if user.is_authenticated and user.is_active else self.none()

    def in_use(self) -> ProductQuerySet:
        return self.filter(retired_at__isnull=True)

    def with_prices(self) -> ProductQuerySet:
        """Prefetch the data of offer lines: prices, VAT rates, unit, content owners."""
        owners = self.model.owners.rel.related_model._default_manager.select_related("user").order_by("pk")
        return self.select_related("unit", "group", "vat_class").prefetch_related(
            "prices", "vat_class__rates", models.Prefetch("owners", owners)
        )

    def search(self, text: str) -> ProductQuerySet:
        """Return products with all words of ``text`` in the code or names."""
        products = self
        for word in text.split()[:8]:
            products = products.filter(search_text__contains=Fold(models.Value(word)))
        return products


class ProductGroupQuerySet(MP_NodeQuerySet):
    def visible_to(self, user: Any) -> ProductGroupQuerySet:
        return self if user.is_authenticated and user.is_active else self.none()

    def in_use(self) -> ProductGroupQuerySet:
        return self.filter(retired_at__isnull=True)  # type: ignore[no-any-return]

    def in_subtree(self, group: Any) -> ProductGroupQuerySet:
        """Return the group itself and its subgroups."""
        return self.filter(path__startswith=group.path)  # type: ignore[no-any-return]


class ProductGroupManager(MP_NodeManager.from_queryset(ProductGroupQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ProductGroupQuerySet:
        return ProductGroupQuerySet(self.model, using=self._db).order_by("path")  # type: ignore[no-any-return]
