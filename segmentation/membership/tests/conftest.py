"""People, customers and segments of the default data's scheme."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory
from customers.tests.factories import CustomerFactory


@pytest.fixture
def owner(db):
    return UserFactory(role="account_manager", language="en")


@pytest.fixture
def director(db):
    return UserFactory(role="management", language="en")


@pytest.fixture
def customer(owner):
    return CustomerFactory(name="Nokian Konepaja Oy", owner=owner)
