"""Shared lists, the page of the activity, the weekly summary."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Notification, Team, TeamMembership
from careplans.caremodels.models import ActionResponsible
from careplans.plans.tests.world import action, day, log, refused, version_of
from careplans.work.models import CareWork
from careplans.work.services.summaries import week_tell
from careplans.work.services.works import work_claim, work_release, works_to_leaders
from careplans.work.tests.world import may, owned, people_of, run, work_of

__all__ = ["may"]
pytestmark = pytest.mark.usefixtures("may")


@pytest.fixture
def team(owner: Any, colleague: Any, director: Any) -> Team:
    team = Team.objects.create(name="Sales", leader=director)
    for person in (owner, colleague):
        TeamMembership.objects.create(team=team, user=person)
    return team


@pytest.fixture
def listed(owner: Any, team: Team) -> CareWork:
    """Work of a team of two."""
    version = version_of()
    row = action(version, types=["call"], owner=False)
    ActionResponsible.objects.create(action=row, team=team)
    customer = owned(owner, version=version)
    run(customer)
    return work_of(customer)


def test_work_of_a_team_waits_on_its_list_until_somebody_claims_it(listed, team, owner, keeper):
    assert (listed.person, listed.list_key) == (None, f"team:{team.pk}")
    with refused("not_on_list"):
        work_claim(work=listed, user=keeper)
    work_claim(work=listed, user=owner)
    assert people_of(listed.activity) == [owner.pk]
    run(listed.customer)
    assert work_of(listed.customer).person == owner


def test_one_of_two_who_claim_gets_it(listed, owner, colleague):
    work_claim(work=listed, user=owner)
    with refused("taken"):
        work_claim(work=listed, user=colleague)


def test_what_was_claimed_is_put_back(listed, owner):
    work_claim(work=listed, user=owner)
    work_release(work=listed, user=owner)
    assert people_of(listed.activity) == []


def test_what_nobody_claims_is_the_leaders_after_some_days(listed, director):
    assert works_to_leaders(day("2026-05-19")) == 0
    assert works_to_leaders(day("2026-05-20")) == 1
    assert work_of(listed.customer).person == director
    run(listed.customer)
    assert work_of(listed.customer).person == director


def test_the_list_shows_it_with_a_button_to_those_who_may_claim_it(client, listed, owner, keeper):
    for user, may_claim in ((owner, True), (keeper, False)):
        client.force_login(user)
        text = client.get(reverse("carework:listed")).content.decode()
        assert "Sales" in text
        assert (reverse("carework:work_claim", args=[listed.pk]) in text) is may_claim
    client.force_login(owner)
    assert client.post(reverse("carework:work_claim", args=[listed.pk])).status_code == 302
    assert people_of(listed.activity) == [owner.pk]


def test_the_page_of_the_activity_says_for_what_it_is_and_why_it_counts(client, owner):
    customer = owned(owner)
    run(customer)
    client.force_login(owner)
    url = reverse("carework:panel", args=[work_of(customer).activity_id])
    text = client.get(url).content.decode()
    assert "It counts when it is done in the window." in text
    assert reverse("careplans:action", args=[customer.pk, "contact"]) in text
    assert reverse("carework:work_confirm", args=[work_of(customer).pk]) in text


def test_overdue_work_offers_only_what_may_still_be_decided(client, owner, keeper):
    """Due in March, not due again before next March: the owner can only do it, who manages plans can leave it out."""
    customer = owned(owner, frequency="named", months=[3])
    run(customer, on=day("2026-03-16"))
    run(customer)
    work = work_of(customer)
    assert work.last == day("2026-03-31")
    url = reverse("carework:panel", args=[work.activity_id])
    for user, may_skip in ((owner, False), (keeper, True)):
        client.force_login(user)
        text = client.get(url).text
        assert "Its time has passed: when it is done now, it counts as late." in text
        assert ("/skip/" in text, "/postpone/" in text) == (may_skip, False)


def test_an_activity_of_no_plan_has_no_such_panel(client, owner):
    act = log(owned(owner), "2026-05-10", user=owner)
    client.force_login(owner)
    assert client.get(reverse("carework:panel", args=[act.pk])).status_code == 403
    assert reverse("carework:panel", args=[act.pk]) not in client.get(act.get_absolute_url()).content.decode()


def test_the_summary_of_the_week_is_sent_once(owner, colleague):
    version = version_of()
    action(version, types=["call"])
    run(*(owned(owner, version=version) for _number in range(3)))
    assert week_tell(day("2026-05-18")) == 1
    assert week_tell(day("2026-05-18")) == 0
    told = Notification.objects.get(kind="care_week")
    assert told.user == owner
    assert told.data["week"] + told.data["late"] == 3
