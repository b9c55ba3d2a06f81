"""Concurrent changes of offers, each on a separate connection."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError, StaleVersionError
from customers.tests.factories import CustomerFactory
from offers.offers.enums import OfferStatus
from offers.offers.models import Offer, OfferStatusChange
from offers.offers.services.offers import offer_change, offer_create
from offers.offers.services.status import offer_set_status
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.orders.models import Order
from offers.orders.services.orders import offer_accept
from offers.products.tests.factories import line
from tests.security.test_two_connections import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def code_of(action, **arguments):
    """Return what the action gave, or the code of its refusal."""
    try:
        return action(**arguments)
    except BusinessRuleError as error:
        return error.code


def test_fifty_who_accept_at_once_get_one_order():
    offer, user = OfferFactory(status=OfferStatus.SENT, lines=[line(unit_price=500)]), UserFactory()
    results = at_once(*[lambda: code_of(offer_accept, offer=Offer.objects.get(pk=offer.pk), user=user)] * 50)
    [order] = Order.objects.all()
    assert sorted(str(result) for result in results) == sorted([str(order)] + ["already_accepted"] * 49)
    offer.refresh_from_db()
    assert (offer.status, order.lines.count(), order.net) == (OfferStatus.ORDER, 1, 500)
    assert OfferStatusChange.objects.filter(offer=offer, to_status=OfferStatus.ORDER).count() == 1


def test_offers_added_at_once_have_numbers_without_gaps_and_doubles():
    kind, user, customers = OfferTypeFactory(), UserFactory(), CustomerFactory.create_batch(12)

    def add(customer):
        offer_create(offer=Offer(type=kind, title="Yhtä aikaa", customer=customer, owner=user), user=user)

    at_once(*(lambda customer=customer: add(customer) for customer in customers))
    numbers = sorted(int(offer.number.split("-")[1]) for offer in Offer.objects.all())
    assert numbers == list(range(1, 13))


def test_of_one_who_edits_lines_and_one_who_sends_the_later_is_told():
    offer, user = OfferFactory(lines=[line()]), UserFactory()

    def edit():
        try:
            return offer_change(offer=offer, user=user, changes={}, lines=[line(unit_price=1)], version=1).status
        except StaleVersionError as error:
            return error.code

    def send():
        try:
            return offer_set_status(offer=offer, status=OfferStatus.SENT, user=user, version=1).status
        except StaleVersionError as error:
            return error.code

    results = at_once(edit, send)
    assert results.count("stale_version") == 1
    offer.refresh_from_db()
    assert offer.net == (1 if offer.status == OfferStatus.OPEN else 100)
