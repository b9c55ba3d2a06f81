"""People with the rights that plans ask for, and a customer with an owner."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from customers.models import Customer
from customers.tests.factories import CustomerFactory, ResponsibilityFactory


@pytest.fixture
def owner(db: None) -> Any:
    return UserFactory(role="account_manager", language="en")


@pytest.fixture
def colleague(db: None) -> Any:
    return UserFactory(role="account_manager", language="en")


@pytest.fixture
def admin(db: None) -> Any:
    return UserFactory(role="administrator", language="en")


@pytest.fixture
def reader(db: None) -> Any:
    return UserFactory(role="read_only", language="en")


@pytest.fixture
def customer(owner: Any) -> Customer:
    row = CustomerFactory(name="Nokian Konepaja Oy")
    ResponsibilityFactory(customer=row, user=owner)
    return row
