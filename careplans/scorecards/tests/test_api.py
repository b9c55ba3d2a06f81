"""The endpoints of scorecards and the customer strategy."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Team
from accounts.services import api_token_create
from accounts.tests.factories import UserFactory
from careplans.scorecards.models import Scorecard
from careplans.scorecards.services.strategies import strategy_draft
from careplans.scorecards.tests.world import card_of, line_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(client):
    def of(user, method, path, body=None):
        _row, key = api_token_create(user=user, name=f"key{Scorecard.objects.count()}{path}"[:40], scope="write")
        about = {"headers": {"Authorization": f"Token {key}"}}
        if body is None and method == "get":
            return client.get(f"/api/v1/{path}", **about)
        return getattr(client, method)(f"/api/v1/{path}", body or {}, "application/json", **about)

    return of


def test_a_scorecard_is_made_filled_in_and_approved(call, customer, owner, director):
    made = call(owner, "post", "scorecards/", {"kind": "customer", "customer": customer.pk, "year": 2026})
    assert made.status_code == 201, made.json()
    card = Scorecard.objects.get()
    line = line_of(card, owner)
    body = {"lines": [{"id": line.pk, "target": "8.00", "entered": "9.50", "comment": "Well"}]}
    shown = call(owner, "post", f"scorecards/{card.pk}/values/", body).json()["lines"][0]
    assert (shown["target"], shown["actual"], shown["result"]) == ("8.00", "9.50", "reached")
    assert call(owner, "post", f"scorecards/{card.pk}/send/").json()["status"] == "sent"
    assert call(owner, "post", f"scorecards/{card.pk}/approve/").status_code == 403
    assert call(director, "post", f"scorecards/{card.pk}/return/", {"reason": "More"}).json()["status"] == "draft"
    call(owner, "post", f"scorecards/{card.pk}/send/")
    approved = call(director, "post", f"scorecards/{card.pk}/approve/").json()
    assert (approved["status"], approved["lines"][0]["kept"]) == ("approved", "9.50")
    assert call(owner, "post", f"scorecards/{card.pk}/values/", body).status_code == 403
    assert call(owner, "post", f"scorecards/{card.pk}/reopen/", {"reason": "Year's end"}).json()["status"] == "draft"


def test_a_scorecard_is_made_by_those_who_make_it(call, customer, owner, manager):
    outsider = UserFactory(role="account_manager")
    bodies = (
        {"kind": "customer", "customer": customer.pk, "year": 2026},
        {"kind": "team", "team": Team.objects.create(name="Sales").pk, "year": 2026},
        {"kind": "strategy", "year": 2026},
    )
    for body in bodies:
        assert call(outsider, "post", "scorecards/", body).status_code == 403, body
        assert call(manager, "post", "scorecards/", body).status_code == 201, body
        assert call(manager, "post", "scorecards/", body).status_code == 409, body


def test_values_of_a_goal_of_another_card_and_stale_ones_are_refused(call, customer, owner):
    card, other = card_of(customer, owner), card_of(customer, owner, year=2024)
    foreign = line_of(other, owner)
    body = {"lines": [{"id": foreign.pk, "target": "1.00"}]}
    assert call(owner, "post", f"scorecards/{card.pk}/values/", body).json()["error"]["code"] == "no_such_line"
    own = line_of(card, owner)
    body = {"version": card.version, "lines": [{"id": own.pk, "target": "1.00"}]}
    assert call(owner, "post", f"scorecards/{card.pk}/values/", body).json()["error"]["code"] == "stale_version"


def test_two_values_of_one_goal_are_refused_and_nothing_is_written(call, customer, owner):
    card = card_of(customer, owner)
    line, other = line_of(card, owner), line_of(card, owner, name="Other")
    values = [{"id": line.pk, "target": "1.00"}, {"id": other.pk, "target": "2.00"}, {"id": line.pk, "comment": "x"}]
    answer = call(owner, "post", f"scorecards/{card.pk}/values/", {"lines": values})
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"] == {"lines": [f"The goal no. {line.pk} is given more than once."]}
    assert {one.target for one in card.lines.all()} == {Decimal(10)}


def test_a_deactivated_person_becomes_responsible_for_no_scorecard(call, customer, owner):
    left = UserFactory(is_active=False)
    body = {"kind": "customer", "customer": customer.pk, "year": 2026, "responsible": left.pk}
    refused = {"responsible": [f"{left} no longer works here."]}
    answer = call(owner, "post", "scorecards/", body)
    assert (answer.status_code, answer.json()["error"]["fields"]) == (400, refused)
    card = card_of(customer, owner)
    answer = call(owner, "patch", f"scorecards/{card.pk}/", {"responsible": left.pk})
    assert (answer.status_code, answer.json()["error"]["fields"]) == (400, refused)
    Scorecard.objects.update(responsible=left)  # who left meanwhile stays until somebody else is chosen
    answer = call(owner, "patch", f"scorecards/{card.pk}/", {"responsible": left.pk, "comment": "x"})
    assert answer.status_code == 200


def test_the_next_years_card_is_not_of_somebody_who_has_left(customer, owner):
    card_of(customer, owner, year=2025, responsible=UserFactory(is_active=False))
    assert card_of(customer, owner, year=2026).responsible == owner


@pytest.mark.parametrize(
    ("kind", "given", "wrong"),
    [
        ("team", ("team", "customer"), "customer"),
        ("customer", ("team", "customer"), "team"),
        ("strategy", ("customer",), "customer"),
        ("strategy", ("team",), "team"),
    ],
)
def test_a_card_of_one_kind_with_the_subject_of_another_is_refused(kind, given, wrong, call, customer, manager):
    subjects = {"customer": customer.pk, "team": Team.objects.create(name="Sales").pk}
    body = {"kind": kind, "year": 2026, **{name: subjects[name] for name in given}}
    answer = call(manager, "post", "scorecards/", body)
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [wrong])


def test_the_list_is_filtered(call, customer, owner):
    for year in (2024, 2025):
        card_of(customer, owner, year=year)
    found = call(owner, "get", "scorecards/?year=2024").json()["results"]
    assert [row["year"] for row in found] == [2024]
    assert found[0]["lines"] == []


def test_the_strategy_is_read(call, owner, manager):
    strategy_draft(user=manager, justification="The first one")
    [row] = call(owner, "get", "customer-strategy/").json()["results"]
    assert (row["number"], row["status"]) == (1, "draft")
