from __future__ import annotations

from typing import Any

import pytest

from customers.models import ClassificationBranch


@pytest.fixture(autouse=True)
def _no_required_classes(request: pytest.FixtureRequest) -> Any:
    """Let new customers be without a customer group, except in tests that use ``required_classes``."""
    if request.node.get_closest_marker("django_db") and "required_classes" not in request.fixturenames:
        request.getfixturevalue("db")
        ClassificationBranch.objects.update(is_required=False)


@pytest.fixture
def required_classes() -> None:
    """The customer group is required of new customers, as the default data has it."""
