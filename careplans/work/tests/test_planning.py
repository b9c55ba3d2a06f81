"""The planning page: days for many, confirmation, an even spread."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from activities.log.models import Activity
from activities.log.services.whole_days import days_between
from careplans.caremodels.models import SkipReason
from careplans.plans.models import OccurrenceDecision
from careplans.plans.tests.world import action, at, day, refused, version_of
from careplans.plans.views.tab import encoded
from careplans.work.models import CareWork
from careplans.work.services.planning import spread_days, works_confirm, works_place, works_spread
from careplans.work.tests.test_absences import holiday
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


@pytest.fixture
def client_of_owner(client, owner):
    client.force_login(owner)
    return client


def test_a_day_of_the_grid_names_the_action_of_each_work(works, owner, client_of_owner):
    works_place(user=owner, ids=[works[0].pk], day=day("2026-05-20"))
    page = client_of_owner.get(reverse(URL), {"date": "2026-05-18"}).content.decode()
    on_day = page.split('data-day="2026-05-20"')[1].split("</ul>")[0]
    name = work_of(works[0].customer).written_title
    assert f'title="{name}">{name}</span>' in on_day


def crowd(works: list[CareWork], on: str = "2026-05-18") -> None:
    """Put work on one day, as the generator leaves it when days are full."""
    start, end = days_between(day(on), day(on))
    Activity.objects.filter(care_work__in=works).update(start=start, end=end)
    CareWork.objects.filter(pk__in=[one.pk for one in works]).update(written_day=day(on))


def undo_of(answer: Any) -> str:
    """Return the address that the message's undo posts to."""
    found = re.search(r'action="([^"]*/care/planning/back/[^"]*)"', answer.content.decode())
    assert found
    return found.group(1).replace("&amp;", "&")


def state_of(work: CareWork) -> tuple[Any, ...]:
    now = work_of(work.customer)
    act = now.activity
    assert act is not None
    is_untouched = act.version == now.written_version
    return act.start, act.end, act.is_all_day, now.written_day, now.is_confirmed, now.is_scheduled, is_untouched


@pytest.mark.parametrize(
    "sent",
    [
        {"step": "place", "day": "2026-05-20"},
        {"step": "place", "day": "2026-05-20", "time": "09:00"},
        {"step": "confirm"},
        {"step": "apply"},
    ],
)
def test_the_message_brings_everything_back_as_it_was(sent, works, client_of_owner):
    crowd(works)
    before = [state_of(one) for one in works]
    ids = [one.pk for one in works]
    answer = client_of_owner.post(reverse(URL), {"works": ids, **sent}, follow=True)
    client_of_owner.post(undo_of(answer))
    assert [state_of(one) for one in works] == before


def test_what_has_changed_meanwhile_stays_at_the_undo(works, client_of_owner, owner):
    ids = [one.pk for one in works[:2]]
    answer = client_of_owner.post(reverse(URL), {"works": ids, "step": "place", "day": "2026-05-20"}, follow=True)
    works_place(user=owner, ids=ids[:1], day=day("2026-05-21"))
    text = client_of_owner.post(undo_of(answer), follow=True).content.decode()
    assert "1 activity is as it was." in text
    assert "1 activity has changed meanwhile and stayed." in text
    assert clock.day_of(state_of(works[0])[0]) == day("2026-05-21")


def test_the_undo_is_for_who_has_planned(works, client_of_owner, colleague):
    ids = [one.pk for one in works]
    answer = client_of_owner.post(reverse(URL), {"works": ids, "step": "place", "day": "2026-05-20"}, follow=True)
    client_of_owner.force_login(colleague)
    text = client_of_owner.post(undo_of(answer), follow=True).content.decode()
    assert "cannot be brought back" in text
    assert work_of(works[0].customer).is_scheduled


# Substitutes


@pytest.fixture
def replaced(works, owner, colleague):
    """The colleague replaces the owner from today on."""
    holiday(owner, last="2026-05-22", user=owner, substitute=colleague)
    return works


def test_a_substitute_plans_the_work_as_own(replaced, owner, colleague, client):
    client.force_login(colleague)
    page = client.get(reverse(URL)).content.decode()
    assert f"for {owner}" in page
    ids = [one.pk for one in replaced]
    client.post(reverse(URL), {"works": ids[:1], "step": "place", "day": "2026-05-20"})
    work = work_of(replaced[0].customer)
    assert (work.person, work.is_scheduled) == (owner, True)
    assert clock.day_of(work.activity.start) == day("2026-05-20")


def test_the_days_that_a_substitute_spreads_stay(replaced, colleague):
    crowd(replaced)
    moved = works_spread(user=colleague, ids=[one.pk for one in replaced])
    assert moved
    assert all(work_of(one.customer).is_confirmed for one in moved)


def test_a_substitute_leaves_out_and_takes_back(replaced, colleague, client, reader):
    customer, key = replaced[0].customer, encoded(work_of(replaced[0].customer).key)
    reason = SkipReason.objects.first()
    url = reverse("careplans:skip", args=[customer.pk, "contact", key])
    assert url in client_page(client, colleague, reverse("careplans:action", args=[customer.pk, "contact"]))
    assert client.post(url, {"reason": reason.pk}).status_code == 302
    decision = OccurrenceDecision.objects.get()
    assert client.post(reverse("careplans:decision_undo", args=[decision.pk])).status_code == 302
    client.force_login(reader)
    assert client.post(url, {"reason": reason.pk}).status_code == 403


def test_a_substitute_may_no_more_than_who_is_away(replaced, owner, colleague, client):
    key = encoded(work_of(replaced[0].customer).key)
    owner.groups.clear()
    client.force_login(colleague)
    assert client.get(reverse("careplans:skip", args=[replaced[0].customer.pk, "contact", key])).status_code == 403


def client_page(client: Any, user: Any, url: str) -> str:
    client.force_login(user)
    text: str = client.get(url).content.decode()
    return text


def test_who_replaces_nobody_neither_plans_nor_leaves_out(works, colleague, client):
    client.force_login(colleague)
    key = encoded(work_of(works[0].customer).key)
    assert client.get(reverse("careplans:skip", args=[works[0].customer.pk, "contact", key])).status_code == 403
    assert str(works[0].customer) not in client.get(reverse(URL)).content.decode()


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
