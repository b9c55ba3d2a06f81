"""Queries on the product register: groups, prices and VAT rates by date, and where products are used.

Later apps declare the uses of products as ``PRODUCT_USES`` of their registrations.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet

from core.registry import declared
from offers.products.effective_dated import Dated
from offers.products.models import Product, ProductGroup, VatClass

STEP = ProductGroup.steplen
NBSP = "\N{NO-BREAK SPACE}"


@dataclass
class Branching:
    """A group with its subgroups; ``products`` counts the products of all of them."""

    group: ProductGroup
    products: int = 0
    children: list[Branching] = field(default_factory=list)


def group_tree() -> list[Branching]:
    """Return the tree of groups with product counts, in two queries."""
    top: list[Branching] = []
    above: dict[str, Branching] = {}
    counts = products_by_group()
    for group in ProductGroup.objects.all():
        above[group.path] = item = Branching(group, counts[group.path])
        parent = above.get(group.path[:-STEP])
        (parent.children if parent else top).append(item)
    return top


def products_by_group() -> Counter[str]:
    """Return the number of products of each group and its subgroups, by path, in one query."""
    own = Product.objects.filter(group__isnull=False).order_by().values_list("group__path").annotate(n=Count("pk"))
    totals: Counter[str] = Counter()
    for path, n in own:
        for end in range(STEP, len(path) + 1, STEP):
            totals[path[:end]] += n
    return totals


def indented(group: ProductGroup) -> str:
    """Return the name for a menu, indented by its level."""
    return f"{NBSP * 4 * (group.depth - 1)}{group.name}"


def groups_for(product: Product | None = None) -> QuerySet[ProductGroup]:
    """Return the groups that a product can have: those in use, and its own."""
    groups: QuerySet[ProductGroup] = ProductGroup.objects.in_use()
    if product and product.group_id:
        groups = groups | ProductGroup.objects.filter(pk=product.group_id)
    return groups


@dataclass(frozen=True)
class Period:
    """A value with its first and last date, and whether it is current, upcoming or past today."""

    start: dt.date
    end: dt.date | None
    value: Decimal
    is_current: bool
    is_coming: bool


def periods(rows: Iterable[Dated], today: dt.date) -> list[Period]:
    """Return values, newest date first, each until the day before the next one."""
    result: list[Period] = []
    end: dt.date | None = None
    for row in sorted(rows, key=lambda dated: dated.valid_from, reverse=True):
        is_current = row.valid_from <= today and (end is None or today <= end)
        result.append(Period(row.valid_from, end, row.value, is_current, is_coming=row.valid_from > today))
        end = row.valid_from - dt.timedelta(days=1)
    return result


def prices_of(product: Product) -> list[Dated]:
    return [Dated(price.valid_from, price.price) for price in product.prices.all()]


def rates_of(vat_class: VatClass) -> list[Dated]:
    return [Dated(rate.valid_from, plain(rate.percent)) for rate in vat_class.rates.all()]


def rate_on(vat_class: VatClass, day: dt.date) -> Decimal | None:
    """Return the rate of a class on ``day`` (read the classes with their rates)."""
    rates = [rate for rate in vat_class.rates.all() if rate.valid_from <= day]
    newest: Any = max(rates, key=lambda rate: rate.valid_from, default=None)
    return plain(newest.percent) if newest else None


def plain(percent: Decimal) -> Decimal:
    """Return a rate without superfluous decimals: 25.5, 14."""
    return Decimal(f"{percent.normalize():f}")


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
