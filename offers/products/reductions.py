"""How much cheaper lines are than the product register: what approval by price looks at."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Protocol

from django.db import connection
from django.utils.translation import gettext_lazy

from offers.products.enums import LineKind
from offers.products.models import Product
from offers.products.money import CENT, ZERO

#: The definition of :func:`reduction_percent` as pages and the API show it beside the figure.
DEFINITION = gettext_lazy(
    "Reduction: how many per cent below the register's price of the offer's date the line is, whether the price was "
    "changed, a discount was given, or both. A tailored line with the name, code or description of a product is "
    "compared with that product; other tailored lines have only their discount."
)
SHORTEST_DESCRIPTION = 20  # a shorter one may be the same by chance
_LETTERS = "regexp_replace(portaali_fold({}), '[^[:alnum:]]+', '', 'g')"
#: The products that tailored lines copy: by name in either language, by code, by code and name, or by description.
_COPIED = f"""
    SELECT line.number, product.id
    FROM unnest(%(names)s::text[], %(details)s::text[]) WITH ORDINALITY AS line(name, details, number)
    JOIN products_product product ON (
        {_LETTERS.format("line.name")} <> '' AND {_LETTERS.format("line.name")} IN (
            {_LETTERS.format("product.name_fi")}, {_LETTERS.format("product.name_en")},
            {_LETTERS.format("product.code")}, {_LETTERS.format("product.code || product.name_fi")},
            {_LETTERS.format("product.code || product.name_en")}
        )
    ) OR (
        length({_LETTERS.format("line.details")}) >= {SHORTEST_DESCRIPTION}
        AND {_LETTERS.format("line.details")} IN (
            {_LETTERS.format("product.description_fi")}, {_LETTERS.format("product.description_en")}
        )
    )
"""  # noqa: S608 - constants only


class Priced(Protocol):
    """A line as data or as a row."""

    @property
    def kind(self) -> str: ...
    @property
    def product_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def details(self) -> str: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def discount(self) -> Decimal: ...


@dataclass(frozen=True)
class Reduction:
    """The register's price of a line, if it has one, and how many per cent the line is below it."""

    register_price: Decimal | None
    percent: Decimal

    @property
    def is_shown(self) -> bool:
        return self.register_price is not None and self.percent > 0


def reduction_percent(unit_price: Decimal, discount: Decimal, register_price: Decimal | None) -> Decimal:
    """Return how many per cent a line is below the register's price, however that was entered.

    Without a register's price it is the discount. A price above the register's makes no reduction, and offsets a
    discount. Rounded up to two decimals, so that no limit is exceeded unseen.
    """
    if not register_price or unit_price == register_price:
        return discount
    paid = unit_price * (100 - discount) / 100
    return max(ZERO, ((register_price - paid) * 100 / register_price).quantize(CENT, ROUND_CEILING))


def reductions_of(lines: Sequence[Priced], day: dt.date) -> list[Reduction]:
    """Return the reduction of each line from the register's prices of ``day``, in at most four queries."""
    products = _products_of(lines)
    result = []
    for line, own in zip(lines, products, strict=True):
        if line.kind == LineKind.HEADING:
            result.append(Reduction(None, ZERO))
            continue
        prices = [price.price for price in (product.price_on(day) for product in own) if price and price.price]
        register_price = max(prices, default=None)
        result.append(Reduction(register_price, reduction_percent(line.unit_price, line.discount, register_price)))
    return result


def greatest_reduction(lines: Sequence[Priced], day: dt.date) -> Decimal:
    """Return the greatest reduction of the lines, in per cent."""
    return max((reduction.percent for reduction in reductions_of(lines, day)), default=ZERO)


def _products_of(lines: Sequence[Priced]) -> list[list[Product]]:
    """Return the product of each line, or those that a tailored line copies."""
    ids: list[set[int]] = [{line.product_id} if line.product_id else set() for line in lines]
    tailored = [place for place, line in enumerate(lines) if line.kind != LineKind.HEADING and not line.product_id]
    for number, pks in _copied([lines[place] for place in tailored]).items():
        ids[tailored[number]] |= pks
    wanted = set().union(*ids)
    known = {product.pk: product for product in Product.objects.with_prices().filter(pk__in=wanted)} if wanted else {}
    return [[known[pk] for pk in sorted(pks) if pk in known] for pks in ids]


def _copied(lines: Sequence[Priced]) -> dict[int, set[int]]:
    """Return the ids of the products that lines copy, by the line's place."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    if lines:
        texts = {"names": [line.name for line in lines], "details": [line.details for line in lines]}
        with connection.cursor() as cursor:
            cursor.execute(_COPIED, texts)
            for number, pk in cursor.fetchall():
                found[number - 1].add(pk)
    return found
