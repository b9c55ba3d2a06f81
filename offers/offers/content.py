"""The content of an offer that the customer reads: its lines, and the snapshot (JSON) that a version keeps.

The PDF and the public page show the snapshot. It contains nothing else: no internal notes, probability, content owners'
costs or care plans (rule 19).
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation

from customers.enums import AddressKind, ContactPointKind
from customers.models import Contact, Customer
from offers.offers.models import Offer, OfferLine, SellerDetails
from offers.products.enums import LineKind
from offers.products.lines import LineData, line_fields, line_from_row, totals_of
from offers.products.models import Unit
from offers.products.money import Totals, VatSum

LANGUAGES = ("fi", "en")
WIDE_FROM = Decimal(10_000_000)
#: Characters that change the text direction: they could make a sum read differently.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
SELLER_FIELDS = (
    *("name", "business_id", "vat_number", "street", "postal_code", "city", "phone", "email", "website"),
    *("iban", "bic", "footer_fi", "footer_en"),
)


def offer_lines_of(offer: Offer) -> list[LineData]:
    """Return the lines of an offer in their order."""
    return [line_from_row(line, owner_id=line.content_owner_id) for line in offer.lines.order_by("position", "pk")]


def write_offer_lines(offer: Offer, lines: Sequence[LineData]) -> None:
    """Replace the lines of an offer, in two statements."""
    offer.lines.all().delete()
    OfferLine.objects.bulk_create(
        OfferLine(offer=offer, content_owner_id=line.owner_id, **line_fields(line, number))
        for number, line in enumerate(lines, 1)
    )


def language_of(offer: Offer) -> str:
    """Return the language of an offer: there are texts in Finnish and English."""
    return "fi" if offer.language in ("fi", "sv") else "en"


def printable(text: str) -> str:
    """Return a text without control and direction characters; line breaks and emoji stay."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        char
        for char in lines
        if char in "\n\t" or not (char in _TURNING or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp"))
    )


def content_of(offer: Offer) -> dict[str, Any]:
    """Return the complete content of an offer for its next version."""
    lines, language = offer_lines_of(offer), language_of(offer)
    with translation.override(language):
        content = {
            "number": offer.number,
            "title": offer.title,
            "type": offer.type.name,
            "language": language,
            "date": offer.date.isoformat(),
            "valid_until": offer.valid_until.isoformat() if offer.valid_until else None,
            "intro": offer.intro,
            "terms": offer.terms,
            "customer_notes": offer.customer_notes,
            "estimate": str(offer.estimate) if offer.estimate is not None and not lines else None,
            "lines": _line_snapshots(lines),
            "totals": _totals_snapshot(totals_of(lines)),
            "customer": _customer_snapshot(offer.customer),
            "contact": _contact_snapshot(offer.contact, offer.customer),
            "owner": {name: getattr(offer.owner, name) for name in ("title", "phone", "email")}
            | {"name": str(offer.owner)},
            "seller": _seller_snapshot(),
        }
    printed: dict[str, Any] = _printed(content)
    return printed


def _printed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _printed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_printed(item) for item in value]
    return printable(value) if isinstance(value, str) else value


def _line_snapshots(lines: list[LineData]) -> list[dict[str, Any]]:
    """Return the lines as shown; the content owner is kept for the order of an acceptance and never shown."""
    units = {unit.pk: unit.name for unit in Unit.objects.filter(pk__in={line.unit_id for line in lines})}
    return [line.as_json() | {"unit": units.get(line.unit_id or 0, ""), "net": str(line.net)} for line in lines]


def _totals_snapshot(sums: Totals) -> dict[str, Any]:
    rates = [{"rate": str(row.rate), "net": str(row.net), "vat": str(row.vat)} for row in sums.rates]
    return {"net": str(sums.net), "vat": str(sums.vat), "gross": str(sums.gross), "rates": rates}


def _customer_snapshot(customer: Customer) -> dict[str, str]:
    by_kind = {address.kind: address for address in customer.addresses.all()}
    kinds = (AddressKind.POSTAL, AddressKind.VISITING, AddressKind.BILLING)
    address = next((by_kind[kind] for kind in kinds if kind in by_kind), None)
    parts = ("street", "postal_code", "city", "country")
    return {
        "name": customer.official_name or customer.name,
        "business_id": customer.business_id or "",
        **{name: getattr(address, name) if address else "" for name in parts},
    }


def _contact_snapshot(contact: Contact | None, customer: Customer) -> dict[str, str]:
    if contact is None:
        return {}
    position = contact.positions.filter(customer=customer).order_by("-pk").first()
    points = contact.points.filter(kind=ContactPointKind.EMAIL).order_by("-is_primary", "pk")
    address = points.values_list("value", flat=True).first()
    return {"name": str(contact), "title": position.title if position else "", "email": address or ""}


def _seller_snapshot() -> dict[str, str]:
    seller = SellerDetails.objects.filter(pk=1).first() or SellerDetails()
    content = {name: str(getattr(seller, name) or "") for name in SELLER_FIELDS}
    return content | {"name": content["name"] or settings.ORGANISATION}


@dataclass(frozen=True)
class ShownLine:
    """A line as the customer reads it; a heading has only a name. ``number`` counts the priced lines."""

    is_heading: bool
    number: int
    name: str
    details: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount: Decimal
    vat_rate: Decimal
    net: Decimal


@dataclass(frozen=True)
class ShownContent:
    """A version's content with typed numbers and dates; ``data`` has the texts."""

    data: dict[str, Any]
    lines: list[ShownLine]
    totals: Totals
    estimate: Decimal | None
    date: dt.date
    valid_until: dt.date | None

    @property
    def has_discounts(self) -> bool:
        return any(line.discount for line in self.lines)

    @property
    def is_wide(self) -> bool:
        """Return whether sums need wider columns."""
        return max((line.net for line in self.lines), default=Decimal(0)) >= WIDE_FROM

    @property
    def seller_footer(self) -> str:
        seller = self.data["seller"]
        return str((seller["footer_en"] if self.data["language"] == "en" else "") or seller["footer_fi"])


def shown(content: dict[str, Any]) -> ShownContent:
    """Return a version's content for a page or a PDF."""
    until, estimate = content.get("valid_until"), content.get("estimate")
    sums = content["totals"]
    rates = [VatSum(*(Decimal(row[name]) for name in ("rate", "net", "vat"))) for row in sums["rates"]]
    return ShownContent(
        data=content,
        lines=_shown_lines(content["lines"]),
        totals=Totals(Decimal(sums["net"]), Decimal(sums["vat"]), rates),
        estimate=Decimal(estimate) if estimate is not None else None,
        date=dt.date.fromisoformat(content["date"]),
        valid_until=dt.date.fromisoformat(until) if until else None,
    )


def _shown_lines(rows: list[dict[str, Any]]) -> list[ShownLine]:
    lines, number = [], 0
    for row in rows:
        is_heading = row["kind"] == LineKind.HEADING
        number += not is_heading
        texts: dict[str, Any] = {name: row[name] for name in ("name", "details", "unit")}
        amounts: dict[str, Any] = {
            name: Decimal(row[name]) for name in ("quantity", "unit_price", "discount", "vat_rate", "net")
        }
        lines.append(ShownLine(is_heading=is_heading, number=number, **texts, **amounts))
    return lines
