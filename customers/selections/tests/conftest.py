"""A user, and selections made by the service."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from core.conditions import tree as trees
from core.conditions.forms import checked
from customers.models import ClassificationNode
from customers.selections.enums import SUBJECTS
from customers.selections.services import selection_create


def rule(field: str, **values: Any) -> dict[str, Any]:
    return {"field": field, "values": values}


def group(*parts: dict[str, Any], join: str = "all", **about: Any) -> dict[str, Any]:
    return {"join": join, "parts": list(parts), **about}


def selection_of(
    user: Any, *parts: dict[str, Any], of: str = "customers", name: str = "Poiminta", **fields: Any
) -> Any:
    tree = checked(trees.read(group(*parts)), SUBJECTS[of], user)
    return selection_create(user=user, of=of, tree=tree, name=name, **fields)


def kind(code: str = "suppliers") -> ClassificationNode:
    """Return a customer group of the default data."""
    return ClassificationNode.objects.get(branch__purpose="group", code=code)


def role(code: str) -> ClassificationNode:
    return ClassificationNode.objects.get(branch__purpose="contact_role", code=code)


@pytest.fixture
def user(db):
    return UserFactory(language="en")


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client
