"""What the account team says of a version before it is sent to management: each once; management sees objections."""

from __future__ import annotations

from typing import Any

import pghistory
import pytest
from rest_framework.test import APIClient

from accounts.enums import TeamKind
from accounts.models import Notification, Team
from accounts.tests.factories import UserFactory
from core.conditions.tree import Group
from core.exceptions import BusinessRuleError
from core.history import history_of
from segmentation.criteria.enums import VersionStatus
from segmentation.criteria.models import CriteriaOpinion
from segmentation.criteria.services import (
    criteria_approve,
    criteria_change,
    criteria_give_opinion,
    criteria_return,
    criteria_review,
    criteria_send,
    rule_set,
)
from segmentation.criteria.tests.factories import draft_of, scheme_with

pytestmark = pytest.mark.django_db
WHY = "Too many customers would become B."


@pytest.fixture
def author() -> Any:
    return UserFactory(first_name="Aino", grants=["criteria.edit_criteria"], language="en")


@pytest.fixture
def member() -> Any:
    return UserFactory(first_name="Matti", last_name="Virta", language="en")


@pytest.fixture
def with_team(author: Any, member: Any) -> Any:
    """Return a version that an account team of its author and one other has been asked about."""
    team = Team.objects.create(name="Account team", kind=TeamKind.ACCOUNT)
    team.members.add(author, member)
    scheme, segments = scheme_with("B")
    return criteria_send(criteria=draft_of(scheme, {segments["B"]: Group(1)}, author), user=author)


def refused(code: str, do: Any, **about: Any) -> None:
    with pytest.raises(BusinessRuleError) as error:
        do(**about)
    assert error.value.code == code


def test_the_account_team_is_told_and_the_author_hears_what_it_says(with_team: Any, author: Any, member: Any) -> None:
    assert Notification.objects.filter(user=member, kind="criteria_to_team").exists()
    criteria_give_opinion(criteria=with_team, user=member, stance="objects", comment=WHY)
    assert Notification.objects.get(user=author, kind="criteria_opinion").data["stance"] == "objects"


def test_a_member_has_one_opinion_and_may_change_it(with_team: Any, member: Any) -> None:
    criteria_give_opinion(criteria=with_team, user=member, stance="objects", comment=WHY)
    criteria_give_opinion(criteria=with_team, user=member, stance="agrees")
    assert [(one.user, one.stance, one.comment) for one in with_team.opinions.all()] == [(member, "agrees", "")]
    assert len(history_of(with_team, (CriteriaOpinion,))) >= 2


def test_objections_say_what_they_are(with_team: Any, member: Any) -> None:
    refused("comment_required", criteria_give_opinion, criteria=with_team, user=member, stance="objects", comment=" ")


def changed_justification(criteria: Any) -> None:
    criteria_change(criteria=criteria, justification="The threshold was too low.")


def changed_rule(criteria: Any) -> None:
    rule = criteria.rules.get()
    rule_set(criteria=criteria, segment=rule.segment, tree=None)
    rule_set(criteria=criteria, segment=rule.segment, tree=Group(1))


def test_a_version_goes_to_management_when_somebody_besides_the_author_was_heard(
    with_team: Any, author: Any, member: Any
) -> None:
    criteria_give_opinion(criteria=with_team, user=author, stance="agrees")
    refused("not_heard", criteria_review, criteria=with_team, user=author)
    criteria_give_opinion(criteria=with_team, user=member, stance="objects", comment=WHY)
    assert criteria_review(criteria=with_team, user=author).status == VersionStatus.REVIEWED


@pytest.mark.parametrize("change", [changed_justification, changed_rule])
def test_the_opinion_of_somebody_who_changed_the_version_is_not_enough(
    change: Any, with_team: Any, author: Any, member: Any
) -> None:
    other = UserFactory()
    Team.objects.get(name="Account team").members.add(other)
    draft = criteria_return(criteria=with_team, user=author, comment="A threshold was wrong.")
    with pghistory.context(user=member.pk):
        change(draft)
    again = criteria_send(criteria=draft, user=author)
    criteria_give_opinion(criteria=again, user=member, stance="agrees")
    refused("not_heard", criteria_review, criteria=again, user=author)
    criteria_give_opinion(criteria=again, user=other, stance="agrees")
    reviewed = criteria_review(criteria=again, user=author)
    assert reviewed.status == VersionStatus.REVIEWED
    refused("own_version", criteria_approve, criteria=reviewed, user=member)
    assert criteria_approve(criteria=reviewed, user=other).status == VersionStatus.APPROVED


def test_an_author_alone_in_the_account_team_sends_it_on(with_team: Any, author: Any, member: Any) -> None:
    member.is_active = False
    member.save()
    assert criteria_review(criteria=with_team, user=author).status == VersionStatus.REVIEWED


def test_an_opinion_is_not_given_or_changed_after_the_version_was_sent_on(
    with_team: Any, author: Any, member: Any
) -> None:
    criteria_give_opinion(criteria=with_team, user=member, stance="agrees")
    criteria_review(criteria=with_team, user=author)
    refused("not_with_team", criteria_give_opinion, criteria=with_team, user=member, stance="objects", comment=WHY)


def test_a_version_that_was_sent_back_is_asked_about_again(with_team: Any, author: Any, member: Any) -> None:
    criteria_give_opinion(criteria=with_team, user=member, stance="agrees")
    draft = criteria_return(criteria=with_team, user=author, comment="A threshold was wrong.")
    again = criteria_send(criteria=draft, user=author)
    refused("not_heard", criteria_review, criteria=again, user=author)
    criteria_give_opinion(criteria=again, user=member, stance="agrees")
    assert again.opinions.count() == 2


def test_the_page_says_who_has_given_an_opinion_and_who_has_not(client: Any, with_team: Any, member: Any) -> None:
    client.force_login(member)
    page = f"/criteria/{with_team.pk}/"
    assert [str(one) for one in client.get(page).context["opinions"].missing] == [
        "Aino " + str(with_team.created_by.last_name),
        "Matti Virta",
    ]
    answer = client.post(f"{page}opinion/", {"stance": "objects", "comment": WHY})
    assert answer.status_code == 302
    shown = client.get(page)
    assert WHY in shown.content.decode()
    assert [one.user for one in shown.context["opinions"].given] == [member]
    assert member not in shown.context["opinions"].missing
    assert client.get(f"{page}opinion/").context["form"].initial == {"stance": "objects", "comment": WHY}


def test_management_sees_objections_beside_the_approval(client: Any, with_team: Any, author: Any, member: Any) -> None:
    criteria_give_opinion(criteria=with_team, user=member, stance="objects", comment=WHY)
    criteria_review(criteria=with_team, user=author)
    client.force_login(UserFactory(grants=["criteria.approve_criteria"]))
    assert WHY in client.get(f"/criteria/{with_team.pk}/approve/").content.decode()
    assert (
        WHY
        in client.get(
            f"/criteria/{with_team.pk}/approve/", headers={"HX-Request": "true", "HX-Target": "dialog"}
        ).content.decode()
    )


def test_only_members_of_the_account_team_give_opinions(with_team: Any, member: Any) -> None:
    url, body = f"/api/v1/criteria/{with_team.pk}/opinion/", {"stance": "agrees"}
    api = APIClient()
    api.force_authenticate(UserFactory(grants=["criteria.edit_criteria"]))
    assert api.post(url, body, format="json").status_code == 403
    api.force_authenticate(member)
    given = api.post(url, body, format="json")
    assert [(one["user"], one["stance"]) for one in given.json()["opinions"]] == [(member.pk, "agrees")]
