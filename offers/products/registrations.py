"""The product register on other pages."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.recent import RecordKind
from core.registry import Command, NavItem, SearchHit, SearchSource
from offers.products.bulk import ExportProducts, GroupOperation, RestoreOperation, RetireOperation
from offers.products.models import (
    Product,
    ProductGroupReference,
    ProductReference,
    UnitReference,
    VatClassReference,
)

VIEW, EDIT = "products.view_product", "products.edit_product"

NAV = (
    NavItem(
        name="products",
        label=_("Products"),
        url_name="products:list",
        permission=VIEW,
        icon="stack-2",
        section="sales",
        order=68,
    ),
)

COMMANDS = (
    Command(
        name="products",
        label=_("Products"),
        url_name="products:list",
        permission=VIEW,
        icon="stack-2",
        order=68,
        keywords="tuotteet tuoterekisteri product register price hinnasto",
    ),
    Command(
        name="product_add",
        label=_("Add product"),
        url_name="products:add",
        permission=EDIT,
        icon="plus",
        order=68,
    ),
    Command(
        name="product_groups",
        label=_("Product groups"),
        url_name="products:groups",
        permission=VIEW,
        icon="sitemap",
        order=68,
    ),
)


def find_products(user: Any, text: str, limit: int) -> list[SearchHit]:
    """Return the products in use that have every word of ``text`` in the code or names."""
    products = Product.objects.visible_to(user).in_use().search(text).select_related("group").order_by("sort_key", "pk")
    return [
        SearchHit(
            str(product), " · ".join(filter(None, (product.code, str(product.group or "")))), product.get_absolute_url()
        )
        for product in products[:limit]
    ]


SEARCHES = (SearchSource(name="products", label=_("Products"), find=find_products, order=50),)
RECORD_KINDS = (RecordKind(Product, _("Product"), "stack-2"),)

CONDITION_REFERENCES = (ProductReference, ProductGroupReference, UnitReference, VatClassReference)
BULK_OPERATIONS = (GroupOperation(), RetireOperation(), RestoreOperation(), ExportProducts())
