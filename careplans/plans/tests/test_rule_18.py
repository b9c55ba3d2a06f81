"""Rule 18: in a segment that needs approval nothing of a customer's plan takes effect without the management."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Notification
from careplans.caremodels.models import StatutoryTask
from careplans.caremodels.services.registers import statutory_save
from careplans.caremodels.tests.factories import CareModelFactory
from careplans.plans.models import CustomerAction, PlanApproval, PlanException
from careplans.plans.services.actions import (
    customer_action_approve,
    customer_action_end,
    customer_action_reject,
    customer_action_resume,
    customer_action_save,
)
from careplans.plans.services.approvals import plan_approve, plan_reject, plans_approve
from careplans.plans.services.exceptions import exception_approve, exception_request
from careplans.plans.services.stays import stays_refresh
from careplans.plans.tasks import refresh_needs
from careplans.plans.tests.world import action, approval_model, at, day, kind, member, plan, refused, under, version_of
from core import clock
from customers.models import Customer, CustomerClassification
from customers.tests.factories import CustomerFactory, NodeFactory, ResponsibilityFactory
from segmentation.criteria.tests.factories import SegmentFactory
from segmentation.schemes.services.schemes import segment_change

pytestmark = pytest.mark.django_db
TODAY = "2026-05-15"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with on(TODAY):
        yield


def on(text: str) -> Any:
    return clock.frozen(dt.datetime.fromisoformat(f"{text}T09:00:00+00:00"))


def model_of_class(customer: Customer) -> Any:
    """Return a version of a model of a class that the customer has, with one action."""
    node = NodeFactory()
    version = version_of(CareModelFactory(segment=None, node=node))
    action(version, "class_talk")
    CustomerClassification.objects.create(customer=customer, node=node)
    return version


def move(customer: Customer, segment: Any, text: str) -> None:
    """Move the customer at noon of a day to another segment of its scheme."""
    row = customer.memberships.get(scheme=segment.scheme, period__upper_inf=True)
    row.period = type(row.period)(row.period.lower, at(text), "[)")
    row.save()
    member(customer, segment, text)
    stays_refresh([customer.pk])


def leave(customer: Customer, segment: Any, text: str) -> None:
    """Move the customer to a segment that needs no approval and has no care model."""
    move(customer, SegmentFactory(scheme=segment.scheme), text)


def codes(customer: Customer, text: str) -> list[str]:
    return [line.code for line in plan(customer, text).lines if line.is_in_force]


@pytest.fixture
def waiting(owner: Any) -> PlanApproval:
    version = version_of(approval_model())
    action(version)
    customer = under(version)
    ResponsibilityFactory(customer=customer, user=owner)
    return PlanApproval.objects.get(customer=customer)


@pytest.fixture
def key_customer(waiting: PlanApproval, director: Any) -> Customer:
    """A customer in a segment that needs approval, with an approved plan."""
    plan_approve(approval=waiting, user=director)
    return waiting.customer


# Which models


def test_a_model_of_a_class_waits_for_the_management_of_a_key_customer(key_customer, director):
    version = model_of_class(key_customer)
    stays_refresh([key_customer.pk])
    assert codes(key_customer, TODAY) == ["contact"]
    plan_approve(approval=PlanApproval.objects.waiting().get(model_version=version), user=director)
    assert codes(key_customer, TODAY) == ["class_talk", "contact"]


def test_a_model_of_a_second_scheme_waits_too(key_customer, director):
    version = version_of()
    action(version, "second")
    under(version, "2026-05-01", key_customer)
    assert codes(key_customer, TODAY) == ["contact"]
    assert PlanApproval.objects.waiting().get(customer=key_customer).model_version == version


def test_a_model_of_a_class_applies_at_once_to_other_customers():
    customer = CustomerFactory()
    model_of_class(customer)
    stays_refresh([customer.pk])
    assert codes(customer, TODAY) == ["class_talk"]
    assert not PlanApproval.objects.exists()


# Switching the need of approval


def test_a_segment_that_needs_approval_from_today_on_leaves_the_past_as_it_was():
    version = version_of()
    action(version)
    customer = under(version)
    segment = version.model.segment
    segment.needs_approval = True
    segment.save()
    stays_refresh([customer.pk])
    assert codes(customer, "2026-05-14") == ["contact"]
    assert codes(customer, TODAY) == []
    assert PlanApproval.objects.waiting().filter(customer=customer).exists()


def test_a_segment_that_needs_no_approval_any_more_has_its_plans_in_effect_from_today(waiting):
    segment = waiting.model_version.model.segment
    segment.needs_approval = False
    segment.save()
    stays_refresh([waiting.customer_id])
    assert codes(waiting.customer, "2026-05-14") == []
    assert codes(waiting.customer, TODAY) == ["contact"]
    assert not PlanApproval.objects.waiting().exists()


def test_switching_it_is_followed_without_waiting_for_the_night(
    keeper, monkeypatch, django_capture_on_commit_callbacks
):
    customer = under(version_of())
    segment = customer.memberships.get().segment
    segment.needs_approval, queued = True, []
    monkeypatch.setattr("careplans.plans.services.stays.queue_task", lambda name, *args: queued.append((name, *args)))
    segment_change(segment=segment, user=keeper, approvers=[Group.objects.get(name="management")])
    assert queued == [("careplans.plans.tasks.refresh_needs", [segment.pk])]
    monkeypatch.setattr("careplans.plans.services.stays.send_task", lambda name, *args: queued.append((name, *args)))
    with django_capture_on_commit_callbacks(execute=True):
        refresh_needs([segment.pk])
    assert queued[1:] == [("careplans.plans.tasks.refresh_stays", [customer.pk])]


# Leaving and coming back


def test_who_comes_back_after_a_break_is_decided_about_anew(key_customer, waiting, director):
    segment = waiting.model_version.model.segment
    with on("2026-06-10"):
        leave(key_customer, segment, "2026-06-10")
    with on("2026-07-01"):
        move(key_customer, segment, "2026-07-01")
        assert codes(key_customer, "2026-07-01") == []
        plan_approve(approval=PlanApproval.objects.waiting().get(customer=key_customer), user=director)
    assert codes(key_customer, "2026-06-01") == ["contact"]
    assert codes(key_customer, "2026-07-01") == ["contact"]


def test_a_rejection_of_before_the_break_does_not_stand(waiting, director):
    plan_reject(approval=waiting, user=director, reason="Too few meetings.")
    segment = waiting.model_version.model.segment
    leave(waiting.customer, segment, "2026-05-20")
    with on("2026-07-01"):
        move(waiting.customer, segment, "2026-07-01")
    assert PlanApproval.objects.waiting().get(customer=waiting.customer_id).note == ""


def test_an_approval_that_is_needed_no_more_is_refused_with_a_sentence(waiting, director):
    other = PlanApproval.objects.get(pk=waiting.pk)
    other.delete()
    with refused("approval_gone"):
        plan_approve(approval=waiting, user=director)
    assert plans_approve(approvals=[waiting.pk], user=director) == (0, [])


# Exceptions


def left_out(customer: Customer) -> PlanException:
    about = {"code": "contact", "kind": "left_out", "first": day(TODAY), "last": day("2026-08-31")}
    return PlanException(customer=customer, reason="The customer asked for it.", **about)


def test_an_exception_of_a_key_customer_waits_for_the_management(key_customer, keeper, director):
    asked = exception_request(exception=left_out(key_customer), user=keeper)
    assert asked.status == "requested"
    with refused("management_decides"):
        exception_approve(exception=asked, user=keeper)
    exception_approve(exception=asked, user=director)
    assert codes(key_customer, TODAY) == []


def test_who_asked_does_not_decide_about_the_exception(key_customer, director):
    asked = exception_request(exception=left_out(key_customer), user=director)
    with refused("own_exception"):
        exception_approve(exception=asked, user=director)


def test_an_exception_of_before_the_segment_does_not_apply_in_it(keeper, director):
    customer = CustomerFactory()
    model_of_class(customer)
    stays_refresh([customer.pk])
    about = {"code": "class_talk", "kind": "left_out", "first": day(TODAY), "last": day("2026-08-31")}
    exception_request(exception=PlanException(customer=customer, reason="Wished.", **about), user=keeper)
    assert codes(customer, "2026-05-20") == []
    with on("2026-06-01"):
        member(customer, SegmentFactory(needs_approval=True), "2026-06-01")
        stays_refresh([customer.pk])
        plan_approve(approval=PlanApproval.objects.waiting().get(customer=customer), user=director)
    assert codes(customer, "2026-06-01") == ["class_talk"]


def test_the_page_and_the_api_let_only_the_management_decide(client, key_customer, owner, keeper, director):
    asked = exception_request(exception=left_out(key_customer), user=owner)
    client.force_login(keeper)
    assert client.post(reverse("careplans:exception_approve", args=[asked.pk])).status_code == 403
    api = APIClient()
    api.force_authenticate(keeper)
    assert api.post(f"/api/v1/care-plan-exceptions/{asked.pk}/approve/", {}, format="json").status_code == 403
    assert not PlanException.objects.awaiting(keeper).exists()
    assert PlanException.objects.awaiting(director).get() == asked
    api.force_authenticate(director)
    assert api.post(f"/api/v1/care-plan-exceptions/{asked.pk}/approve/", {}, format="json").status_code == 200


# Own actions


def own(customer: Customer, user: Any, **fields: Any) -> CustomerAction:
    about = {
        "name_fi": "Raportti", "name_en": "Report", "completed_by": ["activity"], "frequency": "months", "count": 1,
        "activity_type": kind("call"), "first": day(TODAY), **fields,
    }  # fmt: skip
    return customer_action_save(
        action=CustomerAction(customer=customer, **about), types=[], responsible=["role:owner"], user=user
    )


def test_an_own_action_of_a_key_customer_takes_effect_by_the_management(key_customer, owner, keeper, director):
    row = own(key_customer, owner)
    assert row.code not in codes(key_customer, TODAY)
    with refused("management_decides"):
        customer_action_approve(action=row, user=keeper)
    customer_action_approve(action=row, user=director)
    assert row.code in codes(key_customer, TODAY)


def test_those_who_may_approve_an_own_action_get_a_notice_of_it(key_customer, owner, keeper, director):
    own(key_customer, director)
    assert not Notification.objects.filter(user__in=[owner, keeper, director], kind="customer_action_asked").exists()
    CustomerAction.objects.all().delete()
    own(key_customer, owner)
    [notice] = Notification.objects.filter(user__in=[owner, keeper, director], kind="customer_action_asked")
    assert (notice.user, notice.data["by"]) == (director, str(owner))
    change(CustomerAction.objects.get(), owner)  # it waits already
    assert Notification.objects.filter(kind="customer_action_asked", user=director).count() == 1


def test_an_own_action_that_is_in_effect_at_once_asks_nobody(owner, director):
    customer = CustomerFactory()
    ResponsibilityFactory(customer=customer, user=owner)
    own(customer, owner)
    assert not Notification.objects.filter(kind="customer_action_asked").exists()


def test_who_added_an_own_action_does_not_approve_it(key_customer, director):
    with refused("own_exception"):
        customer_action_approve(action=own(key_customer, director), user=director)


def test_an_own_action_of_another_customer_is_in_effect_at_once(owner, director):
    customer = under(version_of())
    row = own(customer, owner)
    assert row.code in codes(customer, TODAY)
    with refused("nothing_to_approve"):
        customer_action_approve(action=row, user=director)


@pytest.fixture
def approved(key_customer: Customer, owner: Any, director: Any) -> CustomerAction:
    return customer_action_approve(action=own(key_customer, owner), user=director)


def change(row: CustomerAction, user: Any) -> CustomerAction:
    row = CustomerAction.objects.get(pk=row.pk)
    row.count = 3
    return customer_action_save(action=row, types=[], responsible=["role:owner"], user=user)


def size(customer: Customer, code: str, text: str) -> int:
    line: Any = plan(customer, text).line(code)
    return int(line.action.frequency.size)


def test_a_changed_own_action_stays_as_it_was_until_the_decision(approved, owner, director):
    with on("2026-06-01"):
        row = change(approved, owner)
        assert size(row.customer, row.code, "2026-06-01") == 1
    with on("2026-06-05"):
        customer_action_approve(action=row, user=director)
    assert size(row.customer, row.code, "2026-06-04") == 1
    assert size(row.customer, row.code, "2026-06-05") == 3


def test_a_rejected_change_leaves_the_action_as_it_was(approved, owner, director):
    with on("2026-06-01"):
        row = change(approved, owner)
        customer_action_reject(action=row, user=director, reason="Each month is agreed.")
    assert CustomerAction.objects.get().last is None
    assert size(approved.customer, approved.code, "2026-07-01") == 1
    assert Notification.objects.get(user=owner, kind="customer_action_rejected").data["reason"]


def test_the_plan_offers_the_decision_to_the_management(client, key_customer, owner, keeper, director):
    row = own(key_customer, owner)
    address = reverse("careplans:own_approve", args=[row.pk])
    for user, is_offered in ((owner, False), (keeper, False), (director, True)):
        client.force_login(user)
        page = client.get(reverse("careplans:tab", args=[key_customer.pk])).content.decode()
        assert (address in page) == is_offered
    client.post(address)
    row.refresh_from_db()
    assert row.approved_by == director


def test_the_management_rejects_an_own_action_by_the_page_with_the_reason(client, key_customer, owner, director):
    row = own(key_customer, owner)
    client.force_login(director)
    answer = client.post(reverse("careplans:own_reject", args=[row.pk]), {"reason": "Not needed."})
    assert (answer.status_code, CustomerAction.objects.count()) == (302, 0)


def test_the_api_decides_about_own_actions(key_customer, owner, keeper, director):
    row, api = own(key_customer, owner), APIClient()
    address = f"/api/v1/customer-care-actions/{row.pk}/approve/"
    for user, status in ((keeper, 403), (director, 200), (director, 409)):
        api.force_authenticate(user)
        assert api.post(address, {}, format="json").status_code == status


# Ends and codes


def test_an_end_that_is_taken_back_leaves_the_end_that_was_planned(owner):
    customer = under(version_of())
    with on("2026-05-01"):
        row = own(customer, owner, first=day("2026-05-01"), last=day("2026-12-31"))
    customer_action_end(action=row)
    assert customer_action_resume(action=row).last == day("2026-12-31")


def test_an_action_that_was_not_ended_by_a_person_is_not_resumed(owner):
    customer = under(version_of())
    with on("2026-05-01"):
        row = own(customer, owner, first=day("2026-05-01"), last=day("2026-05-14"))
    with refused("not_ended_today"):
        customer_action_resume(action=row)


def test_a_statutory_task_takes_no_code_of_a_customers_action(owner):
    row = own(under(version_of()), owner, code="report")
    task = StatutoryTask(
        code=row.code, name_fi="Raportti", name_en="Report", completed_by=["activity"], frequency="months", count=1,
        activity_type=kind("call"),
    )  # fmt: skip
    with refused("own_code", "code"):
        statutory_save(task=task, types=[], responsible=["role:owner"])
