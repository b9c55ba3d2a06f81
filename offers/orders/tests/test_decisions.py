"""The decisions of offers on their pages: accepted (rule 4), lost, reopened; every pair of statuses."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.offers.enums import OFFER_TRANSITIONS, OfferStatus
from offers.offers.models import Offer
from offers.offers.tests.factories import LostReasonFactory, OfferFactory
from offers.orders.models import Order
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db

#: The page that leads to each status; sending has its own.
PAGES = {OfferStatus.ORDER: "orders:accept", OfferStatus.LOST: "offers:lose", OfferStatus.OPEN: "offers:reopen"}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


@pytest.fixture
def page(owner):
    return client_of(owner)


def url(name, *args):
    return reverse(name, args=[getattr(arg, "pk", arg) for arg in args])


def text(response):
    return response.content.decode()


def told(name):
    reason = LostReasonFactory()
    return {
        "accept": {
            "actor": "Liisa Laine",
            "comment": "Puhelimessa",
            "confirm": ["unsent"],
            "reason": "Kiire",
        },
        "lose": {"reason": reason.pk, "competitor": "Kilpailija Oy", "note": "Halvempi"},
        "reopen": {"reason": "Asiakas harkitsee uudelleen"},
    }[name.rpartition(":")[2]]


@pytest.mark.parametrize("old", OfferStatus)
@pytest.mark.parametrize("new", PAGES)
def test_every_step_is_done_or_refused_as_the_table_says(page, owner, old, new):
    offer = OfferFactory(owner=owner, status=old, lines=[line()])
    response = page.post(url(PAGES[new], offer), told(PAGES[new]))
    offer.refresh_from_db()
    if new in OFFER_TRANSITIONS[old]:
        assert (response.status_code, offer.status) == (302, new)
    else:
        assert (response.status_code, offer.status) == (422, old)
        assert response.context["form"].non_field_errors()


def test_rule_4_accepting_makes_one_order_and_the_offer_becomes_an_order(page, owner):
    offer = OfferFactory(owner=owner, status=OfferStatus.SENT, lines=[line("Päivä", unit_price=700)])
    response = page.post(url("orders:accept", offer), told("accept"))
    order = Order.objects.get()
    assert response.headers["Location"] == order.get_absolute_url()
    offer.refresh_from_db()
    assert (offer.status, order.offer, order.net, [line.name for line in order.lines.all()]) == (
        "order", offer, offer.net, ["Päivä"],
    )  # fmt: skip
    change = offer.status_changes.first()
    assert (change.user, change.actor, change.reason) == (owner, "Liisa Laine", "Puhelimessa")
    shown = text(page.get(url("offers:detail", offer)))
    assert order.number in shown
    assert "Liisa Laine" in shown
    again = page.post(url("orders:accept", offer), told("accept"))
    assert (again.status_code, Order.objects.count()) == (422, 1)
    assert "already been accepted" in text(again)


def test_who_accepted_is_asked_and_the_contact_stands_there(page, owner):
    contact = ContactFactory(first_name="Liisa", last_name="Laine")
    offer = OfferFactory(owner=owner, contact=contact)
    assert page.get(url("orders:accept", offer)).context["form"]["actor"].value() == "Liisa Laine"
    response = page.post(url("orders:accept", offer), {"actor": ""})
    assert "actor" in response.context["form"].errors
    assert not Order.objects.exists()


def test_losing_needs_a_reason_in_use_and_remembers_the_competitor(page, owner):
    offer = OfferFactory(owner=owner)
    retired = LostReasonFactory(retired_at="2026-01-01T00:00Z")
    for reason in ("", retired.pk, 999_999):
        response = page.post(url("offers:lose", offer), {"reason": reason})
        assert (response.status_code, "reason" in response.context["form"].errors) == (422, True)
    page.post(url("offers:lose", offer), told("lose"))
    offer.refresh_from_db()
    assert (offer.status, offer.competitor, offer.lost_reason.name) == ("lost", "Kilpailija Oy", "Price")
    assert offer.status_changes.first().reason == "Price: Halvempi"
    assert "Kilpailija Oy" in text(page.get(url("offers:lose", OfferFactory(owner=owner))))


def test_opening_again_needs_a_reason(page, owner):
    offer = OfferFactory(owner=owner, status=OfferStatus.LOST)
    assert page.post(url("offers:reopen", offer), {"reason": "  "}).status_code == 422
    page.post(url("offers:reopen", offer), told("reopen"))
    offer.refresh_from_db()
    assert (offer.status, offer.lost_reason) == ("open", None)


@pytest.mark.parametrize("name", ["orders:accept", "offers:lose", "offers:reopen"])
def test_only_those_who_may_change_an_offer_decide_it(name, owner):
    offer = OfferFactory(owner=owner, status=OfferStatus.SENT)
    for user in (
        UserFactory(role="account_manager"),
        UserFactory(role="read_only"),
        UserFactory(role="sales_assistant"),
    ):
        client = client_of(user)
        assert client.get(url(name, offer)).status_code == 403
        assert client.post(url(name, offer), told(name)).status_code == 403
    assert Client().post(url(name, offer)).status_code == 302
    assert Offer.objects.get(pk=offer.pk).status == "sent"
    assert client_of(UserFactory(role="management")).post(url(name, offer), told(name)).status_code == 302


@pytest.mark.parametrize("name", ["orders:accept", "offers:lose", "offers:reopen"])
def test_nothing_is_decided_of_a_passive_customers_offer(name):
    offer = OfferFactory(customer=CustomerFactory(passive=True), status=OfferStatus.SENT)
    admin = client_of(UserFactory(role="administrator"))
    assert admin.post(url(name, offer), told(name)).status_code == 403
    assert client_of(UserFactory(role="management")).post(url(name, offer), told(name)).status_code == 404
    assert Offer.objects.get(pk=offer.pk).status == "sent"
