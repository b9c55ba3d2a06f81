"""People with the rights that care plans ask for, and those without."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from careplans.plans.tests.world import action, under, version_of
from customers.models import Customer
from customers.tests.factories import ResponsibilityFactory


@pytest.fixture
def owner(db: None) -> Any:
    return UserFactory(role="account_manager", language="en")


@pytest.fixture
def colleague(db: None) -> Any:
    return UserFactory(role="account_manager", language="en")


@pytest.fixture
def keeper(db: None) -> Any:
    return UserFactory(role="key_account_manager", language="en")


@pytest.fixture
def director(db: None) -> Any:
    return UserFactory(role="management", language="en")


@pytest.fixture
def reader(db: None) -> Any:
    return UserFactory(role="read_only", language="en")


@pytest.fixture
def customer(owner: Any) -> Customer:
    """A customer of the owner, in a plan with a monthly contact."""
    version = version_of()
    action(version)
    customer = under(version)
    ResponsibilityFactory(customer=customer, user=owner)
    return customer
