"""The endpoints of care plans."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.services import api_token_create
from careplans.caremodels.models import SkipReason
from careplans.plans.models import CustomerAction, OccurrenceCorrection, OccurrenceDecision, PlanApproval, PlanUpdate
from careplans.plans.services.exceptions import exception_request
from careplans.plans.tests.test_services import exception
from careplans.plans.tests.world import approval_model, kind, log, under, version_of
from core import clock
from customers.models import Customer

pytestmark = pytest.mark.django_db
MAY = {"code": "contact", "kind": "calendar", "start": "2026-05-31"}


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def reason(db: None) -> SkipReason:
    return SkipReason.objects.create(code="wished", name_fi="Asiakas pyysi", name_en="The customer asked for it")


def api(user: Any) -> Client:
    _token, key = api_token_create(user=user, name="test")
    return Client(headers={"Authorization": f"Token {key}"})


def post(user: Any, url: str, body: dict[str, Any]) -> Any:
    return api(user).post(f"/api/v1/{url}", body, content_type="application/json")


def test_the_list_has_customers_with_their_models(reader, customer):
    [row] = api(reader).get("/api/v1/care-plans/").json()["results"]
    assert row["id"] == customer.pk
    assert row["care_models"] == [customer.care_stays.get().model_id]


def test_a_plan_has_its_actions_and_figures(reader, owner, customer):
    log(customer, "2026-01-10", user=owner)
    plan = api(reader).get(f"/api/v1/care-plans/{customer.pk}/").json()
    [line] = plan["actions"]
    assert (plan["year"]["adherence"], line["code"], line["next_due"]) == (25, "contact", "2026-05-31")


def test_the_occurrences_of_a_customer(reader, owner, customer):
    done = log(customer, "2026-01-10", user=owner)
    rows = api(reader).get(f"/api/v1/care-occurrences/?customer={customer.pk}&code=contact").json()
    assert [row["state"] for row in rows[:2]] == ["done", "missed"]
    assert rows[0]["done_id"] == done.pk


def test_occurrences_of_nobody_are_refused(reader):
    assert api(reader).get("/api/v1/care-occurrences/").status_code == 400


def test_skipping_an_occurrence(owner, customer, reason):
    answer = post(owner, f"care-plans/{customer.pk}/skip/", MAY | {"reason": "wished"})
    assert (answer.status_code, answer.json()["id"]) == (200, OccurrenceDecision.objects.get().pk)


def test_an_occurrence_that_does_not_exist_is_a_conflict(owner, customer, reason):
    answer = post(owner, f"care-plans/{customer.pk}/skip/", MAY | {"reason": "wished", "code": "other"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "unknown_occurrence")


def test_postponing_an_occurrence(owner, customer, reason):
    answer = post(owner, f"care-plans/{customer.pk}/postpone/", MAY | {"reason": "wished", "to": "2026-06-20"})
    assert answer.json()["to"] == "2026-06-20"


def test_another_owner_skips_nothing(colleague, customer, reason):
    assert post(colleague, f"care-plans/{customer.pk}/skip/", MAY | {"reason": "wished"}).status_code == 403


def test_recording_an_update(owner, customer):
    answer = post(owner, f"care-plans/{customer.pk}/updates/", {"accepted_by": "Maija Virtanen"})
    assert (answer.status_code, PlanUpdate.objects.get().accepted_by) == (201, "Maija Virtanen")


def test_management_approves_a_plan(director):
    approval = PlanApproval.objects.get(customer=under(version_of(approval_model())))
    answer = post(director, f"care-plan-approvals/{approval.pk}/approve/", {"note": "Good."})
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")


def test_an_approval_of_an_older_version_is_refused(director):
    approval = PlanApproval.objects.get(customer=under(version_of(approval_model())))
    assert post(director, f"care-plan-approvals/{approval.pk}/approve/", {"version": 99}).status_code == 409


def test_the_key_account_manager_decides_about_an_exception(owner, keeper, customer):
    asked = exception_request(exception=exception(customer), user=owner)
    answer = post(keeper, f"care-plan-exceptions/{asked.pk}/approve/", {})
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")


def test_the_owner_ends_an_exception(owner, customer):
    asked = exception_request(exception=exception(customer), user=owner)
    assert post(owner, f"care-plan-exceptions/{asked.pk}/end/", {}).status_code == 204


def test_the_list_asks_as_much_for_many_as_for_few(reader, customer):
    client = api(reader)
    client.get("/api/v1/care-plans/")
    with CaptureQueriesContext(connection) as few:
        client.get("/api/v1/care-plans/")
    for _number in range(4):
        under(customer.care_stays.get().model.versions.get())
    with CaptureQueriesContext(connection) as many:
        client.get("/api/v1/care-plans/")
    assert len(few) == len(many)


def own_action(customer: Customer, **about: Any) -> dict[str, Any]:
    return {
        "customer": customer.pk, "name_fi": "Raportti", "name_en": "Report", "completed_by": ["activity"],
        "activity_type": kind("call").pk, "frequency": "months", "count": 1, "responsible": ["role:owner"], **about,
    }  # fmt: skip


def test_an_own_action_is_added_changed_and_ended(owner, colleague, customer):
    url = "customer-care-actions/"
    assert post(colleague, url, own_action(customer)).status_code == 403
    made = post(owner, url, own_action(customer))
    assert made.status_code == 201, made.json()
    assert (made.json()["code"], made.json()["first"]) == ("own-raportti", "2026-05-15")
    address = f"/api/v1/{url}{made.json()['id']}/"
    changed = api(owner).patch(address, {"count": 3}, content_type="application/json").json()
    assert (changed["count"], changed["responsible"]) == (3, ["role:owner"])
    assert api(owner).patch(address, {"count": 2, "version": 1}, content_type="application/json").status_code == 409
    assert post(owner, f"{url}{made.json()['id']}/end/", {}).status_code == 204
    assert not CustomerAction.objects.exists()


def test_an_own_action_has_a_frequency_that_there_is(owner, customer):
    for wrong in ({"count": 0}, {"frequency": "named", "months": [13]}, {"count": 0.1}):
        assert post(owner, "customer-care-actions/", own_action(customer, **wrong)).status_code in (400, 409)
    assert not CustomerAction.objects.exists()


def test_what_something_done_counts_for_is_corrected(owner, colleague, customer):
    done, url = log(customer, "2026-01-10", user=owner), f"care-plans/{customer.pk}/correct/"
    body = {"code": "contact", "done_by": "activity", "done_id": done.pk, "kind": "calendar", "start": "2026-03-31"}
    assert post(colleague, url, body).status_code == 403
    assert post(owner, url, body).json()["start"] == "2026-03-31"
    assert OccurrenceCorrection.objects.get().key.start == dt.date(2026, 3, 31)
    assert post(owner, url, body | {"start": None, "note": "Not about it"}).json()["start"] is None
    assert post(owner, url, body | {"done_id": done.pk + 1}).status_code == 409
