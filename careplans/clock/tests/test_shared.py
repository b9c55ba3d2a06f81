"""Shared lists of internal events: on the start page and in the weekly summary."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Notification, TeamMembership
from accounts.tests.factories import TeamFactory
from careplans.clock.models import InternalWork
from careplans.clock.services.works import internal_claim
from careplans.clock.shared import listed_told
from careplans.clock.tests.world import event
from careplans.plans.tests.world import day
from careplans.work.services.summaries import week_tell
from careplans.work.weekly import Told

pytestmark = pytest.mark.usefixtures("may")


@pytest.fixture
def team(owner, colleague) -> Any:
    return TeamFactory(members=[owner, colleague], leader=colleague)


def test_the_panel_and_the_list_have_what_waits_on_the_own_lists(team, client, owner, reader, keeper):
    event(responsible=[f"team:{team.pk}"])
    event("other", responsible=["group:inno"])  # the key account manager's
    work = InternalWork.objects.get(code="review", state="open")
    client.force_login(owner)
    content = client.get("/start/care-lists/").context["content"]
    assert [figure.rows.count() for figure in content.figures] == [1, 0]
    assert list(content.figures[0].rows) == [work]
    context = client.get(content.figures[0].url).context
    assert context["form"]["year"].value() == 2026
    rows = context["rows"]
    assert [row.work for row in rows] == [work]
    assert content.lines[0].links[0].url == f"/care/internal-events/work/{work.pk}/claim/"
    internal_claim(work=work, user=owner)
    assert client.get("/start/care-lists/").context["content"].lines == []
    client.force_login(reader)
    assert client.get("/start/care-lists/").status_code == 403


def test_the_weekly_summary_tells_what_waits_on_the_lists(team, owner, colleague, reader, django_assert_num_queries):
    TeamMembership.objects.create(team=team, user=reader)
    event(responsible=[f"team:{team.pk}"])
    with django_assert_num_queries(3):
        told = listed_told()
    assert told == {person.pk: Told(1, ["Tapahtuma review"]) for person in (owner, colleague)}
    week_tell(day("2026-05-18"))
    text = Notification.objects.get(kind="care_week", user=owner).text
    assert "Internal events that wait on your lists: 1" in text
