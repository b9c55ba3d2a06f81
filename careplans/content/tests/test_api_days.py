"""Days that pages refuse are refused by the endpoints of care plans too."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from customers.models import Customer

pytestmark = pytest.mark.django_db
REFUSED = ["The year must be between 1900 and 2199."]


@pytest.fixture
def keeper(db: None) -> Any:
    return UserFactory(role="administrator", language="en")


def faults(user: Any, path: str, body: dict[str, Any]) -> Any:
    """Return what an endpoint refuses of a body, by field."""
    client = APIClient(headers={"accept-language": "en"})
    client.force_authenticate(user)
    answer = client.post(f"/api/v1/{path}", body, format="json")
    assert answer.status_code == 400, answer.json()
    return answer.json()["error"]["fields"]


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    ("path", "field", "body"),
    [
        ("care-plans/{customer}/updates/", "day", {}),
        ("care-plans/{customer}/skip/", "start", {"code": "contact", "kind": "calendar", "reason": "x"}),
        ("needs/", "noticed_on", {"name": "Single sign-on", "customer": "{customer}"}),
        ("care-plan-headers/", "given_on", {"customer": "{customer}"}),
        ("care-plan-headers/", "asked_on", {"customer": "{customer}"}),
        ("care-plan-projects/", "start", {"name": "Archive", "customer": "{customer}"}),
        ("care-plan-projects/", "end", {"name": "Archive", "customer": "{customer}"}),
        ("care-plan-agreements/", "day", {"name": "Plan", "customer": "{customer}"}),
        ("customer-care-actions/", "first", {"customer": "{customer}"}),
        ("customer-care-actions/", "last", {"customer": "{customer}"}),
        ("care-plan-exceptions/", "first", {"customer": "{customer}", "last": "2027-01-01"}),
        ("care-plan-exceptions/", "last", {"customer": "{customer}"}),
        ("terms/", "first", {"name_fi": "Kevät", "last": "2027-01-01"}),
        ("absences/", "first", {"last": "2027-01-01"}),
        ("absences/", "last", {"first": "2027-01-01"}),
    ],
)
def test_a_day_of_another_age_is_refused_at_its_field(day, path, field, body, customer: Customer, keeper):
    body = {name: customer.pk if value == "{customer}" else value for name, value in body.items()}
    assert faults(keeper, path.format(customer=customer.pk), body | {field: day})[field] == REFUSED
