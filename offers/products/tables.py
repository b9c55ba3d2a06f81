"""Columns of the product register for screen and export."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    DecimalField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from core import cells as core_cells
from core import clock
from core.export_sql import joined, path_sql
from core.tables import Column, Table
from offers.products import cells
from offers.products.models import Product, ProductOwner, ProductPrice, VatRate
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


def _newest_today(rows: QuerySet[Any], field: str) -> Subquery:
    return Subquery(rows.filter(valid_from__lte=clock.today()).order_by("-valid_from").values(field)[:1])


def _price_sql() -> Subquery:
    return _newest_today(ProductPrice.objects.filter(product=OuterRef("pk")), "price")


def _vat_sql() -> Func:
    percent = _newest_today(VatRate.objects.filter(vat_class=OuterRef("vat_class")), "percent")
    return Func(percent, function="trim_scale", output_field=DecimalField())


def _owners_sql() -> Any:
    return joined(ProductOwner.objects.filter(product=OuterRef("pk")).order_by("pk"), path_sql(ProductOwner, "user"))


def _participants_sql() -> Case:
    least, most = (Cast(f"participants_{end}", TextField()) for end in ("min", "max"))
    text = Func(least, Value("–"), most, function="concat", output_field=TextField())  # which skips NULL
    is_given = Q(participants_min__gt=0) | Q(participants_max__gt=0)
    return Case(When(is_given, then=text), default=Value(""), output_field=TextField())


def _state_sql() -> Case:
    retired, used = (Value(pgettext("product", text)) for text in ("retired", "in use"))
    return Case(When(retired_at__isnull=False, then=retired), default=used, output_field=TextField())


PRODUCTS = Table(
    (
        Column("code", pgettext_lazy("product", "Code"), sort="code", wide=True),
        Column("name", _("Product"), sort="sort_key", link=True, long=True, sql=lambda user: Product.text_sql("")),
        Column("group", _("Product group"), long=True, wide=True),
        Column("price", _("Price"), price, numeric=True, cell=core_cells.euros,
               sql=lambda user: _price_sql()),
        Column("unit", _("Unit")),
        Column("vat", _("VAT %"), vat, numeric=True, wide=True, sql=lambda user: _vat_sql()),
        Column("owners", _("Content owners"), owners, long=True, wide=True, sql=lambda user: _owners_sql()),
        Column("duration", _("Duration"), shown=False, wide=True),
        Column("participants", _("Participants"), participants, shown=False, wide=True,
               sql=lambda user: _participants_sql()),
        Column("vat_class", _("VAT class"), shown=False, wide=True),
        Column("name_fi", _("Name in Finnish"), shown=False, wide=True),
        Column("name_en", _("Name in English"), shown=False, wide=True),
        Column("state", _("State"), state, cell=cells.state, export=state, shown=False,
               sql=lambda user: _state_sql()),
    ),
    "name",
    ("group", "price", "unit"),
)  # fmt: skip
