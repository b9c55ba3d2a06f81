"""Fields of a row about a product."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.import_kinds import Field, Parser, plain
from imports import values
from offers.products.money import MAX_UNIT_PRICE

_KEY, _BASIC, _PRICE = _("How the row is matched"), _("Basic details"), _("Price")


def price(factor: Decimal) -> Parser:
    """Return a parser of unit prices in euros."""
    return values.money(int(MAX_UNIT_PRICE), factor, low=0)


def _text(name: str, label: Any, limit: int, synonyms: str, section: Any = _BASIC) -> Field:
    return Field(name, label, plain(values.line(limit)), synonyms, section)


def _paragraphs(name: str, label: Any, synonyms: str) -> Field:
    return Field(name, label, plain(values.paragraphs(4_000)), synonyms, _BASIC)


CODES = "tuotekoodi, tuotenumero, tuotetunnus, koodi, product code, product number, product id, code, sku"
NAMES = "tuote, tuotenimi, tuotteen nimi, nimi, nimi suomeksi, product, product name, name, name in finnish"

FIELDS = [
    _text("product_code", _("product code"), 60, CODES, _KEY),
    _text("name_fi", _("name in Finnish"), 200, NAMES, _KEY),
    _text("name_en", _("name in English"), 200, "nimi englanniksi, englanninkielinen nimi, name in english"),
    _text(
        "product_group",
        _("product group"),
        120,
        "tuoteryhmä, ryhmä, tuotesarja, sarja, koulutusala, product group, group, series, category",
    ),
    _text("unit", _("unit"), 120, "yksikkö, unit"),
    _text("vat_class", _("VAT class"), 120, "alv luokka, alv, arvonlisävero, vat class, vat"),
    Field(
        "price",
        _("price"),
        price,
        "hinta, yksikköhinta, veroton hinta, listahinta, price, unit price, sales price, list price",
        _PRICE,
        has_factor=True,
    ),
    Field(
        "price_from",
        _("price valid from"),
        plain(values.date),
        "hinta alkaen, hinta voimassa alkaen, voimassa alkaen, valid from, price valid from",
        _PRICE,
    ),
    _paragraphs("description_fi", _("description in Finnish"), "kuvaus, kuvaus suomeksi, description"),
    _paragraphs("description_en", _("description in English"), "kuvaus englanniksi, description in english"),
    _text("duration", _("duration"), 100, "kesto, laajuus, duration"),
]
#: Plain fields of the product's own row, compared and written as they are.
PLAIN = ("name_en", "description_fi", "description_en", "duration")
