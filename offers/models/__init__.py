"""Models by subject; import them from here."""

from offers.models.approvals import Approval
from offers.models.invoices import BillingDetails, Invoice, InvoiceBatch, InvoiceLine
from offers.models.offers import (
    Offer,
    OfferActivity,
    OfferLine,
    OfferLink,
    OfferStatusChange,
    OfferVersion,
    OutsideNumber,
)
from offers.models.orders import Delivery, Order, OrderLine, OrderStatusChange
from offers.models.products import Product, ProductGroup, ProductOwner, ProductPrice, Unit, VatClass, VatRate
from offers.models.settings import LostReason, NumberSeries, OfferType, SellerDetails
from offers.models.targets import SalesTarget

__all__ = [
    "Approval",
    "BillingDetails",
    "Delivery",
    "Invoice",
    "InvoiceBatch",
    "InvoiceLine",
    "LostReason",
    "NumberSeries",
    "Offer",
    "OfferActivity",
    "OfferLine",
    "OfferLink",
    "OfferStatusChange",
    "OfferType",
    "OfferVersion",
    "Order",
    "OrderLine",
    "OrderStatusChange",
    "OutsideNumber",
    "Product",
    "ProductGroup",
    "ProductOwner",
    "ProductPrice",
    "SalesTarget",
    "SellerDetails",
    "Unit",
    "VatClass",
    "VatRate",
]
