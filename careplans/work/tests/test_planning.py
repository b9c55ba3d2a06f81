"""The planning page: days for many, confirmation, an even spread."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from careplans.plans.tests.world import action, at, day, refused, version_of
from careplans.work.models import CareWork
from careplans.work.services.planning import spread_days, works_confirm, works_place, works_spread
from careplans.work.tests.world import may, owned, run, work_of
from core import clock
from customers.models import Municipality

__all__ = ["may"]
pytestmark = pytest.mark.usefixtures("may")
URL = "carework:planning"


@pytest.fixture
def works(owner: Any) -> list[CareWork]:
    version = version_of()
    action(version, types=["call"])
    customers = [owned(owner, version=version) for _number in range(3)]
    run(*customers)
    return [work_of(one) for one in customers]


def test_chosen_work_is_set_one_after_another_from_a_time(works, owner):
    works_place(user=owner, ids=[one.pk for one in works], day=day("2026-05-20"), time=dt.time(9))
    starts = sorted(work_of(one.customer).activity.start for one in works)
    assert starts[0] == at("2026-05-20", "09:00")
    assert starts[0] < starts[1] < starts[2]
    assert all(work_of(one.customer).is_scheduled for one in works)


def test_a_day_without_a_time_is_a_whole_day_that_stays(works, owner):
    works_place(user=owner, ids=[works[0].pk], day=day("2026-05-28"))
    run(works[0].customer)
    work = work_of(works[0].customer)
    assert work.activity.is_all_day
    assert clock.day_of(work.activity.start) == day("2026-05-28")
    assert work.is_scheduled


def test_a_past_day_and_nothing_chosen_are_refused(works, owner, colleague):
    with refused("past_day", "day"):
        works_place(user=owner, ids=[works[0].pk], day=day("2026-05-14"))
    with refused("nothing_chosen"):
        works_confirm(user=colleague, ids=[works[0].pk])


def test_an_even_spread_is_shown_first_and_then_moves_what_has_no_set_day(works, owner):
    works_place(user=owner, ids=[works[0].pk], day=day("2026-05-18"))
    shown = spread_days(owner, [work_of(one.customer) for one in works])
    assert len(shown) == 2
    works_spread(user=owner, ids=[one.pk for one in works])
    assert {work.pk: work.written_day for work in map(work_of, (one.customer for one in works[1:]))} == {
        work.pk: on for work, on in shown
    }
    assert not work_of(works[1].customer).is_scheduled


def test_the_page_groups_open_days_by_municipality_and_plans(client, works, owner):
    customer = works[0].customer
    customer.municipality = Municipality.objects.get(name_fi="Espoo")
    customer.save()
    client.force_login(owner)
    text = client.get(reverse(URL)).content.decode()
    assert "Espoo" in text
    assert str(works[1].customer) in text
    ids = [one.pk for one in works]
    assert client.post(reverse(URL), {"works": ids, "step": "spread"}).status_code == 200
    assert client.post(reverse(URL), {"works": ids, "step": "place", "day": ""}).status_code == 422
    assert client.post(reverse(URL), {"works": ids, "step": "confirm"}).status_code == 302
    assert all(work_of(one.customer).is_confirmed for one in works)


def test_those_who_only_read_plan_nothing(client, reader):
    client.force_login(reader)
    assert client.get(reverse(URL)).status_code == 403
