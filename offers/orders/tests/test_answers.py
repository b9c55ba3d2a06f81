"""Answers of contacts by the personal link: one answer, one order, and the errors of each link."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest
from django.utils import timezone

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from customers.enums import ResponsibilityRole
from customers.models import Responsibility
from offers.offers.enums import LinkAnswer, OfferStatus
from offers.offers.models import LostReason, Offer, OfferLink
from offers.offers.services.links import LinkState, link_answer, link_of, link_opened, link_revoke, secret_of, state_of
from offers.offers.services.offers import offer_change
from offers.offers.services.sending import version_make
from offers.offers.services.status import offer_lose, offer_reopen
from offers.offers.tests.factories import LostReasonFactory, OfferFactory
from offers.offers.tests.links import fresh, sent_link
from offers.orders.models import Order
from offers.orders.services.orders import offer_accept
from offers.products.tests.factories import ProductFactory, VatClassFactory, line
from tests.security.test_two_connections import at_once

pytestmark = pytest.mark.django_db
link_accept = partial(link_answer, answer=LinkAnswer.ACCEPTED)
link_decline = partial(link_answer, answer=LinkAnswer.DECLINED)


def code_of(function, **fields):
    with pytest.raises(BusinessRuleError) as caught:
        function(**fields)
    return caught.value.code


def test_accepting_makes_the_order_of_what_was_sent():
    link = sent_link()
    order = link_accept(link=link, name=" Maija \n Virtanen ", comment="Aloitetaan maaliskuussa")
    link = fresh(link)
    offer = link.version.offer
    assert (offer.status, order.offer_version, order.net) == (OfferStatus.ORDER, link.version, 1000)
    assert (link.answer, link.answer_name, link.comment) == (
        LinkAnswer.ACCEPTED, "Maija Virtanen", "Aloitetaan maaliskuussa"
    )  # fmt: skip
    assert link.answered_at is not None
    change = offer.status_changes.first()
    assert (change.user, change.actor, change.reason) == (None, "Maija Virtanen", "Aloitetaan maaliskuussa")


def test_the_order_has_the_vat_that_was_sent_though_the_rate_changes_meanwhile():
    vat = VatClassFactory(rates={"2020-01-01": 24})
    product = ProductFactory(vat_class=vat)
    link = sent_link(OfferFactory(lines=[line(product_id=product.pk, kind="product", vat_rate=24, unit_price=100)]))
    vat.rates.create(valid_from=timezone.localdate(), percent="25.5")
    link.version.offer.lines.update(vat_rate="25.5", unit_price=999)
    order = link_accept(link=link, name="Maija")
    [order_line] = order.lines.all()
    assert (order_line.vat_rate, order_line.unit_price, order.vat) == (24, 100, 24)


def test_the_account_manager_is_told_of_the_answer():
    link = sent_link()
    link_accept(link=link, name="Maija", comment="Kiitos")
    [notification] = Notification.objects.all()
    assert (notification.user, notification.kind) == (link.version.offer.owner, "offer_accepted")
    assert notification.url == Order.objects.get().get_absolute_url()
    assert notification.data["comment"] == "Kiitos"


def test_who_cares_for_the_customer_is_told_where_the_account_manager_has_left():
    link = sent_link()
    offer, person = link.version.offer, UserFactory()
    Responsibility.objects.create(
        customer=offer.customer, user=person, role=ResponsibilityRole.OWNER, start=timezone.localdate()
    )
    offer.owner.is_active = False
    offer.owner.save()
    link_decline(link=fresh(link), name="Maija")
    assert [notification.user for notification in Notification.objects.all()] == [person]


def test_declining_loses_the_offer_with_the_contacts_words():
    link = sent_link()
    link_decline(link=link, name="Maija", comment="Budjetti ei riitä")
    offer = Offer.objects.get()
    change = offer.status_changes.first()
    assert (offer.status, offer.lost_reason.code) == (OfferStatus.LOST, "declined")
    assert (change.actor, change.user) == ("Maija", None)
    assert change.reason.endswith("Budjetti ei riitä")
    assert not Order.objects.exists()
    assert state_of(fresh(link)) == LinkState.ANSWERED


def test_declining_works_though_its_reason_is_retired_for_people():
    LostReasonFactory(code="declined", retired_at=timezone.now())
    link_decline(link=sent_link(), name="Maija")
    assert LostReason.objects.get(code="declined").retired_at is not None


@pytest.mark.parametrize("name", ["", "  \n ", "\u202e\x00"])
def test_an_answer_needs_a_name(name):
    link = sent_link()
    assert code_of(link_accept, link=link, name=name) == "name_required"
    assert Offer.objects.get().status == OfferStatus.SENT


def test_an_answer_is_given_once():
    link = sent_link()
    link_accept(link=link, name="Maija")
    assert code_of(link_accept, link=link, name="Maija") == "link_answered"
    assert code_of(link_decline, link=link, name="Maija") == "link_answered"
    assert Order.objects.count() == 1


def accepted_otherwise(offer, link):
    offer_accept(offer=offer, user=offer.owner)


def lost(offer, link):
    offer_lose(offer=offer, user=offer.owner, reason=LostReasonFactory())


def withdrawn(offer, link):
    offer_reopen(offer=offer, user=offer.owner, reason="Hinta muuttuu")


def changed(offer, link):
    offer_change(offer=offer, user=offer.owner, changes={"title": "Uusi"})


def passive(offer, link):
    offer.customer.state = "passive"
    offer.customer.save()


def expired(offer, link):
    day = timezone.localdate() - dt.timedelta(days=1)
    type(link.version).objects.update(valid_until=day)


def ended(offer, link):
    OfferLink.objects.update(expires_at=timezone.now())


def revoked(offer, link):
    link_revoke(link=link)


def superseded(offer, link):
    sent_link(offer)


@pytest.mark.parametrize(
    ("happened", "state"),
    [
        (accepted_otherwise, LinkState.ACCEPTED),
        (lost, LinkState.CLOSED),
        (withdrawn, LinkState.WITHDRAWN),
        (changed, LinkState.WITHDRAWN),
        (passive, LinkState.ENDED),
        (expired, LinkState.EXPIRED),
        (ended, LinkState.ENDED),
        (revoked, LinkState.REVOKED),
        (superseded, LinkState.SUPERSEDED),
    ],
)
def test_an_old_link_accepts_nothing(happened, state):
    link = sent_link()
    happened(link.version.offer, link)
    before, orders = Offer.objects.get().status, Order.objects.count()
    assert state_of(fresh(link)) == state
    assert code_of(link_accept, link=fresh(link), name="Maija") == f"link_{state.value}"
    assert code_of(link_decline, link=fresh(link), name="Maija") == f"link_{state.value}"
    assert (Offer.objects.get().status, Order.objects.count()) == (before, orders)


def test_a_version_that_was_only_made_supersedes_nothing():
    link = sent_link()
    version_make(offer=link.version.offer, user=None)
    assert state_of(fresh(link)) == LinkState.OPEN


def test_on_its_last_day_an_offer_is_still_accepted():
    today = timezone.localdate()
    link = sent_link(date=today, valid_until=today)
    assert state_of(link) == LinkState.OPEN


def test_a_link_is_found_by_its_secret_alone():
    link = sent_link()
    secret = secret_of(link)
    assert link_of(secret) == link
    assert link_of(secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None
    assert link_of(link.digest) is None
    assert secret not in str(OfferLink.objects.values().get())


def test_the_first_opening_is_kept():
    link = sent_link()
    link_opened(link)
    first = fresh(link).opened_at
    link_opened(fresh(link))
    assert fresh(link).opened_at == first is not None


def test_revoking_twice_is_once():
    link = sent_link()
    first = link_revoke(link=link).revoked_at
    assert link_revoke(link=link).revoked_at == first


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_presses_by_the_link_one_accepts():
    link = sent_link()

    def press(answer):
        try:
            answer(link=fresh(link), name="Maija")
            return "done"
        except BusinessRuleError as error:
            return error.code

    results = at_once(*[lambda: press(link_accept)] * 15, *[lambda: press(link_decline)] * 5)
    assert sorted(results) == ["done"] + ["link_answered"] * 19
    offer = Offer.objects.get()
    assert Order.objects.count() == (1 if offer.status == OfferStatus.ORDER else 0)
    assert offer.status_changes.filter(to_status__in=["order", "lost"]).count() == 1
