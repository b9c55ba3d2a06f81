"""A week of an account manager by the pages, from the start page on: adherence is what a hand computes.

Four customers are called each week. In the week of 18 May one call is reported from the work in the calendar, one is
logged from the panel of overdue contact, one is left out for an accepted reason, and one is forgotten.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import call_command

from careplans.adherence.days import ONE_DAY
from careplans.caremodels.models import SkipReason
from careplans.following.adherence import Query, figures_by
from careplans.following.enums import GroupBy
from careplans.following.tests.world import owned, primary_model
from careplans.plans.tests.conftest import owner
from careplans.plans.tests.world import action, at, day, under, version_of
from careplans.work.models import CareWork
from careplans.work.tests.world import may, work_of
from core import clock

__all__ = ["may", "owner"]
MONDAY, NEXT_MONDAY = day("2026-05-18"), day("2026-05-25")


@pytest.fixture
def customers(may: None, owner: Any) -> list[Any]:
    version = version_of(primary_model())
    action(version, types=["call"], frequency="weeks", count=1)
    return [owned(under(version, since="2026-05-11"), owner) for _number in range(4)]


@pytest.fixture
def page(client: Any, owner: Any) -> Any:
    client.force_login(owner)

    def get(url: str) -> str:
        answer = client.get(url)
        assert answer.status_code == 200, url
        return str(answer.content.decode())

    get.client = client  # type: ignore[attr-defined]
    return get


def night(on: str) -> None:
    with clock.frozen(at(on, "00:30")):
        call_command("refresh_care_plans")


def finished(page: Any, work: CareWork) -> None:
    assert work.activity is not None
    done = page.client.post(
        f"/activities/{work.activity.pk}/finish/", {"memo": "Puhuttiin kesästä.", "version": work.activity.version}
    )
    assert done.status_code == 302, done.content.decode()


def test_a_week_worked_from_the_start_page_is_in_adherence_as_computed_by_hand(customers, page, owner):
    called, logged, left_out, forgotten = customers
    night("2026-05-18")
    with clock.frozen(at("2026-05-18", "08:00")):
        week = page("/start/care-week/")
        assert week.count('href="/customers/') >= 4
        assert all(customer.name in week for customer in customers)
        events = page("/activities/mine/")
        assert all(customer.name in events for customer in customers)
        finished(page, work_of(called))
    with clock.frozen(at("2026-05-20", "10:00")):
        overdue = page("/start/care-overdue/")  # nothing was done in the week before
        link = re.search(rf'href="(/activities/new/\?customer={logged.pk}&amp;type=call)"', overdue)
        assert link
        url = link.group(1).replace("&amp;", "&")
        form = page.client.get(url).context["form"]
        values = {name: value for name in form.fields if (value := form[name].value()) not in (None, "")}
        values |= {"title": "Soitto", "start": "2026-05-20T09:30", "status": "done", "memo": "Sovittiin tapaaminen."}
        logged_call = page.client.post(url, values)
        assert logged_call.status_code == 302, logged_call.context["form"].errors
        reason = SkipReason.objects.filter(is_accepted=True, retired_at=None).first()
        url = f"/customers/{left_out.pk}/care-plan/actions/contact/"
        found = re.search(rf'href="({re.escape(url)}occurrences/[^"]*2026-05-24[^"]*/skip/)"', page(url))
        assert found
        assert reason
        assert page.client.post(found.group(1), {"reason": reason.pk, "note": "Asiakas lomalla."}).status_code == 302
    for on in ("2026-05-21", "2026-05-25"):
        night(on)
    with clock.frozen(at("2026-05-25", "08:00")):
        assert work_of(forgotten).due == day("2026-05-31")
        states = sorted(row.state for row in CareWork.objects.filter(due=day("2026-05-24")))
        assert states == ["done", "missed", "replaced", "skipped"]
        found = figures_by(Query(owner, MONDAY, NEXT_MONDAY - ONE_DAY, by=GroupBy.OWNER))[f"user:{owner.pk}"]
        shown = page("/care/adherence/?by=owner&period=own&first=2026-05-18&last=2026-05-24")
    assert (found.planned, found.due, found.done, found.missed) == (3, 3, 2, 1)  # one was left out
    assert found.adherence == 66  # 2 of the 3 that were due
    assert "66 %" in shown.replace("\xa0", " ").replace("&nbsp;", " ")
