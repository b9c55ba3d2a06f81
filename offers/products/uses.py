"""Uses of products: later apps declare them as ``PRODUCT_USES`` of their registrations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.registry import declared
from offers.products.models import Product


@dataclass(frozen=True, kw_only=True)
class ProductUse:
    """A use of products: ``count`` is shown on a product's page, ``is_used`` prevents its deletion."""

    label: Any
    count: Callable[[Product], int]
    is_used: Callable[[Product], bool]


def uses_of(product: Product) -> list[tuple[Any, int]]:
    """Return each use's label and the number of its offers or orders that have the product."""
    return [(use.label, use.count(product)) for use in declared("PRODUCT_USES")]


def is_used(product: Product) -> bool:
    """Return whether the product is or has been used."""
    return any(use.is_used(product) for use in declared("PRODUCT_USES"))
