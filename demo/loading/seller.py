"""The demo organisation's own data: without them nothing could be invoiced."""

from __future__ import annotations

from offers.offers.models import SellerDetails

OURS = {
    "name": "Esimerkkiopisto",
    "business_id": "9876543-0",
    "vat_number": "FI98765430",
    "street": "Kirkkokatu 16",
    "postal_code": "02770",
    "city": "Espoo",
    "email": "laskutus@esimerkkiopisto.example",
    "iban": "FI2112345600000785",
    "bic": "NDEAFIHH",
}


def seller_load() -> None:
    """Fill our data in where there are none."""
    row, _is_new = SellerDetails.objects.get_or_create(pk=1)
    if not row.name:
        SellerDetails.objects.filter(pk=1).update(**OURS)


def seller_remove() -> None:
    """Take the demo's data away, unless somebody has made them their own."""
    SellerDetails.objects.filter(pk=1, **OURS).delete()
