"""The cast: an administrator, a colleague who sells, a reader who changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.tests.factories import UserFactory


@pytest.fixture
def admin(db: None) -> Any:
    return UserFactory(username="admin", first_name="Aino", last_name="Admin", role="administrator")


@pytest.fixture
def colleague(db: None) -> Any:
    return UserFactory(username="colleague", first_name="Kalle", last_name="Colleague", role="account_manager")


@pytest.fixture
def reader(db: None) -> Any:
    return UserFactory(username="reader", first_name="Raija", last_name="Reader", role="read_only")


@pytest.fixture
def signed_in() -> Callable[[Any], Client]:
    """Return a browser in which a user has signed in."""

    def sign_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
