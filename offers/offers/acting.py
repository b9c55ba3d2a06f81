"""Which offers that need something wait for the reader: see :mod:`customers.acting`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core import clock
from customers.acting import Concern, mark_acting
from offers.offers.models import Offer


def needs_attention(offer: Offer) -> bool:
    """Return whether an undecided offer has expired, is past its expected close or has been at its stage too long."""
    is_past = bool(offer.expected_close and offer.expected_close < clock.today())
    return offer.is_undecided and (offer.is_expired or is_past or offer.is_stuck)


def mark_offers(user: Any, offers: Iterable[Offer]) -> None:
    """Set ``may_act`` of offers that were read with their customers and types; at most one query."""
    may_write = user.has_perm("offers.write_offers")

    def concern(offer: Offer) -> Concern | None:
        if not may_write or not needs_attention(offer) or offer.customer.is_passive:
            return None
        return Concern.of(offer.owner_id, customer=offer.customer_id)

    mark_acting(user, offers, concern)
