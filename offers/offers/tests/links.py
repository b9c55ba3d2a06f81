"""Personal links to offers that have been sent."""

from __future__ import annotations

from django.utils import timezone

from activities.log.tests.factories import activity_type
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.enums import OfferStatus
from offers.offers.services.links import link_make, link_of, secret_of
from offers.offers.services.sending import version_make
from offers.offers.services.status import offer_set_status
from offers.offers.tests.factories import OfferFactory
from offers.products.tests.factories import line


def sent_link(offer=None, **fields):
    """Return a personal link to a version that has been sent."""
    activity_type("email")
    offer = offer or OfferFactory(
        customer=CustomerFactory(name="Nokian Konepaja Oy"), title="Valmennus", lines=[line(unit_price=1000)], **fields
    )
    version = version_make(offer=offer, user=offer.owner)
    version.sent_at = timezone.now()
    version.save()
    offer_set_status(offer=offer, status=OfferStatus.SENT, user=offer.owner)
    contact = ContactFactory(customer=offer.customer, email="maija@konepaja.fi")
    return fresh(link_make(offer_version=version, contact=contact, email="maija@konepaja.fi"))


def fresh(link):
    return link_of(secret_of(link))
