"""Columns of the product register for screen and export."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from core import cells as core_cells
from core import clock
from core.tables import Column, Table
from offers.products import cells
from offers.products.models import Product
from offers.products.selectors import rate_on


def price(product: Product) -> Decimal | None:
    """Return today's price."""
    current = product.price_on(clock.today())
    return current.price if current else None


def vat(product: Product) -> Decimal | None:
    return rate_on(product.vat_class, clock.today())


def owners(product: Any) -> str:
    return ", ".join(str(owner.user) for owner in product.owners.all())


def participants(product: Product) -> str:
    parts = (product.participants_min, product.participants_max)
    return "–".join("" if part is None else str(part) for part in parts) if any(parts) else ""


def state(product: Product) -> str:
    return pgettext("product", "retired") if product.is_retired else pgettext("product", "in use")


PRODUCTS = Table(
    (
        Column("code", pgettext_lazy("product", "Code"), sort="code", wide=True),
        Column("name", _("Product"), sort="sort_key", link=True),
        Column("group", _("Product group"), wide=True),
        Column("price", _("Price"), price, numeric=True, cell=core_cells.euros),
        Column("unit", _("Unit")),
        Column("vat", _("VAT %"), vat, numeric=True, wide=True),
        Column("owners", _("Content owners"), owners, wide=True),
        Column("duration", _("Duration"), shown=False, wide=True),
        Column("participants", _("Participants"), participants, shown=False, wide=True),
        Column("vat_class", _("VAT class"), shown=False, wide=True),
        Column("name_fi", _("Name in Finnish"), shown=False, wide=True),
        Column("name_en", _("Name in English"), shown=False, wide=True),
        Column("state", _("State"), state, cell=cells.state, export=state, shown=False),
    ),
    "name",
)
