"""The API's list of offers is sorted as its page is, by the columns of each tab."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from accounts.services import api_token_create
from accounts.tests.factories import UserFactory
from offers.offers.filters import OFFER_TABS
from offers.offers.tables import OFFER_TABLE, TAB_TABLES
from offers.offers.tests.factories import OfferFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    user = UserFactory(role="account_manager")
    OfferFactory(owner=user, title="First", net=5, expected_close=dt.date(2026, 12, 2))
    OfferFactory(owner=user, title="Second", net=3, expected_close=dt.date(2026, 12, 1))
    _token, key = api_token_create(user=user, name="program")
    return Client(headers={"Authorization": f"Token {key}"})


@pytest.mark.parametrize("tab", OFFER_TABS)
def test_every_sort_of_a_tab_is_one_of_the_api(program, tab):
    for name in TAB_TABLES.get(tab, OFFER_TABLE).sort_paths:
        for order in (name, f"-{name}"):
            assert program.get("/api/v1/offers/", {"tab": tab, "ordering": order}).status_code == 200, order


def test_open_offers_are_sorted_by_their_expected_close(program):
    def titles(order):
        answer = program.get("/api/v1/offers/", {"tab": "open", "ordering": order}).json()
        return [row["title"] for row in answer["results"]]

    assert titles("expected_close") == ["Second", "First"]
    assert titles("-expected_close") == ["First", "Second"]


def test_all_offers_cannot_be_sorted_by_what_only_open_ones_have(program):
    assert program.get("/api/v1/offers/", {"ordering": "expected_close"}).status_code == 400
