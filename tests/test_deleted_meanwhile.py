"""A row that somebody deletes while somebody else changes it: a clear sentence, and it stays deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Role, Team
from accounts.services import role_delete, role_save
from accounts.team_services import team_delete, team_save
from accounts.tests.factories import UserFactory
from careplans.caremodels.models import CareAction, Term
from careplans.caremodels.services.actions import action_delete, action_move, action_save
from careplans.caremodels.services.registers import term_delete, term_save
from careplans.caremodels.tests.factories import CareActionFactory
from careplans.content.models import Charge
from careplans.content.services.rows import row_delete, row_save
from core.exceptions import GoneError
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Any:
    return UserFactory(role="administrator", language="en")


@pytest.fixture
def action() -> CareAction:
    return CareActionFactory()


@pytest.fixture
def late(action: CareAction) -> CareAction:
    """The action as somebody has it open, who does not know yet that it was deleted."""
    opened = CareAction.objects.get(pk=action.pk)
    action_delete(action=action)
    return opened


def test_a_change_does_not_bring_a_deleted_action_back(late):
    with pytest.raises(GoneError):
        action_save(action=late, types=[], responsible=["role:owner"])
    assert not CareAction.objects.filter(pk=late.pk).exists()


def test_a_deleted_action_is_not_moved(late):
    with pytest.raises(GoneError):
        action_move(action=late, earlier=True)


def test_saving_alone_brings_no_row_back_and_adds_new_ones(late):
    with pytest.raises(GoneError), transaction.atomic():
        late.save()
    late.pk, late._state.adding = None, True
    late.save()
    assert CareAction.objects.filter(code=late.code).count() == 1


def test_a_deleted_term_stays_deleted():
    term = Term.objects.order_by("first").last()
    opened = Term.objects.get(pk=term.pk)
    term_delete(term=term)
    with pytest.raises(GoneError):
        term_save(term=opened)
    assert not Term.objects.filter(pk=opened.pk).exists()


def test_a_charge_that_was_deleted_meanwhile_is_told_to_be_so():
    charge = Charge.objects.create(customer=CustomerFactory(), service="Training", year=2026, amount=5)
    opened = Charge.objects.get(pk=charge.pk)
    row_delete(row=charge)
    with pytest.raises(GoneError, match="Someone else has deleted this meanwhile"):
        row_save(row=opened)
    with pytest.raises(GoneError):
        row_delete(row=opened)


def test_a_deleted_team_or_group_stays_deleted(admin):
    team, role = Team.objects.create(name="South", kind="account"), Role.objects.create(name="helpers")
    open_team, open_role = Team.objects.get(pk=team.pk), Role.objects.get(pk=role.pk)
    team_delete(team=team)
    role_delete(role=role)
    with pytest.raises(GoneError):
        team_save(team=open_team, members=[])
    with pytest.raises(GoneError):
        role_save(role=open_role, grants=[], by=admin)
    assert not Team.objects.filter(name="South").exists()
    assert not Role.objects.filter(name="helpers").exists()


@pytest.fixture
def deleted_on_the_way(monkeypatch: Any) -> Any:
    """Let a service find no row of what the view had found."""

    def fail(**_kwargs: Any) -> None:
        raise Term.DoesNotExist

    monkeypatch.setattr("careplans.caremodels.views.registers.term_delete", fail)
    monkeypatch.setattr("careplans.caremodels.register_api.term_delete", fail)
    return Term.objects.order_by("pk").first()


def test_the_api_answers_409_where_a_row_goes_on_the_way(deleted_on_the_way, admin):
    api = APIClient()
    api.force_authenticate(admin)
    answer = api.delete(f"/api/v1/terms/{deleted_on_the_way.pk}/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "gone")


def test_a_page_says_that_a_row_went_on_the_way(deleted_on_the_way, admin, client):
    client.force_login(admin)
    answer = client.post(reverse("caremodels:term_delete", args=[deleted_on_the_way.pk]))
    assert answer.status_code == 409
    assert "Someone else has deleted this meanwhile." in answer.text
