"""Types of offers that conditions of selections name."""

from __future__ import annotations

from customers.selections.models import Reference, target
from offers.offers.models.settings import OfferType


class OfferTypeReference(Reference):
    target = target(OfferType)
