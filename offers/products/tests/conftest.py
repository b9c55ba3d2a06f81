"""Fixtures of the tests of products: a register without default data, a user who keeps it and one who reads it."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory
from offers.offers.tests.pages import client_of
from offers.products.models import ProductGroup, Unit, VatClass


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without groups of products, units and VAT classes."""
    without(ProductGroup, Unit, VatClass)


@pytest.fixture
def keeper():
    return client_of(UserFactory(role="product_manager"))


@pytest.fixture
def reader():
    return client_of(UserFactory(role="read_only"))
