"""The people of care plans, a day in May, and no internal events but those that a test adds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from careplans.clock.models import InternalAction
from careplans.plans.tests.conftest import colleague, director, keeper, owner, reader  # noqa: F401
from core import clock


@pytest.fixture
def may(db: None) -> Iterator[None]:
    InternalAction.objects.all().delete()
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield
