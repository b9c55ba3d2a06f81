"""Where products are used: later apps declare the places as ``PRODUCT_USES`` of their registrations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.registry import declared
from offers.products.models import Product


@dataclass(frozen=True, kw_only=True)
class ProductUse:
    """A place that uses products: ``count`` is shown on a product's page, ``is_used`` keeps it from being deleted."""

    label: Any
    count: Callable[[Product], int]
    is_used: Callable[[Product], bool]


def uses_of(product: Product) -> list[tuple[Any, int]]:
    """Return each place's label and how many of its offers or orders have the product."""
    return [(use.label, use.count(product)) for use in declared("PRODUCT_USES")]


def is_used(product: Product) -> bool:
    """Return whether the product is used anywhere, or has been."""
    return any(use.is_used(product) for use in declared("PRODUCT_USES"))
