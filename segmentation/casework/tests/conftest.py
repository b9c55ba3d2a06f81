"""People, customers and suggestions of the default data's scheme."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from core import clock
from core.conditions.tree import Group
from customers.tests.factories import CustomerFactory
from segmentation.criteria.models import CriteriaVersion, Evaluation
from segmentation.criteria.tests.factories import in_force
from segmentation.membership.services.moves import segment_set
from segmentation.membership.tests.factories import segment
from segmentation.schemes.models import Scheme


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
def scheme(db: None) -> Scheme:
    return Scheme.objects.get(is_primary=True)


@pytest.fixture
def criteria(scheme: Scheme) -> CriteriaVersion:
    return in_force(scheme, {segment("C"): Group(1)})


@pytest.fixture
def suggest(criteria: CriteriaVersion, owner: Any) -> Any:
    """Return a function that adds a customer of the owner in one segment to which the criteria give another."""

    def add(code: str, *, held: str = "C", name: str = "", by: Any = None) -> Any:
        customer = CustomerFactory(owner=by or owner, **({"name": name} if name else {}))
        if held:
            segment_set(customer=customer, segment=segment(held), user=None)
        Evaluation.objects.create(
            scheme=criteria.scheme, customer=customer, segment=segment(code), since=clock.today(), known_share=80,
            outcome="yes", criteria=criteria, day=clock.today(), is_suggestion=True,
        )  # fmt: skip
        return customer

    return add


def held(customer: Any) -> str:
    """Return the code of the customer's present segment."""
    return str(customer.memberships.present().get().segment.code)
