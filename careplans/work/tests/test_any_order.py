"""Any order of events and any number of runs give the same open work; two runs at once make it once."""

from __future__ import annotations

import datetime as dt
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.tests.factories import UserFactory
from careplans.caremodels.models import SkipReason
from careplans.plans.evaluations import care_refresh
from careplans.plans.models import OccurrenceDecision
from careplans.plans.tests.world import action, day, kind, log, version_of
from careplans.work.models import CareWork
from careplans.work.tests.world import TODAY, may, owned, run
from customers.models import Customer, Responsibility

__all__ = ["may"]
Event = Callable[[Customer], Any]


def done(owner: Any, on: str) -> Event:
    return lambda customer: log(customer, on, user=owner)


def skipped(code: str, start: str) -> Event:
    def happen(customer: Customer) -> None:
        reason = SkipReason.objects.filter(is_accepted=True)[0]
        OccurrenceDecision.objects.create(
            customer=customer, code=code, kind="calendar", start=day(start), decision="skip", reason=reason,
            entered=day("2026-05-10"),
        )  # fmt: skip

    return happen


def given_to(person: Any) -> Event:
    return lambda customer: Responsibility.objects.filter(customer=customer).update(user=person)


def open_work(customer: Customer) -> list[tuple[Any, ...]]:
    rows = CareWork.objects.filter(customer=customer, state="open").order_by("code")
    return [(row.code, row.start, row.due, row.first, row.last, row.person_id) for row in rows]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_of_events_and_number_of_runs_gives_the_same_open_work(may, owner, colleague, seed):
    version = version_of()
    action(version, "contact", types=["call"])
    action(version, "visit", types=["visit"], frequency="every", count=60, activity_type=kind("visit"))
    action(version, "review", types=["memo"], frequency="months", count=3)
    dice = random.Random(seed)
    events = [
        done(owner, "2026-05-04"), done(owner, "2026-04-20"), skipped("contact", "2026-06-30"),
        skipped("review", "2026-06-30"), given_to(colleague),
    ]  # fmt: skip
    chosen = [event for event in events if dice.random() < 0.7]
    found = []
    for _number in range(3):
        customer = owned(owner, version=version)
        for event in dice.sample(chosen, len(chosen)):
            for _run in range(dice.randrange(3)):
                run(customer)
            event(customer)
        run(customer)
        run(customer)
        found.append(open_work(customer))
        assert len({code for code, *_about in found[-1]}) == len(found[-1])
    assert found[0] == found[1] == found[2]


def test_days_that_pass_give_what_one_run_at_their_end_gives(may, owner):
    version = version_of()
    action(version, types=["call"])
    every_day, once = owned(owner, version=version), owned(owner, version=version)
    for number in range(0, 50, 7):
        run(every_day, on=TODAY + dt.timedelta(days=number))
    run(once, on=TODAY + dt.timedelta(days=49))
    assert open_work(every_day) == open_work(once)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_make_it_once():
    owner = UserFactory(role="account_manager")
    version = version_of()
    action(version, types=["call"])
    customers = [owned(owner, version=version) for _number in range(4)]
    ids = [one.pk for one in customers]
    barrier, errors = threading.Barrier(2), []

    def go() -> None:
        try:
            barrier.wait()
            care_refresh(ids, today=TODAY)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert CareWork.objects.filter(customer__in=ids, state="open").count() == len(ids)
    assert CareWork.objects.count() == len(ids)
