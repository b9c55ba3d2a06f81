"""Fixtures of the tests of sales: an account manager, and who sees management's figures."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory


@pytest.fixture
def user():
    return UserFactory(role="account_manager")


@pytest.fixture
def manager():
    return UserFactory(role="management")
