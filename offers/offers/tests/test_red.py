"""Red in the list of offers: what its reader can act on, with the reason in words."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from offers.offers.tests.factories import OfferFactory, OfferTypeFactory
from offers.offers.tests.pages import client_of
from offers.products.tests.factories import line

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


def listed(user, **fields):
    since = timezone.now() - dt.timedelta(days=21)
    kind = OfferTypeFactory(sent_days=7, open_days=7)
    OfferFactory(type=kind, estimate=100, status_since=since, **fields)
    return client_of(user).get("/offers/?tab=open").text


def test_an_unanswered_offer_of_ones_own_is_red_with_the_reason(user):
    assert '<span class="late-time sm">no answer for 21 days</span>' in listed(user, owner=user, status="sent")


def test_a_colleagues_is_told_in_plain_words(user):
    text = listed(user, owner=UserFactory(), status="open")
    assert '<span class="muted-time sm">draft for 21 days</span>' in text
    assert "late-time" not in text


def test_the_figures_of_vat_have_labels(user):
    offer = OfferFactory(owner=user, lines=[line()])
    text = client_of(user).get(f"/offers/{offer.pk}/").text
    assert '<span class="muted">net</span>' in text
    assert '<span class="muted">VAT</span>' in text
