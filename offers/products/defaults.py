"""Default data: units, VAT classes and the tree of product groups."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from core.defaults import load_list, read
from offers.products.models import ProductGroup, Unit, VatClass, VatRate


def load_vat_classes() -> None:
    """Add the VAT classes with the rates of Finnish law and the dates from which they apply."""
    for order, row in enumerate(read(VatClass._meta.app_label, "vat_classes"), 1):
        rates = row.pop("rates")
        new = VatClass.objects.create(**row, order=order * 10)
        VatRate.objects.bulk_create(
            VatRate(vat_class=new, valid_from=day, percent=percent) for day, percent in rates.items()
        )


def load_product_groups() -> None:
    for row in read(ProductGroup._meta.app_label, "product_groups"):
        _add_group(row, parent=None)


def _add_group(row: dict[str, Any], *, parent: ProductGroup | None) -> None:
    children = row.pop("children", [])
    tree = ProductGroup.objects
    group = tree.add_child(parent, row) if parent else tree.add_root(row)
    for child in children:
        _add_group(child, parent=group)


SETS: dict[str, Callable[[], None]] = {
    "units": partial(load_list, "units", Unit),
    "vat_classes": load_vat_classes,
    "product_groups": load_product_groups,
}
