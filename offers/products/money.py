"""Euros: fields, limits, rounding and sums with VAT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MAX_LINES = 500
MAX_QUANTITY = Decimal("1000000")
MAX_UNIT_PRICE = Decimal("10000000")
MAX_NET = Decimal("1000000000")
PERCENT = [MinValueValidator(0), MaxValueValidator(100)]


class MoneyField(models.DecimalField):
    """An amount in euros. Empty where a limit does not apply."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        super().__init__(*args, **kwargs)


@dataclass(frozen=True)
class VatSum:
    """The sums of the lines of one VAT rate, in euros."""

    rate: Decimal
    net: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


@dataclass(frozen=True)
class Totals:
    """The sums of an offer, an order or an invoice, in euros; the highest VAT rate is first."""

    net: Decimal = ZERO
    vat: Decimal = ZERO
    rates: list[VatSum] = field(default_factory=list)

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def cents(value: Decimal) -> Decimal:
    """Round to cents, half a cent away from zero, as the database does."""
    return value.quantize(CENT, ROUND_HALF_UP)


def line_net(quantity: Decimal, unit_price: Decimal, discount: Decimal) -> Decimal:
    """Return the price of a line without VAT; ``discount`` in per cent."""
    return cents(quantity * unit_price * (100 - discount) / 100)


def totals(lines: Iterable[tuple[Decimal, Decimal]]) -> Totals:
    """Return the sums of lines given as (net, VAT rate in per cent)."""
    nets: dict[Decimal, Decimal] = defaultdict(lambda: ZERO)
    for net, rate in lines:
        nets[rate.normalize()] += net
    rates = [VatSum(rate, net, cents(net * rate / 100)) for rate, net in sorted(nets.items(), reverse=True)]
    return Totals(sum((vat_sum.net for vat_sum in rates), ZERO), sum((vat_sum.vat for vat_sum in rates), ZERO), rates)
