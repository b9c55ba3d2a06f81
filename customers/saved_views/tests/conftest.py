"""A user with a page, and saved views made by the service."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from customers.saved_views.services import view_create

#: What a browser says when a person follows a link or types an address.
BROWSER = {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_SEC_FETCH_DEST": "document", "HTTP_SEC_FETCH_SITE": "same-origin"}
LIST = "/customers/"


def view_of(user: Any, query: str, *, list: str = "customers:list", name: str = "Näkymä", **fields: Any) -> Any:
    return view_create(user=user, list=list, query=query, name=name, **fields)


def names(response: Any) -> list[str]:
    """Return the names of the rows that a list shows."""
    return [str(row.object) for row in response.context["table"].rows]


@pytest.fixture
def user(db):
    return UserFactory(language="en")


@pytest.fixture
def page(client, user):
    client.force_login(user)
    return client
