"""Asking for exceptions of customers' plans by API: what the page of the plan does, and what it refuses."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from careplans.caremodels.models import StatutoryTask
from careplans.caremodels.services.registers import statutory_save
from careplans.plans.models import PlanApproval, PlanException
from careplans.plans.services.approvals import plan_approve
from careplans.plans.services.exceptions import exception_request
from careplans.plans.tests.test_api import api, post
from careplans.plans.tests.test_services import exception
from careplans.plans.tests.world import action, approval_model, kind, plan, under, version_of
from core import clock
from customers.models import Customer

pytestmark = pytest.mark.django_db
TODAY, URL = "2026-05-15", "care-plan-exceptions/"
OTHER = {"kind": "frequency", "frequency": "months", "count": 3, "after": 5}


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


def asked(customer: Customer, **about: Any) -> dict[str, Any]:
    usual = {"code": "contact", "kind": "left_out", "last": "2026-08-31", "reason": "The customer asked for it."}
    return {"customer": customer.pk, **usual, **about}


def refusal(answer: Any) -> tuple[int, str, list[str]]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], list(error.get("fields", {}))


def test_an_owner_asks_for_another_frequency_and_the_manager_decides(owner, keeper, customer):
    answer = post(owner, URL, asked(customer, **OTHER))
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    assert {name: made[name] for name in OTHER} == OTHER
    assert (made["first"], made["status"], made["requested_by"]) == (TODAY, "requested", owner.pk)
    assert post(keeper, f"{URL}{made['id']}/approve/", {}).json()["status"] == "approved"


def test_an_exception_of_who_manages_plans_is_in_force_at_once(keeper, customer):
    made = post(keeper, URL, asked(customer)).json()
    assert (made["status"], made["decided_by"]) == ("approved", keeper.pk)
    assert not plan(customer, TODAY).line("contact").is_in_force


def test_the_management_decides_where_the_segment_needs_approval(keeper, director):
    version = version_of(approval_model())
    action(version)
    customer = under(version)
    plan_approve(approval=PlanApproval.objects.get(customer=customer), user=director)
    made = post(keeper, URL, asked(customer)).json()
    assert (made["status"], made["decided_by"]) == ("requested", None)


def test_somebody_else_has_the_action(owner, customer):
    about = {"kind": "responsible", "responsible": ["role:deputy", "group:management"]}
    made = post(owner, URL, asked(customer, **about)).json()
    assert made["responsible"] == ["role:deputy", "group:management"]


def test_a_field_of_another_kind_is_not_kept(owner, customer):
    made = post(owner, URL, asked(customer, **{**OTHER, "kind": "left_out"})).json()
    assert (made["frequency"], made["count"], made["after"]) == ("", None, None)


@pytest.mark.parametrize("reason", ["", " ", None])
def test_an_exception_without_a_reason_is_refused(owner, customer, reason):
    assert refusal(post(owner, URL, asked(customer, reason=reason))) == (400, "invalid", ["reason"])
    assert not PlanException.objects.exists()


@pytest.mark.parametrize(
    ("about", "code", "field"),
    [
        ({"first": "2026-05-14"}, "past_day", "first"),
        ({"last": "2026-05-14"}, "wrong_days", "last"),
        ({"code": "visit"}, "unknown_action", "code"),
        ({"kind": "frequency"}, "no_frequency", "frequency"),
        ({"kind": "frequency", "frequency": "once", "count": 3}, "no_frequency", "frequency"),
        ({"kind": "frequency", "frequency": "months", "count": 0.0}, "invalid", "count"),
        ({"kind": "responsible"}, "no_responsible", "responsible"),
        ({"kind": "responsible", "responsible": ["role:nobody"]}, "unknown_responsible", "responsible"),
    ],
)
def test_what_the_form_refuses_is_refused_at_its_field(owner, customer, about, code, field):
    status, *what = refusal(post(owner, URL, asked(customer, **about)))
    assert (status, what) == (400 if code == "invalid" else 409, [code, [field]])
    assert not PlanException.objects.exists()


def test_days_that_wait_for_a_decision_are_not_asked_for_twice(owner, customer):
    exception_request(exception=exception(customer), user=owner)
    assert refusal(post(owner, URL, asked(customer))) == (409, "overlap", ["first"])


def test_a_statutory_task_has_no_exceptions(owner, customer):
    task = StatutoryTask(
        code="report", name_fi="Raportti", name_en="Report", completed_by=["activity"], frequency="months", count=12,
        activity_type=kind("call"), basis="The law",
    )  # fmt: skip
    statutory_save(task=task, types=[], responsible=["role:owner"])
    assert refusal(post(owner, URL, asked(customer, code="report"))) == (409, "statutory", ["code"])


def test_who_may_not_change_the_customer_asks_for_nothing(reader, colleague, customer):
    assert [post(user, URL, asked(customer)).status_code for user in (reader, colleague)] == [403, 403]
    assert not PlanException.objects.exists()


def test_a_customer_that_nobody_shows_does_not_exist(owner, keeper, customer):
    Customer.objects.filter(pk=customer.pk).update(state="passive", passive_since=TODAY)
    assert refusal(post(owner, URL, asked(customer))) == (400, "invalid", ["customer"])


def test_an_exception_is_not_changed(owner, customer):
    made = exception_request(exception=exception(customer), user=owner)
    answer = api(owner).patch(f"/api/v1/{URL}{made.pk}/", {"last": "2026-12-31"}, content_type="application/json")
    assert answer.status_code == 405
