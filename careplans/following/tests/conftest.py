"""The people of care plans, and a day in May."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from careplans.plans.tests.conftest import colleague, director, keeper, owner, reader  # noqa: F401
from core import clock


@pytest.fixture
def may(db: None) -> Iterator[None]:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield
