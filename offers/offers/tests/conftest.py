"""Fixtures of the tests of offers' pages: users who read or write offers, a type, a customer."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferTypeFactory
from offers.offers.tests.pages import client_of


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", first_name="Maija", last_name="Salo")


@pytest.fixture
def page(owner):
    return client_of(owner)


@pytest.fixture
def colleague():
    return client_of(UserFactory(role="account_manager"))


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))


@pytest.fixture
def kind():
    return OfferTypeFactory(
        code="service", intro_fi="Kiitos pyynnöstä.", intro_en="Thank you.", terms_fi="Ehdot.", terms_en="Terms."
    )


@pytest.fixture
def customer():
    return CustomerFactory(name="Nokian Konepaja Oy")
