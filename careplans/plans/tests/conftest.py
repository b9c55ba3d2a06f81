"""People with the rights that care plans ask for, and those without."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from careplans.plans.services import stays
from careplans.plans.tests.world import action, under, version_of
from customers.models import Customer
from customers.tests.factories import ResponsibilityFactory


@pytest.fixture(autouse=True)
def _found_by_the_night(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each customer in these tests, the nightly run of all finds a difference just where a refresh writes rows."""
    refresh: Callable[..., int] = stays._refresh

    def refresh_checked(ids: list[int], today: dt.date) -> int:
        different = {*stays.stays_different(today)} & {*ids}
        rows = refresh(ids, today)
        assert len(ids) > 1 or bool(different) == bool(rows)  # of several, another run may have changed some meanwhile
        return rows

    monkeypatch.setattr(stays, "_refresh", refresh_checked)


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
