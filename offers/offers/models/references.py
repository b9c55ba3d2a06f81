"""Types of offers that conditions of selections name."""

from __future__ import annotations

from customers.selections.models import Reference, target
from offers.offers.models.settings import LostReason, OfferType


class OfferTypeReference(Reference):
    target = target(OfferType)


class LostReasonReference(Reference):
    target = target(LostReason)
