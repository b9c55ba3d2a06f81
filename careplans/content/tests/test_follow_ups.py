"""The follow-up of a project makes work: an internal action of the plan that lasts as long as the project."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from activities.log.models import Activity
from careplans.content.models import Project
from careplans.content.services.follow_ups import follow_up_of
from careplans.content.services.rows import row_delete, row_restore, row_save, snapshot
from careplans.plans.evaluations import care_refresh
from careplans.plans.models import CustomerAction
from careplans.plans.plan import plan_of
from careplans.plans.services.actions import waits_for_management
from careplans.plans.services.stays import stays_refresh
from careplans.plans.tests.world import approval_model, member
from core import clock
from customers.models import Customer, Responsibility

pytestmark = pytest.mark.django_db


def in_days(days: int) -> dt.date:
    return clock.today() + dt.timedelta(days=days)


def project_of(customer: Customer, user: Any, **about: Any) -> Project:
    project = Project(customer=customer, **{"name": "Archive", "follow_every": 1, "end": in_days(300), **about})
    return row_save(row=project, user=user)


def action_of(project: Project) -> CustomerAction:
    found = follow_up_of(project)
    assert found is not None
    return found


def test_a_project_with_a_follow_up_is_an_internal_action_until_it_ends(customer, owner):
    action = action_of(project_of(customer, owner))
    assert (action.scope, action.frequency, action.count, action.last) == ("internal", "months", 1, in_days(300))
    assert action.name_en == "Follow-up of the project: Archive"
    assert action.code in {line.code for line in plan_of(customer, clock.today()).lines}


def test_it_brings_work_into_the_calendar(customer, owner):
    project_of(customer, owner)
    care_refresh([customer.pk])
    [work] = Activity.objects.filter(customer=customer)
    assert (work.type.code, owner in work.users.all()) == ("project_work", True)


def test_a_project_without_a_follow_up_or_over_makes_no_work(customer, owner):
    assert follow_up_of(project_of(customer, owner, follow_every=None)) is None
    assert follow_up_of(project_of(customer, owner, end=in_days(-1))) is None


def test_another_cadence_and_another_end_change_the_action(customer, owner):
    project = project_of(customer, owner)
    project.follow_every, project.end = 3, in_days(100)
    row_save(row=project, user=owner)
    action = action_of(project)
    assert (action.count, action.last, CustomerAction.objects.count()) == (3, in_days(100), 1)


def test_a_change_of_something_else_leaves_the_action_as_it_is(customer, owner):
    project = project_of(customer, owner)
    before = action_of(project).version
    project.manager = "Maija"
    row_save(row=project, user=owner)
    assert action_of(project).version == before


def test_a_removed_project_is_not_followed_up_and_comes_back_with_its_follow_up(customer, owner):
    project = project_of(customer, owner)
    kept = snapshot(project)
    row_delete(row=project)
    assert not CustomerAction.objects.exists()
    row_restore(customer=customer, content=kept, user=owner)
    assert action_of(Project.objects.get()).count == 1


def test_our_representative_has_it_by_the_role_for_the_customer_before_the_owner(customer, owner, colleague):
    Responsibility.objects.create(customer=customer, user=colleague, role="deputy", start=in_days(-10))
    action = action_of(project_of(customer, owner, representative=colleague))
    assert [row.key for row in action.responsible.all()] == ["role:deputy", "role:owner"]


def test_where_plans_need_approval_the_follow_up_waits_for_the_management(customer, owner):
    member(customer, approval_model().segment, "2026-01-01")
    stays_refresh([customer.pk])
    assert waits_for_management(action_of(project_of(customer, owner)))


def test_the_page_says_how_often(customer, owner):
    client = Client()
    client.force_login(owner)
    answer = client.post(
        reverse("carecontent:row_add", args=[customer.pk, "projects"]),
        {"name": "Archive", "priority": "1", "follow_every": "3", "follow_up": "steering group"},
    )
    assert answer.status_code == 302
    page = client.get(reverse("carecontent:tab", args=[customer.pk])).content.decode()
    assert "each quarter, steering group" in page
