"""Default data: offer types and lost reasons."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.defaults import load_list
from offers.offers.models import LostReason, OfferType

SETS: dict[str, Callable[[], None]] = {
    "types": partial(load_list, "offer_types", OfferType),
    "lost_reasons": partial(load_list, "lost_reasons", LostReason),
}
