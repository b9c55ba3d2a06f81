"""People with the rights that care models ask for, and those without."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.tests.factories import UserFactory


@pytest.fixture
def owner(db: None) -> Any:
    return UserFactory(role="account_manager", language="en")


@pytest.fixture
def keeper(db: None) -> Any:
    return UserFactory(role="key_account_manager", language="en")


@pytest.fixture
def director(db: None) -> Any:
    return UserFactory(role="management", language="en")


@pytest.fixture
def admin(db: None) -> Any:
    return UserFactory(role="administrator", language="en")


@pytest.fixture
def reader(db: None) -> Any:
    return UserFactory(role="read_only", language="en")
