"""Conversion between an offer's line rows and line data."""

from __future__ import annotations

from collections.abc import Sequence

from offers.offers.models import Offer, OfferLine
from offers.products.lines import LineData, line_fields, line_from_row


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
