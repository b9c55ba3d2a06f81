"""Shared lists of internal events: on the start page and in the weekly summary."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Notification, TeamMembership
from accounts.tests.factories import TeamFactory
from careplans.caremodels.models import ActionResponsible
from careplans.clock.models import InternalWork
from careplans.clock.services.works import internal_claim
from careplans.clock.shared import listed_told
from careplans.clock.shared_work import work_listed_url, work_told
from careplans.clock.tests.world import event
from careplans.plans.tests.world import action, day, version_of
from careplans.work.lists import listed_for
from careplans.work.models import CareWork
from careplans.work.services.summaries import week_tell
from careplans.work.tests.world import owned, run
from careplans.work.weekly import Told
from customers.models import Customer, Responsibility

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


def listed_customer(owner: Any, code: str = "contact", **responsible: Any) -> Customer:
    """Return a customer of which a call waits on a list."""
    version = version_of()
    row = action(version, code, types=["call"], owner=False)
    ActionResponsible.objects.create(action=row, **responsible)
    return owned(owner, version=version)


def test_the_weekly_summary_tells_which_work_of_customers_waits_on_the_lists(team, client, owner, colleague, reader):
    TeamMembership.objects.create(team=team, user=reader)
    customers = [listed_customer(owner, team=team) for _number in range(4)]
    run(*customers)
    told = work_told()
    assert {person: one.count for person, one in told.items()} == {owner.pk: 4, colleague.pk: 4}
    assert len(told[owner.pk].names) == 3
    assert all(name.split(": ")[0] in {one.name for one in customers} for name in told[owner.pk].names)
    week_tell(day("2026-05-18"))
    notification = Notification.objects.get(kind="care_week", user=owner)
    assert "Care plan work that waits on your lists: 4" in notification.text
    client.force_login(owner)
    listed = client.get(work_listed_url()).content.decode()
    assert all(one.name in listed for one in customers)


def test_work_of_a_role_waits_for_those_who_have_it_for_the_customer(owner, colleague, keeper):
    customer, other = (listed_customer(owner, role="deputy") for _number in range(2))
    for user in (colleague, keeper):
        Responsibility.objects.create(customer=customer, user=user, role="deputy", start=day("2026-01-01"))
    Responsibility.objects.create(
        customer=other, user=keeper, role="deputy", start=day("2026-01-01"), end=day("2026-05-14")
    )
    run(customer, other)
    assert {person: one.count for person, one in work_told().items()} == {colleague.pk: 1, keeper.pk: 1}
    listed = {
        user: CareWork.objects.filter(listed_for(user), person=None).count() for user in (owner, colleague, keeper)
    }
    assert listed == {owner: 0, colleague: 1, keeper: 1}


def test_any_number_of_work_is_read_in_a_constant_number_of_queries(team, owner, django_assert_num_queries):
    run(*(listed_customer(owner, team=team) for _number in range(3)))
    with django_assert_num_queries(6):
        work_told()
