"""What concerns many plans at once is noted with the change: the night makes up for tasks that were lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from accounts.models import Role, Team, TeamMembership, User
from accounts.services import role_delete, user_change, user_deactivate
from accounts.team_services import team_delete, team_save
from accounts.tests.factories import UserFactory
from careplans.adherence.days import plus_days
from careplans.caremodels.models import StatutoryTask, Term
from careplans.caremodels.services.registers import term_save
from careplans.clock.models import InternalAction
from careplans.plans import evaluations
from careplans.plans.evaluations import CustomerEvaluation, care_refresh
from careplans.plans.models import CareTouch, CustomerAction, ModelTouch
from careplans.plans.services.members import members_follow
from careplans.plans.services.stays import models_follow
from careplans.plans.tasks import refresh_all_stays
from careplans.plans.tests.test_evaluations import monthly
from careplans.plans.tests.world import action as action_of
from careplans.plans.tests.world import contact_role, day, refused, under, version_of
from core import clock
from customers.models import ContactClassification
from customers.services.assignments import classifications_set
from customers.services.classification import CLASSES
from customers.services.responsibilities import customers_hand_over
from customers.tests.factories import CustomerFactory, PositionFactory, ResponsibilityFactory
from segmentation.criteria.tests.factories import SegmentFactory
from segmentation.schemes.services.schemes import scheme_make_primary

TODAY = day("2026-05-15")


@pytest.fixture
def today(db: None) -> Iterator[None]:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def followed(monkeypatch: Any, today: None) -> list[CustomerEvaluation]:
    """The customers that a night evaluates, after one that has seen all of them."""
    found: list[CustomerEvaluation] = []
    declared = {"CARE_EVALUATION_FOLLOWERS": [lambda batch, _today: found.extend(batch)]}
    monkeypatch.setattr(evaluations, "declared", lambda name: declared.get(name, []))
    return found


def settle(followed: list[Any]) -> None:
    """Let a night see all customers, and forget what it has seen."""
    refresh_all_stays()
    care_refresh()
    followed.clear()


def next_night(followed: list[CustomerEvaluation]) -> set[int]:
    with clock.frozen(dt.datetime(2026, 5, 16, 1, tzinfo=dt.UTC)):
        refresh_all_stays()
    return {one.customer for one in followed}


# Models, terms, statutory tasks, the primary scheme


def test_the_night_makes_up_for_a_lost_task_of_a_new_version(followed):
    version = monthly()
    customer, _other = under(version), under(monthly())
    settle(followed)
    models_follow([version.model_id])
    assert next_night(followed) == {customer.pk}
    assert not ModelTouch.objects.exists()


def test_the_night_makes_up_for_a_lost_task_of_a_change_of_all_plans(followed):
    customers = {under(monthly()).pk, CustomerFactory().pk}  # also one that no model applies to
    settle(followed)
    term = Term.objects.order_by("first").last()
    term.last = plus_days(term.last, -1)
    term_save(term=term)
    assert next_night(followed) == customers


def test_another_primary_scheme_is_noted_for_all_plans(followed):
    customer = under(monthly())
    settle(followed)
    scheme_make_primary(scheme=SegmentFactory().scheme)
    assert next_night(followed) == {customer.pk}


@pytest.mark.parametrize(("saved", "is_due"), [("2026-05-14T21:30", True), ("2026-05-14T20:30", False)])
def test_a_statutory_task_is_of_the_local_day_on_which_it_was_saved(followed, saved, is_due):
    """21.30 UTC on 14 May is half past midnight of the 15th here, after the night that has looked on the 15th."""
    StatutoryTask.objects.all().delete()
    customer = CustomerFactory()
    settle(followed)
    StatutoryTask.objects.create(code="check", name_fi="T", name_en="T", frequency="months", count=12)
    StatutoryTask.objects.update(updated_at=dt.datetime.fromisoformat(f"{saved}+00:00"))
    care_refresh()
    assert [one.customer for one in followed] == ([customer.pk] if is_due else [])


def test_a_contact_that_gets_another_role_is_noted_with_its_customers(today, django_capture_on_commit_callbacks):
    customer, role = CustomerFactory(), contact_role()
    contact = PositionFactory(customer=customer).contact
    CareTouch.objects.all().delete()
    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks(execute=True):
        classifications_set(target=contact, branch=role.branch, nodes=[role], user=None)
    assert CareTouch.objects.filter(customer=customer.pk).exists()


@pytest.mark.parametrize("change", ["merge", "move"])
def test_a_role_that_is_merged_or_moved_is_noted_for_the_customers_of_its_contacts(
    today, change, django_capture_on_commit_callbacks
):
    customer, role, other = CustomerFactory(), contact_role("one"), contact_role("other")
    contact = PositionFactory(customer=customer).contact
    ContactClassification.objects.create(contact=contact, node=role)
    CareTouch.objects.all().delete()
    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks(execute=True):
        getattr(CLASSES, change)(role, other)
    assert CareTouch.objects.filter(customer=customer.pk).exists()


def test_a_hand_over_is_noted_for_planned_owners_and_deputies_too(today, django_capture_on_commit_callbacks):
    leaver, heir = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    later = ResponsibilityFactory(user=leaver, start=day("2026-06-01")).customer
    deputy = ResponsibilityFactory(user=leaver, role="deputy", start=day("2026-01-01")).customer
    CareTouch.objects.all().delete()
    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks(execute=True):
        customers_hand_over(from_user=leaver, to_user=heir)
    assert set(CareTouch.objects.values_list("customer", flat=True)) >= {later.pk, deputy.pk}


# Groups, teams, active people


@pytest.fixture
def helpers(db: None) -> Role:
    return Role.objects.create(name="helpers", name_fi="Apulaiset", name_en="Helpers")


def given_to(version: Any, **responsible: Any) -> None:
    for row in version.actions.all():
        row.responsible.all().delete()
        row.responsible.create(**responsible)


def test_another_member_of_a_group_is_noted_for_the_models_that_name_it(followed, helpers, django_user_model):
    version, admin, member = monthly(), UserFactory(role="administrator"), UserFactory()
    given_to(version, group=helpers)
    customer, _other = under(version), under(monthly())
    settle(followed)
    user_change(user=member, by=admin, groups=[*member.groups.all(), helpers])
    assert next_night(followed) == {customer.pk}


def test_another_member_of_a_team_is_noted_for_the_customers_own_actions_that_name_it(followed):
    team, member = Team.objects.create(name="South", kind="account"), UserFactory()
    customer, _other = under(monthly()), under(monthly())
    own = CustomerAction.objects.create(
        customer=customer, code="own", name_fi="O", name_en="O", first=TODAY, frequency="months", count=1
    )
    own.responsible.create(team=team)
    settle(followed)
    team_save(team=team, members=[member])
    assert next_night(followed) == {customer.pk}


def test_a_group_of_a_statutory_task_is_one_of_all_plans(followed, helpers):
    task = StatutoryTask.objects.create(code="check", name_fi="T", name_en="T", frequency="months", count=12)
    task.responsible.create(group=helpers, order=9)
    customer = CustomerFactory()
    settle(followed)
    UserFactory().groups.add(helpers)
    assert customer.pk in next_night(followed)


def test_who_is_deactivated_is_noted_for_the_customers_that_the_person_has(followed):
    admin, owner = UserFactory(role="administrator"), UserFactory()
    customer, _other = under(monthly()), under(monthly())
    ResponsibilityFactory(customer=customer, user=owner, start=day("2026-01-01"))
    settle(followed)
    user_deactivate(user=User.objects.get(pk=owner.pk), by=admin)
    assert next_night(followed) == {customer.pk}


def test_who_takes_a_customer_over_later_and_is_deactivated_is_noted_too(followed):
    admin, next_owner, customer = UserFactory(role="administrator"), UserFactory(), under(monthly())
    ResponsibilityFactory(customer=customer, user=next_owner, start=day("2026-06-01"))
    settle(followed)
    user_deactivate(user=User.objects.get(pk=next_owner.pk), by=admin)
    assert next_night(followed) == {customer.pk}


def test_the_group_that_has_what_nobody_has_is_one_of_all_plans(followed):
    customer = under(monthly())
    settle(followed)
    UserFactory(role="key_account_manager")
    assert customer.pk in next_night(followed)


def test_a_team_that_no_plan_names_changes_nothing(followed):
    under(monthly())
    settle(followed)
    TeamMembership.objects.create(team=Team.objects.create(name="North", kind="account"), user=UserFactory())
    assert next_night(followed) == set()


def test_members_are_compared_once(followed, helpers):
    version = monthly()
    given_to(version, group=helpers)
    under(version)
    settle(followed)
    UserFactory().groups.add(helpers)
    members_follow()
    ModelTouch.objects.all().delete()
    members_follow()
    assert not ModelTouch.objects.exists()


def test_a_group_or_team_that_an_approved_version_names_stays(today, helpers):
    version, team = version_of(), Team.objects.create(name="South", kind="account")
    row = action_of(version)
    row.responsible.create(group=helpers, order=8)
    row.responsible.create(team=team, order=9)
    with refused("in_use"):
        role_delete(role=helpers)
    with refused("in_use"):
        team_delete(team=team)
    row.responsible.all().delete()
    event = InternalAction.objects.create(
        code="meeting", name_fi="K", name_en="M", first=TODAY, frequency="months", count=1
    )
    named = event.responsible.create(group=helpers)
    with refused("in_use"):
        role_delete(role=helpers)
    named.delete()
    role_delete(role=helpers)
    team_delete(team=team)
