"""The people of care plans, and a day in May."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from careplans.following.tests.world import owned, primary_model
from careplans.plans.tests.conftest import colleague, director, keeper, owner, reader  # noqa: F401
from careplans.plans.tests.world import action, under, version_of
from core import clock
from customers.models import Customer


@pytest.fixture
def may(db: None) -> Iterator[None]:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def version(may: None) -> Any:
    version = version_of(primary_model())
    action(version)
    return version


@pytest.fixture
def customer(version: Any, owner: Any) -> Customer:  # noqa: F811
    return owned(under(version), owner)
