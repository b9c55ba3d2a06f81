"""Two people doing the same thing at the same moment: the second gets the sentence, not a server error.

The second request's check is made to see nothing of the first, as when both check before either writes.
"""

from __future__ import annotations

import json

import pytest
from django.db import models

from accounts.models import Team, User
from customers.models import Customer
from customers.tests.factories import CustomerFactory, business_id
from customers.views.changes import CustomerActiveView

TAKEN = "Another customer has this business ID."


@pytest.fixture
def unseen(monkeypatch):
    """No check before a write sees what others have written."""
    monkeypatch.setattr(models.UniqueConstraint, "validate", lambda *args, **kwargs: None)
    monkeypatch.setattr(models.Model, "_perform_unique_checks", lambda *args, **kwargs: {})
    monkeypatch.setattr(User, "clean", lambda user: None)


def test_two_customers_with_one_business_id(world, unseen):
    number = business_id(90_001)
    CustomerFactory(business_id=number)
    group = world.rows["node"].pk
    data = {"name": "Toinen Oy", "business_id": number, "confirmed": "1", world.rows["branch"].code: group}
    page = world.client("admin").post("/customers/new/", data)
    assert page.status_code == 422
    assert page.context["form"].errors == {"business_id": [TAKEN]}
    body = {"name": "Toinen Oy", "business_id": number, "classes": [group]}
    answer = world.client("admin", api=True).post("/api/v1/customers/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"business_id": [TAKEN]}
    assert Customer.objects.filter(business_id=number).count() == 1


@pytest.mark.parametrize(("field", "other"), [("username", "email"), ("email", "username")])
def test_two_invitations_of_one_person(field, other, world, unseen):
    taken = getattr(world.users["viewer"], field)
    data = {"last_name": "New", "language": "fi", field: taken, other: "new@example.com" if other == "email" else "new"}
    page = world.client("admin").post("/users/invite/", data)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    answer = world.client("admin", api=True).post("/api/v1/users/", data, content_type="application/json")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert not User.objects.filter(last_name="New").exists()


def test_two_teams_of_one_name(world, unseen):
    name, before = world.rows["team"].name, Team.objects.count()
    page = world.client("admin").post("/users/teams/add/", {"name": name.upper()})
    assert page.status_code == 422
    assert page.context["form"].errors == {"name": ["Another team has this name."]}
    assert Team.objects.count() == before


def test_two_numbers_in_one_system(world, unseen):
    other = CustomerFactory(numbers={"TOP": "8841"})
    url = f"/customers/{world.rows['customer'].pk}/numbers/"
    page = world.client("admin").post(url, {"system_0": "TOP", "number_0": "8841"})
    assert page.status_code == 422
    assert "Another customer has this number in this system." in page.text
    endpoint = f"/api/v1/customers/{world.rows['customer'].pk}/"
    body = json.dumps({"numbers": [{"system": "TOP", "number": "8841"}]})
    answer = world.client("admin", api=True).patch(endpoint, body, content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid")
    assert other.numbers.count() == 1


def test_two_people_close_one_activity(world):
    url = f"/activities/{world.rows['activity'].pk}/status/"
    answers = [world.client(name).post(url, {"status": "done"}).status_code for name in ("owner", "admin")]
    assert answers == [302, 302]


@pytest.mark.parametrize(
    ("path", "field"),
    [("customers", "description"), ("contacts", "description"), ("activities", "memo"), ("users", "title")],
)
def test_the_second_of_two_changes_is_told(path, field, world):
    row = world.rows[
        {"customers": "customer", "contacts": "contact", "activities": "activity", "users": "person"}[path]
    ]
    program = world.client("admin", api=True)
    url = f"/api/v1/{path}/{row.pk}/"
    seen = program.get(url).json()["version"]
    first = program.patch(url, {field: "one", "version": seen}, content_type="application/json")
    second = program.patch(url, {field: "two", "version": seen}, content_type="application/json")
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["error"]["code"] == "stale_version"
    assert program.get(url).json()[field] == "one"


def test_a_program_is_answered_in_its_users_language(world):
    world.users["viewer"].language = "fi"
    world.users["viewer"].save()
    url = "/api/v1/customers/0/"
    texts = {name: world.client(name, api=True).get(url).json()["error"]["message"] for name in ("viewer", "owner")}
    assert texts["viewer"] != texts["owner"]


def test_an_action_that_the_database_refuses_is_a_sentence(world, unseen, monkeypatch):
    """An action has no field for the message: the page after it shows it."""
    name = world.rows["team"].name
    monkeypatch.setattr(CustomerActiveView, "perform", lambda view: Team.objects.create(name=name))
    url = world.address("customers/<int:pk>/active/", hidden=True)
    answer = world.client("admin").post(url, follow=True)
    assert answer.status_code == 200
    assert [str(message) for message in answer.context["messages"]] == ["Another team has this name."]
    assert Team.objects.filter(name=name).count() == 1
