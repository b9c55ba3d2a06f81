"""Products: the fields of their rows, and the handler, which finds them by code, then by name.

Missing product groups are added.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from core import clock
from core.import_kinds import Field, Parser, plain
from imports import values
from imports.enums import RowStatus
from imports.lookups import LookupFailed, Named, folded
from imports.models import ImportRow, ImportRun
from imports.pipeline.base import RowHandler, set_result
from imports.pipeline.writing import objects_update
from imports.problems import Problem
from offers.products.models import Product, ProductGroup, ProductPrice, Unit, VatClass
from offers.products.money import MAX_UNIT_PRICE

_KEY, _BASIC, _PRICE = _("How the row is matched"), _("Basic details"), _("Price")


def price(factor: Decimal) -> Parser:
    """Return a parser of unit prices in euros."""
    return values.money(int(MAX_UNIT_PRICE), factor, low=0)


def _line_field(name: str, label: Any, limit: int, synonyms: str, section: Any = _BASIC) -> Field:
    return Field(name, label, plain(values.line(limit)), synonyms, section)


def _paragraphs_field(name: str, label: Any, synonyms: str) -> Field:
    return Field(name, label, plain(values.paragraphs(4_000)), synonyms, _BASIC)


CODES = "tuotekoodi, tuotenumero, tuotetunnus, koodi, product code, product number, product id, code, sku"
NAMES = "tuote, tuotenimi, tuotteen nimi, nimi, nimi suomeksi, product, product name, name, name in finnish"

FIELDS = [
    _line_field("product_code", _("product code"), 60, CODES, _KEY),
    _line_field("name_fi", _("name in Finnish"), 200, NAMES, _KEY),
    _line_field("name_en", _("name in English"), 200, "nimi englanniksi, englanninkielinen nimi, name in english"),
    _line_field(
        "product_group",
        _("product group"),
        120,
        "tuoteryhmä, ryhmä, tuotesarja, sarja, koulutusala, product group, group, series, category",
    ),
    _line_field("unit", _("unit"), 120, "yksikkö, unit"),
    _line_field("vat_class", _("VAT class"), 120, "alv luokka, alv, arvonlisävero, vat class, vat"),
    Field(
        "price",
        _("price"),
        price,
        "hinta, yksikköhinta, veroton hinta, listahinta, price, unit price, sales price, list price",
        _PRICE,
        has_factor=True,
        is_amount=True,
    ),
    Field(
        "price_from",
        _("price valid from"),
        plain(values.date),
        "hinta alkaen, hinta voimassa alkaen, voimassa alkaen, valid from, price valid from",
        _PRICE,
    ),
    _paragraphs_field("description_fi", _("description in Finnish"), "kuvaus, kuvaus suomeksi, description"),
    _paragraphs_field("description_en", _("description in English"), "kuvaus englanniksi, description in english"),
    _line_field("duration", _("duration"), 100, "kesto, laajuus, duration"),
]
#: Plain fields of the product's own row, compared and written as they are.
PLAIN = ("name_en", "description_fi", "description_en", "duration")


class ProductHandler(RowHandler):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.units = Named(Unit.objects.filter(retired_at__isnull=True), "unknown_unit")
        self.vat_classes = Named(VatClass.objects.filter(retired_at__isnull=True), "unknown_vat_class")
        self.groups = Named(ProductGroup.objects.in_use(), "unknown_group", "ambiguous_group")

    @staticmethod
    def keys(values: dict[str, Any]) -> tuple[str, str, str]:
        code = values.get("product_code") or ""
        return code.upper(), "" if code else folded(values.get("name_fi") or ""), ""

    def process(self, rows: Sequence[ImportRow]) -> None:
        register, writes = Register.read(self.run), Writes()
        for row in rows:
            try:
                self._import_row(row, register, writes)
            except LookupFailed as error:
                set_result(row, RowStatus.HELD, error.problem)
        if not self.dry_run:
            writes.apply()
        for row, product in writes.created:
            row.target_id = product.pk

    def _import_row(self, row: ImportRow, register: Register, writes: Writes) -> None:
        if row.same_as:
            raise LookupFailed(Problem("same_as", {"number": row.same_as}))
        values = dict(row.values or {})
        product, by_name = register.find(values)
        if product and register.taken.setdefault(product.code, row.number) != row.number:
            raise LookupFailed(Problem("same_as", {"number": register.taken[product.code]}))
        if product is None:
            values = {**self.defaults, **values}
        missing = [name for name in ("name_fi", "unit", "vat_class") if product is None and not values.get(name)]
        if missing:
            set_result(row, RowStatus.REFUSED, *(Problem("required", {}, name) for name in missing))
            return
        if product and product.is_retired:
            raise LookupFailed(Problem("retired_product", {"name": product.name_fi}))
        refs = self._references(values)
        if product is None:
            product = register.add(new_product(values, refs, register))
            register.taken[product.code] = row.number
            writes.create(row, product, values)
            row.fate = RowStatus.CREATED
        else:
            row.target_id = product.pk
            row.changed = writes.change(product, values, refs, with_name=not by_name)
            row.fate = RowStatus.UPDATED if row.changed else RowStatus.UNCHANGED
        row.values = None

    def _references(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the records of the names, adding a missing group. Raises :class:`LookupFailed`."""
        refs = {}
        for name, lookup in (("unit", self.units), ("vat_class", self.vat_classes)):
            if values.get(name):
                refs[name] = lookup.get(values[name])
        if "product_group" in values:
            refs["group"] = self._group(values["product_group"])
        return refs

    def _group(self, text: str | None) -> ProductGroup | None:
        if not text:
            return None
        if text not in self.groups:
            group = ProductGroup(code=self._group_code(text), name_fi=text, name_en=text)
            self.groups.add(group if self.dry_run else ProductGroup.objects.add_root(instance=group))
        return self.groups.get(text)

    @staticmethod
    def _group_code(text: str) -> str:
        taken = {code.upper() for code in ProductGroup.objects.values_list("code", flat=True)}
        return free_code(slugify(text)[:50] or "group", taken)


def free_code(base: str, taken: set[str]) -> str:
    """Return the code, with a number appended if it is taken."""
    code, number = base, 2
    while code.upper() in taken:
        code, number = f"{base}-{number}", number + 1
    return code


@dataclass
class Register:
    """All products, locked, by code and by name."""

    by_code: dict[str, Product] = field(default_factory=dict)
    by_name: dict[str, list[Product]] = field(default_factory=lambda: defaultdict(list))
    taken: dict[str, int] = field(default_factory=dict)  # codes of those that a row has meant, with its number

    @classmethod
    def read(cls, run: ImportRun) -> Register:
        register = cls()
        meant = ImportRow.objects.filter(run=run, target_id__isnull=False).values_list("target_id", "number")
        numbers = dict(meant)
        products: QuerySet[Product] = Product.objects.select_for_update(of=("self",)).order_by("pk")
        for product in products.select_related("group", "unit", "vat_class").prefetch_related("prices"):
            register.add(product)
            if product.pk in numbers:
                register.taken[product.code] = numbers[product.pk]
        return register

    def add(self, product: Product) -> Product:
        self.by_code[product.code.upper()] = product
        for name in {folded(product.name_fi), folded(product.name_en)} - {""}:
            self.by_name[name].append(product)
        return product

    def find(self, values: dict[str, Any]) -> tuple[Product | None, bool]:
        """Return the row's product and whether only the name matched. Raises :class:`LookupFailed`."""
        code, name = values.get("product_code") or "", values.get("name_fi") or ""
        by_code = self.by_code.get(code.upper()) if code else None
        if by_code or not name:
            return by_code, False
        found = self.by_name.get(folded(name), [])
        if len(found) > 1:
            raise LookupFailed(Problem("ambiguous_product", {"value": name[:80]}))
        if found and code:
            raise LookupFailed(Problem("other_code", {"name": name[:80], "code": found[0].code}))
        return (found[0], True) if found else (None, False)

    def free_code(self, name: str) -> str:
        """Return a free code derived from the name."""
        plain = re.sub(r"-+", "-", slugify(name)).upper()[:50] or "PRODUCT"
        return free_code(plain, set(self.by_code))


def new_product(values: dict[str, Any], refs: dict[str, Any], register: Register) -> Product:
    given = {name: values[name] for name in PLAIN if values.get(name)}
    code = values.get("product_code") or register.free_code(values["name_fi"])
    return Product(code=code, name_fi=values["name_fi"], **given, **refs)


@dataclass
class Writes:
    """What a batch is going to write."""

    created: list[tuple[ImportRow, Product]] = field(default_factory=list)
    changed: list[Product] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    new_prices: list[ProductPrice] = field(default_factory=list)
    old_prices: list[ProductPrice] = field(default_factory=list)

    def create(self, row: ImportRow, product: Product, values: dict[str, Any]) -> None:
        self.created.append((row, product))
        if values.get("price") is not None:
            self.new_prices.append(
                ProductPrice(product=product, valid_from=_price_day(values), price=Decimal(values["price"]))
            )

    def change(self, product: Product, values: dict[str, Any], refs: dict[str, Any], *, with_name: bool) -> list[str]:
        """Register the differences; return the names of the changed fields."""
        new = {name: values[name] or "" for name in PLAIN if name in values} | refs
        if with_name and values.get("name_fi"):
            new["name_fi"] = values["name_fi"]
        changed = [name for name, value in new.items() if getattr(product, name) != value]
        for name in changed:
            setattr(product, name, new[name])
        if changed:
            product.version, product.updated_at = product.version + 1, clock.now()
            self.changed.append(product)
            self.fields |= set(changed)
        names = ["product_group" if name == "group" else name for name in changed]
        return names + (["price"] if self._price(product, values) else [])

    def _price(self, product: Product, values: dict[str, Any]) -> bool:
        """Register the price from its day (or today) on unless it is already valid; return whether it changed."""
        if values.get("price") is None:
            return False
        day, price = _price_day(values), Decimal(values["price"])
        held = product.price_on(day)
        if held and held.price == price:
            return False
        if held and held.valid_from == day:
            held.price = price
            self.old_prices.append(held)
        else:
            self.new_prices.append(ProductPrice(product=product, valid_from=day, price=price))
        return True

    def apply(self) -> None:
        """Write everything, each table in one statement."""
        Product.objects.bulk_create([product for _row, product in self.created])
        objects_update(self.changed, [*self.fields, "version", "updated_at"])
        ProductPrice.objects.bulk_create(self.new_prices)
        objects_update(self.old_prices, ["price"])


def _price_day(values: dict[str, Any]) -> dt.date:
    return dt.date.fromisoformat(values["price_from"]) if values.get("price_from") else clock.today()
