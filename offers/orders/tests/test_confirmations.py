"""Accepting an expired or unsent offer inside the program: only when confirmed with a reason, which is kept."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from offers.offers.enums import OfferStatus
from offers.offers.models import OfferVersion
from offers.offers.tests.factories import OfferFactory
from offers.orders.models import Order
from offers.orders.services.orders import offer_accept, to_confirm
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


@pytest.fixture
def owner():
    return UserFactory(role="account_manager")


def offer_of(owner, *, status=OfferStatus.SENT, expired=False):
    last = TODAY - dt.timedelta(days=1 if expired else -30)
    return OfferFactory(
        owner=owner, status=status, date=TODAY - dt.timedelta(days=60), valid_until=last, lines=[line()]
    )


CASES = [
    (OfferStatus.SENT, True, ["expired"], "confirm_expired"),
    (OfferStatus.OPEN, False, ["unsent"], "confirm_unsent"),
    (OfferStatus.OPEN, True, ["expired", "unsent"], "confirm_expired_unsent"),
]


@pytest.mark.parametrize(("status", "expired", "points", "code"), CASES)
def test_an_expired_or_unsent_offer_is_accepted_only_when_confirmed_with_a_reason(owner, status, expired, points, code):
    offer = offer_of(owner, status=status, expired=expired)
    assert to_confirm(offer) == points
    for confirm in ([], points[:-1]):
        with pytest.raises(BusinessRuleError) as error:
            offer_accept(offer=offer, user=owner, confirm=confirm, reason="Signed on paper")
        assert (error.value.code, error.value.field) == (code, "confirm")
    with pytest.raises(BusinessRuleError) as error:
        offer_accept(offer=offer, user=owner, confirm=points, reason=" ")
    assert (error.value.code, error.value.field) == ("reason_required", "reason")
    assert not Order.objects.exists()
    order = offer_accept(offer=offer, user=owner, confirm=points, reason="Signed on paper", comment="At the fair")
    for change in (offer.status_changes.first(), order.status_changes.first()):
        assert "Signed on paper" in change.reason
        assert change.reason.endswith("At the fair")
        assert change.user == owner


def test_a_sent_and_valid_offer_asks_nothing(owner):
    order = offer_accept(offer=offer_of(owner), user=owner, comment="By phone")
    assert order.status_changes.first().reason == "By phone"


def test_the_last_day_of_validity_is_not_yet_expired(owner):
    offer = offer_of(owner)
    offer.valid_until = TODAY
    assert to_confirm(offer) == []


def test_no_reason_is_cut(owner):
    with pytest.raises(BusinessRuleError) as error:
        offer_accept(
            offer=offer_of(owner, expired=True), user=owner, confirm=["expired"], reason="x" * 600, comment="y" * 600
        )
    assert (error.value.code, Order.objects.count()) == ("reason_too_long", 0)


def test_by_link_an_expired_offer_stays_refused_whatever_is_confirmed(owner):
    offer = offer_of(owner, expired=True)
    version = OfferVersion.objects.create(offer=offer, number=1, content_version=1, valid_until=offer.valid_until)
    with pytest.raises(BusinessRuleError) as error:
        offer_accept(offer=offer, user=None, offer_version=version, confirm=["expired"], reason="Signed on paper")
    assert error.value.code == "offer_expired"


def test_the_page_asks_and_keeps_the_reason(owner):
    client, offer = Client(), offer_of(owner, status=OfferStatus.OPEN, expired=True)
    client.force_login(owner)
    url = reverse("orders:accept", args=[offer.pk])
    shown = client.get(url).content.decode()
    assert "Its last day of validity has passed" in shown
    assert "Its present content has not been sent" in shown
    told = {"actor": "Liisa Laine", "comment": "", "reason": "Signed on paper"}
    for refused in (told, told | {"confirm": ["expired"]}, told | {"confirm": ["expired", "unsent"], "reason": ""}):
        response = client.post(url, refused)
        assert response.status_code == 422
        assert {"confirm", "reason"} & response.context["form"].errors.keys()
    assert client.post(url, told | {"confirm": ["expired", "unsent"]}).status_code == 302
    assert "Signed on paper" in client.get(reverse("offers:detail", args=[offer.pk])).content.decode()


def test_the_page_asks_nothing_about_a_sent_and_valid_offer(owner):
    client = Client()
    client.force_login(owner)
    form = client.get(reverse("orders:accept", args=[offer_of(owner).pk])).context["form"]
    assert list(form.fields) == ["actor", "comment"]


@pytest.mark.parametrize(("status", "expired", "points", "code"), CASES)
def test_the_api_names_what_to_confirm(owner, status, expired, points, code):
    api, offer = APIClient(), offer_of(owner, status=status, expired=expired)
    api.force_authenticate(owner)
    url = f"/api/v1/offers/{offer.pk}/accept/"
    refused = api.post(url, {"actor": "Liisa"}, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, code)
    assert "confirm" in refused.json()["error"]["fields"]
    unknown = api.post(url, {"confirm": ["everything"], "reason": "Signed"}, format="json")
    assert unknown.status_code == 400
    accepted = api.post(url, {"actor": "Liisa", "confirm": points, "reason": "Signed on paper"}, format="json")
    assert (accepted.status_code, accepted.json()["status"]) == (200, "order")
    assert "Signed on paper" in offer.status_changes.first().reason
