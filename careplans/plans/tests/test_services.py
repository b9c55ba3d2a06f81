"""Approvals, exceptions, customers' own actions, updates of plans: what is allowed, what is refused, what follows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import Notification
from careplans.caremodels.models import StatutoryTask
from careplans.caremodels.services.registers import statutory_save
from careplans.plans.models import CustomerAction, ModelStay, PlanApproval, PlanException, PlanUpdate
from careplans.plans.services.actions import (
    MOST_ACTIONS,
    customer_action_end,
    customer_action_resume,
    customer_action_save,
)
from careplans.plans.services.approvals import plan_approve, plan_ask, plan_reject, plans_approve
from careplans.plans.services.exceptions import (
    exception_approve,
    exception_end,
    exception_reject,
    exception_request,
)
from careplans.plans.services.updates import plan_update_add
from careplans.plans.tests.world import (
    action,
    approval_model,
    day,
    evaluated,
    kind,
    over,
    plan,
    refused,
    under,
    version_of,
)
from core import clock
from customers.models import Customer
from customers.tests.factories import ResponsibilityFactory

pytestmark = pytest.mark.django_db
TODAY = "2026-05-15"


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def customer() -> Customer:
    version = version_of()
    action(version)
    return under(version)


# Approvals


@pytest.fixture
def waiting(owner: Any) -> PlanApproval:
    version = version_of(approval_model())
    action(version)
    customer = under(version)
    ResponsibilityFactory(customer=customer, user=owner)
    return PlanApproval.objects.get(customer=customer)


def test_an_approved_plan_is_in_effect_from_the_day_of_the_approval(waiting, director):
    plan_approve(approval=waiting, user=director)
    found = evaluated(waiting.customer, TODAY, "2026-06-10").occurrences["contact"]
    assert [one.last for one in found] == [day("2026-05-31"), day("2026-06-30")]


def test_a_plan_is_approved_once(waiting, director):
    plan_approve(approval=waiting, user=director)
    with refused("status_not_allowed"):
        plan_approve(approval=waiting, user=director)


def test_a_plan_of_a_version_that_was_replaced_is_not_approved(waiting, director):
    version = waiting.model_version
    version.valid_to = day("2026-05-14")
    version.save()
    with refused("version_ended"):
        plan_approve(approval=waiting, user=director)


def test_a_plan_of_an_inactive_customer_is_not_approved(waiting, director):
    Customer.objects.filter(pk=waiting.customer_id).update(state="passive", passive_since=day(TODAY))
    with refused("customer_passive"):
        plan_approve(approval=waiting, user=director)


def test_a_plan_is_rejected_with_a_reason_only(waiting, director):
    with refused("reason_required", "reason"):
        plan_reject(approval=waiting, user=director, reason=" ")


def test_the_owner_hears_why_a_plan_was_rejected(waiting, director, owner):
    plan_reject(approval=waiting, user=director, reason="Too few meetings.")
    assert Notification.objects.get(user=owner, kind="plan_rejected").data["reason"] == "Too few meetings."


def test_who_asked_again_does_not_approve(waiting, director):
    rejected = plan_reject(approval=waiting, user=director, reason="Too few meetings.")
    asked = plan_ask(approval=rejected, user=director)
    with refused("own_plan"):
        plan_approve(approval=asked, user=director)


def test_many_plans_are_approved_and_the_others_are_named(waiting, director):
    version = waiting.model_version
    others = [under(version) for _number in range(2)]
    Customer.objects.filter(pk=others[0].pk).update(state="passive", passive_since=day(TODAY))
    ids = list(PlanApproval.objects.values_list("pk", flat=True))
    approved, refusals = plans_approve(approvals=ids, user=director)
    assert approved == 2
    assert refusals == [f"{others[0]}: The customer is inactive."]


# Exceptions


def exception(customer: Customer, **fields: Any) -> PlanException:
    about = {"code": "contact", "kind": "left_out", "first": day(TODAY), "last": day("2026-08-31")}
    return PlanException(customer=customer, reason="The customer asked for it.", **{**about, **fields})


def test_an_owner_asks_and_the_plan_stays_until_somebody_decides(customer, owner):
    asked = exception_request(exception=exception(customer), user=owner)
    assert (asked.status, asked.requested_by) == ("requested", owner)
    assert plan(customer, TODAY).line("contact").is_in_force


def test_an_exception_of_who_manages_plans_is_in_force_at_once(customer, keeper):
    asked = exception_request(exception=exception(customer), user=keeper)
    assert asked.status == "approved"
    assert not plan(customer, TODAY).line("contact").is_in_force


def test_what_is_left_out_is_due_again_after_the_end(customer, owner, keeper):
    asked = exception_request(exception=exception(customer), user=owner)
    exception_approve(exception=asked, user=keeper)
    lasts = over(evaluated(customer, "2026-11-05"))
    assert lasts == [f"2026-{end}" for end in ("01-31", "02-28", "03-31", "04-30", "09-30", "10-31")]


def test_another_frequency_applies_as_a_whole(customer, keeper):
    about = {"kind": "frequency", "frequency": "months", "count": 3, "last": day("2026-12-31")}
    exception_request(exception=exception(customer, **about), user=keeper)
    assert over(evaluated(customer, "2026-10-05"))[-2:] == ["2026-06-30", "2026-09-30"]


def test_another_responsible_leaves_the_frequency(customer, keeper):
    about = {"kind": "responsible", "last": day("2026-12-31")}
    exception_request(exception=exception(customer, **about), user=keeper, responsible=["group:management"])
    line = plan(customer, TODAY).line("contact")
    assert line.action.responsible == ("group:management",)
    assert line.action.frequency.size == 1


def test_another_frequency_and_another_responsible_apply_together(customer, keeper):
    frequency = {"kind": "frequency", "frequency": "weeks", "count": 2}
    exception_request(exception=exception(customer, **frequency), user=keeper)
    exception_request(exception=exception(customer, kind="responsible"), user=keeper, responsible=["role:deputy"])
    found = plan(customer, TODAY).line("contact").action
    assert (found.frequency.cadence, found.responsible) == (14, ("role:deputy",))


def test_a_request_approved_later_changes_nothing_of_the_past(customer, owner, keeper):
    asked = exception_request(exception=exception(customer), user=owner)
    with clock.frozen(dt.datetime(2026, 7, 1, 9, tzinfo=dt.UTC)):
        approved = exception_approve(exception=asked, user=keeper)
    assert approved.first == day("2026-07-01")


def test_who_asked_hears_the_decision(customer, owner, keeper):
    asked = exception_request(exception=exception(customer), user=owner)
    exception_reject(exception=asked, user=keeper, reason="A contact each month is agreed.")
    assert Notification.objects.filter(user=owner, kind="plan_exception_decided").count() == 1


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"reason": ""}, "reason_required", "reason"),
        ({"first": day("2026-05-14")}, "past_day", "first"),
        ({"last": day("2026-05-14")}, "wrong_days", "last"),
        ({"code": "nothing"}, "unknown_action", "code"),
        ({"kind": "frequency", "frequency": ""}, "no_frequency", "frequency"),
        ({"kind": "frequency", "frequency": "once", "count": 3}, "no_frequency", "frequency"),
        ({"kind": "frequency", "frequency": "months", "count": 0}, "frequency_number", "count"),
        ({"kind": "frequency", "frequency": "named", "months": [13]}, "no_such_month", "months"),
        (
            {"kind": "frequency", "frequency": "every", "count": 10, "before": 5, "after": 5},
            "window_too_long",
            "before",
        ),
        ({"kind": "responsible"}, "no_responsible", "responsible"),
    ],
)
def test_an_exception_that_cannot_be_is_refused_at_its_field(fields, code, field, customer, keeper):
    row = exception(customer)
    for name, value in fields.items():
        setattr(row, name, value)
    with refused(code, field):
        exception_request(exception=row, user=keeper)


def test_two_requests_of_one_kind_do_not_share_days(customer, owner):
    exception_request(exception=exception(customer), user=owner)
    with refused("overlap", "first"):
        exception_request(exception=exception(customer, first=day("2026-08-31"), last=day("2026-09-30")), user=owner)


def test_a_statutory_task_has_no_exceptions(customer, keeper):
    task = StatutoryTask(
        code="report", name_fi="Raportti", name_en="Report", completed_by=["activity"], activity_type=kind("call"),
        frequency="months", count=12,
    )  # fmt: skip
    statutory_save(task=task, types=[], responsible=["role:owner"])
    with refused("statutory", "code"):
        exception_request(exception=exception(customer, code="report"), user=keeper)


def test_an_exception_that_has_begun_ends_yesterday(customer, keeper):
    asked = exception_request(exception=exception(customer), user=keeper)
    with clock.frozen(dt.datetime(2026, 6, 20, 9, tzinfo=dt.UTC)):
        exception_end(exception=asked)
    asked.refresh_from_db()
    assert asked.last == day("2026-06-19")


def test_an_exception_that_has_not_begun_is_removed(customer, keeper):
    asked = exception_request(exception=exception(customer), user=keeper)
    exception_end(exception=asked)
    assert not PlanException.objects.exists()


# Actions of a customer


def own(customer: Customer, **fields: Any) -> CustomerAction:
    about = {
        "name_fi": "Kuukausiraportti", "name_en": "Monthly report", "completed_by": ["activity"],
        "activity_type": kind("call"), "frequency": "months", "count": 1, "first": day(TODAY),
    }  # fmt: skip
    return CustomerAction(customer=customer, **{**about, **fields})


def saved(customer: Customer, user: Any, **fields: Any) -> CustomerAction:
    return customer_action_save(action=own(customer, **fields), types=[], responsible=["role:owner"], user=user)


def test_an_action_of_a_customer_is_in_its_plan(customer, owner):
    row = saved(customer, owner)
    line = plan(customer, TODAY).line(row.code)
    assert line.action.is_of_customer
    assert row.code == "own-kuukausiraportti"


def test_a_second_action_of_the_same_name_has_a_code_of_its_own(customer, owner):
    saved(customer, owner)
    assert saved(customer, owner).code == "own-kuukausiraportti-2"


def test_a_changed_action_leaves_what_was_due_before(customer, owner):
    row = saved(customer, owner)
    with clock.frozen(dt.datetime(2026, 8, 3, 9, tzinfo=dt.UTC)):
        row.count = 6
        customer_action_save(action=row, types=[], responsible=["role:owner"], user=owner)
    found = over(evaluated(customer, "2027-01-10"), "own-kuukausiraportti")
    assert found == ["2026-05-31", "2026-06-30", "2026-07-31", "2026-12-31"]


def test_an_ended_action_is_not_asked_for(customer, owner):
    row = saved(customer, owner)
    with clock.frozen(dt.datetime(2026, 8, 3, 9, tzinfo=dt.UTC)):
        customer_action_end(action=row)
    assert over(evaluated(customer, "2026-12-10"), row.code) == ["2026-05-31", "2026-06-30", "2026-07-31"]


def test_the_end_of_an_action_is_taken_back(customer, owner):
    row = saved(customer, owner)
    with clock.frozen(dt.datetime(2026, 8, 3, 9, tzinfo=dt.UTC)):
        customer_action_end(action=row)
        customer_action_resume(action=row)
    row.refresh_from_db()
    assert row.last is None


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"count": 0}, "frequency_number", "count"),
        ({"frequency": "named", "months": [13]}, "no_such_month", "months"),
        ({"first": day("2026-05-14")}, "past_day", "first"),
        ({"last": day("2026-05-14")}, "wrong_days", "last"),
        ({"completed_by": []}, "not_completed", "completed_by"),
        ({"code": "contact"}, "model_code", "code"),
    ],
)
def test_an_action_that_cannot_be_is_refused_at_its_field(fields, code, field, customer, owner):
    with refused(code, field):
        saved(customer, owner, **fields)


def test_a_customer_has_at_most_a_hundred_actions_of_its_own(customer, owner):
    CustomerAction.objects.bulk_create(own(customer, code=f"own-{number}") for number in range(MOST_ACTIONS))
    with refused("too_many_actions"):
        saved(customer, owner)


def test_an_inactive_customer_gets_no_action(customer, owner):
    Customer.objects.filter(pk=customer.pk).update(state="passive", passive_since=day(TODAY))
    with refused("customer_passive"):
        saved(customer, owner)


# Updates


def test_an_update_is_recorded_with_who_accepted_it(customer, owner):
    update = plan_update_add(customer=customer, user=owner, accepted_by=" Maija Virtanen ")
    assert (update.day, update.accepted_by, PlanUpdate.objects.count()) == (day(TODAY), "Maija Virtanen", 1)


def test_an_update_of_a_coming_day_is_refused(customer, owner):
    with refused("future_day", "day"):
        plan_update_add(customer=customer, user=owner, day=day("2026-05-16"))


def test_a_rejected_exception_stays_as_the_refusal_that_it_is(customer, owner, keeper):
    asked = exception_request(exception=exception(customer, first=day("2026-06-01")), user=owner)
    exception_reject(exception=asked, user=keeper, reason="No.")
    with refused("exception_over"):
        exception_end(exception=asked)
    assert PlanException.objects.filter(pk=asked.pk).exists()


def test_a_plan_is_not_approved_with_a_model_that_the_customer_has_left(waiting, director):
    ModelStay.objects.filter(customer=waiting.customer).update(last=day("2026-05-14"))
    with refused("model_left"):
        plan_approve(approval=waiting, user=director)
