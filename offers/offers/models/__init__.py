"""Models of the app; import them from here."""

from offers.offers.models.offers import (
    Approval,
    Offer,
    OfferActivity,
    OfferLine,
    OfferLink,
    OfferStatusChange,
    OfferVersion,
    OutsideNumber,
)
from offers.offers.models.references import LostReasonReference, OfferTypeReference
from offers.offers.models.settings import LostReason, NumberSeries, OfferType, SellerDetails

__all__ = [
    "Approval",
    "LostReason",
    "LostReasonReference",
    "NumberSeries",
    "Offer",
    "OfferActivity",
    "OfferLine",
    "OfferLink",
    "OfferStatusChange",
    "OfferType",
    "OfferTypeReference",
    "OfferVersion",
    "OutsideNumber",
    "SellerDetails",
]
