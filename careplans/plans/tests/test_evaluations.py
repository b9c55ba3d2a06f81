"""Evaluation in batches: who is evaluated when, what followers get, and what a failure leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from careplans.caremodels.models import StatutoryTask
from careplans.caremodels.services.registers import statutory_save
from careplans.plans import evaluations
from careplans.plans.evaluations import CustomerEvaluation, care_refresh, reach
from careplans.plans.models import CareLook, CareTouch
from careplans.plans.plugs import plans_changed
from careplans.plans.services.stays import models_follow, stays_refresh
from careplans.plans.tasks import refresh_all_stays, refresh_models
from careplans.plans.tests.world import action, day, kind, log, member, states, under, version_of
from core import clock
from core.queue import send_task
from customers.tests.factories import CustomerFactory

TODAY = day("2026-05-15")
pytestmark = pytest.mark.usefixtures("may")


@pytest.fixture
def may(db: None) -> Iterator[None]:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def followed(monkeypatch: Any) -> list[CustomerEvaluation]:
    """What a follower has been given."""
    found: list[CustomerEvaluation] = []
    declared = {"CARE_EVALUATION_FOLLOWERS": [lambda batch, _today: found.extend(batch)]}
    monkeypatch.setattr(evaluations, "declared", lambda name: declared.get(name, []))
    return found


def monthly() -> Any:
    version = version_of()
    action(version)
    return version


def night(today: dt.date) -> int:
    return care_refresh(today=today)


def look(customer: Any) -> Any:
    return CareLook.objects.get(customer=customer)


def test_a_follower_gets_the_plans_of_the_customers_with_their_occurrences(followed, owner):
    customer, _other = under(monthly()), CustomerFactory()
    log(customer, "2026-04-10", user=owner)
    assert care_refresh([customer.pk], today=TODAY) == 1
    assert [one.customer for one in followed] == [customer.pk]
    assert states(followed[0].evaluation)[3:5] == [("2026-04-30", "done"), ("2026-05-31", "coming")]
    assert followed[0].evaluation.occurrences["contact"][-1].first <= reach(TODAY)


def test_the_first_night_takes_everybody_and_the_next_one_nobody(followed):
    customers = [under(monthly()), CustomerFactory()]
    assert night(TODAY) == len(customers)
    assert night(TODAY + dt.timedelta(days=1)) == 0


def test_a_customer_is_looked_at_on_the_day_after_a_window_is_over(followed):
    customer = under(monthly())
    night(TODAY)
    assert look(customer).looked_on == TODAY
    assert look(customer).next_look == day("2026-06-01")
    assert night(day("2026-05-31")) == 0
    assert night(day("2026-06-01")) == 1
    assert states(followed[-1].evaluation)[4] == ("2026-05-31", "missed")


def test_a_customer_with_a_plan_is_looked_at_within_sixty_days(followed):
    version = version_of()
    action(version, frequency="named", months=[12])
    customer = under(version)
    night(TODAY)
    assert TODAY + dt.timedelta(days=30) <= look(customer).next_look <= TODAY + dt.timedelta(days=60)


def test_a_customer_without_a_plan_is_not_looked_at_again(followed):
    customer = CustomerFactory()
    night(TODAY)
    assert look(customer).next_look is None


def test_a_statutory_task_reaches_those_without_a_plan(followed):
    customer = CustomerFactory()
    night(TODAY)
    task = StatutoryTask(
        code="report", name_fi="Raportti", name_en="Report", completed_by=["activity"], activity_type=kind("call"),
        frequency="months", count=12,
    )  # fmt: skip
    statutory_save(task=task, types=[], responsible=["role:owner"])
    night(TODAY)
    assert followed[-1].customer == customer.pk
    assert list(followed[-1].evaluation.occurrences)


def test_what_a_worker_has_not_done_is_done_by_the_night(followed):
    customer = under(monthly())
    night(TODAY)
    plans_changed([customer.pk, customer.pk])
    assert night(TODAY) == 1
    assert not CareTouch.objects.exists()


def test_an_evaluation_takes_the_note_away(followed):
    customer = under(monthly())
    plans_changed([customer.pk])
    care_refresh([customer.pk], today=TODAY)
    assert not CareTouch.objects.filter(customer=customer.pk).exists()


def test_something_done_is_noted_after_the_commit(followed, owner, django_capture_on_commit_callbacks):
    customer = under(monthly())
    CareTouch.objects.all().delete()
    connection.run_on_commit.clear()  # what making the customer has left
    with django_capture_on_commit_callbacks(execute=True):
        log(customer, "2026-05-14", user=owner)
    assert CareTouch.objects.filter(customer=customer.pk).exists()


def test_a_new_version_of_a_model_is_evaluated_for_its_customers(followed):
    version = monthly()
    customer, other = under(version), under(monthly())
    night(TODAY)
    followed.clear()
    models_follow([version.model_id])
    refresh_models()
    assert [one.customer for one in followed] == [customer.pk]
    assert look(other).looked_on == TODAY


def test_a_membership_that_begins_is_seen_by_the_night(followed):
    version, customer = monthly(), CustomerFactory()
    night(TODAY)
    followed.clear()
    member(customer, version.model.segment, "2026-05-15")
    stays_refresh(today=TODAY)
    night(TODAY)
    assert [one.customer for one in followed] == [customer.pk]


def test_one_that_cannot_be_evaluated_is_tried_again_tomorrow_and_the_others_go_on(followed, monkeypatch):
    broken, whole = under(monthly()), under(monthly())
    real, faulty = evaluations.evaluate, []

    def evaluate(record: Any, *about: Any, **more: Any) -> Any:
        if not faulty:
            faulty.append(record)
            raise ValueError
        return real(record, *about, **more)

    monkeypatch.setattr(evaluations, "evaluate", evaluate)
    assert care_refresh([broken.pk, whole.pk], today=TODAY) == 2
    assert [one.customer for one in followed] == [whole.pk]
    assert look(broken).next_look == TODAY + dt.timedelta(days=1)


def test_a_deleted_customer_that_was_noted_is_left_out(followed):
    CareTouch.objects.create(customer_id=987_654)
    assert night(TODAY) == 0
    assert not CareTouch.objects.exists()


def test_the_number_of_queries_is_that_of_one_customer(followed, django_assert_max_num_queries):
    version = monthly()
    customers = [under(version).pk for _number in range(5)]
    with django_assert_max_num_queries(30):
        care_refresh(customers, today=TODAY)


def test_the_night_calls_another_process_to_help_before_it_evaluates(monkeypatch):
    done: list[str] = []
    monkeypatch.setattr("careplans.plans.tasks.stays_refresh", lambda: done.append("stays"))
    monkeypatch.setattr("careplans.plans.tasks.send_task", done.append)
    monkeypatch.setattr("careplans.plans.tasks.care_refresh", lambda: done.append("evaluations"))
    refresh_all_stays()
    assert done == ["stays", "careplans.plans.tasks.refresh_beside_the_night", "evaluations"]


def test_the_helper_of_the_night_evaluates_those_that_are_due(followed, tasks_at_once):
    customer = under(monthly())
    send_task("careplans.plans.tasks.refresh_beside_the_night")
    assert [one.customer for one in followed] == [customer.pk]
