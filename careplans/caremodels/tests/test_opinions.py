"""What the account team says of a version of a care model before management decides: each once."""

from __future__ import annotations

import json
from typing import Any

import pghistory
import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.enums import TeamKind
from accounts.models import Notification, Team
from accounts.tests.factories import UserFactory
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.models import ModelOpinion, ModelVersion
from careplans.caremodels.selectors import asked_about
from careplans.caremodels.services.actions import action_save
from careplans.caremodels.services.versions import (
    version_approve,
    version_change,
    version_give_opinion,
    version_return,
    version_review,
    version_send,
)
from careplans.caremodels.tests.factories import CareActionFactory, ModelVersionFactory
from careplans.caremodels.tests.steps import call, refused
from core import clock
from core.history import history_of

pytestmark = pytest.mark.django_db
WHY = "Nobody has the time for a call each week."


@pytest.fixture
def member(db: None) -> Any:
    """A member of an account team."""
    user = UserFactory(first_name="Matti", last_name="Virta", language="en")
    Team.objects.create(name="Account team", kind=TeamKind.ACCOUNT).members.add(user)
    return user


@pytest.fixture
def carer(db: None) -> Any:
    """A member of the model's care team."""
    return UserFactory(first_name="Kaisa", last_name="Koski", language="en")


@pytest.fixture
def with_team(keeper: Any, member: Any, carer: Any) -> ModelVersion:
    """Return a version that the key account manager has made and sent to the account team."""
    team = Team.objects.create(name="Care team of A", kind=TeamKind.CARE)
    team.members.add(keeper, carer)
    version = ModelVersionFactory(created_by=keeper, model__team=team)
    CareActionFactory(version=version, activity_type=call())
    return version_send(version=version, user=keeper)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def object_to(version: ModelVersion, user: Any) -> ModelVersion:
    return version_give_opinion(version=version, user=user, stance="objects", comment=WHY)


def test_account_teams_and_the_care_team_of_the_model_are_asked(with_team, keeper, member, carer):
    UserFactory()
    assert set(asked_about(with_team.model)) == {keeper, member, carer}
    told = Notification.objects.filter(kind="care_version_to_team").values_list("user", flat=True)
    assert set(told) == {member.pk, carer.pk}


def test_who_wrote_a_version_hears_what_the_team_says(with_team, keeper, member):
    object_to(with_team, member)
    assert Notification.objects.get(user=keeper, kind="care_version_opinion").data["stance"] == "objects"


def test_a_member_has_one_opinion_and_may_change_it(with_team, member):
    object_to(with_team, member)
    version_give_opinion(version=with_team, user=member, stance="agrees")
    assert [(one.user, one.stance, one.comment) for one in with_team.opinions.all()] == [(member, "agrees", "")]
    assert len(history_of(with_team, (ModelOpinion,))) >= 2


def test_objections_say_what_they_are(with_team, member):
    with refused("comment_required", "comment"):
        version_give_opinion(version=with_team, user=member, stance="objects", comment=" ")


def test_a_version_goes_to_management_when_somebody_besides_the_author_was_heard(with_team, keeper, member):
    version_give_opinion(version=with_team, user=keeper, stance="agrees")
    with refused("not_heard"):
        version_review(version=with_team, user=keeper)
    object_to(with_team, member)
    assert version_review(version=with_team, user=keeper).status == VersionStatus.WAITING


def changed_goals(version: ModelVersion, user: Any) -> None:
    version_change(version=version, changes={"goals_en": "More meetings"}, user=user)


def changed_action(version: ModelVersion, user: Any) -> None:
    action = version.actions.get()
    action.count = 2
    action_save(action=action, types=[], responsible=["role:owner"], user=user)


def by_another_program(version: ModelVersion, user: Any) -> None:
    with pghistory.context(user=user.pk):
        version.actions.update(count=2)


def other_people(version: ModelVersion, user: Any) -> None:
    action_save(action=version.actions.get(), types=[], responsible=["role:deputy"], user=user)


def other_types(version: ModelVersion, user: Any) -> None:
    action_save(action=version.actions.get(), types=[call()], responsible=["role:owner"], user=user)


@pytest.mark.parametrize("change", [changed_goals, changed_action, by_another_program])
def test_the_opinion_of_somebody_who_changed_the_version_is_not_enough(change, with_team, keeper, member, carer):
    draft = version_return(version=with_team, user=keeper, reason="More of it.")
    change(draft, member)
    again = version_send(version=draft, user=keeper)
    version_give_opinion(version=again, user=member, stance="agrees")
    with refused("not_heard"):
        version_review(version=again, user=keeper)
    object_to(again, carer)
    assert version_review(version=again, user=keeper).status == VersionStatus.WAITING


@pytest.mark.parametrize("change", [other_people, other_types])
def test_who_has_passed_a_version_on_before_and_changed_who_or_what_completes_an_action_has_written_it(
    change, with_team, keeper, member, carer
):
    object_to(with_team, member)
    draft = version_return(version=version_review(version=with_team, user=member), user=keeper, reason="More of it.")
    change(draft, member)
    again = version_send(version=draft, user=keeper)
    version_give_opinion(version=again, user=member, stance="agrees")
    with refused("not_heard"):
        version_review(version=again, user=keeper)
    object_to(again, carer)
    assert version_review(version=again, user=keeper).status == VersionStatus.WAITING


def test_who_has_sent_a_version_in_an_earlier_round_has_written_it(with_team, keeper, admin, carer):
    draft = version_return(version=with_team, user=admin, reason="More of it.")
    again = version_send(version=draft, user=admin)
    ModelVersion.objects.update(created_by=None)
    version_give_opinion(version=again, user=keeper, stance="agrees")
    with refused("not_heard"):
        version_review(version=again, user=admin)


def test_who_has_only_passed_a_version_on_before_counts_as_others_do(with_team, keeper, member):
    object_to(with_team, member)
    draft = version_return(version=version_review(version=with_team, user=member), user=keeper, reason="More of it.")
    again = version_send(version=draft, user=keeper)
    object_to(again, member)
    assert version_review(version=again, user=keeper).status == VersionStatus.WAITING


def test_an_opinion_is_not_changed_after_the_version_was_sent_on(with_team, keeper, member):
    object_to(with_team, member)
    version_review(version=with_team, user=keeper)
    with refused("not_with_team"):
        version_give_opinion(version=with_team, user=member, stance="agrees")


def test_a_version_that_was_sent_back_is_asked_about_again(with_team, keeper, member):
    object_to(with_team, member)
    draft = version_return(version=with_team, user=keeper, reason="Each second week is enough.")
    again = version_send(version=draft, user=keeper)
    with refused("not_heard"):
        version_review(version=again, user=keeper)
    version_give_opinion(version=again, user=member, stance="agrees")
    assert again.opinions.count() == 2


def test_who_sent_a_version_does_not_approve_it_but_a_member_who_gave_an_opinion_does(with_team, admin, keeper):
    director = UserFactory(role="management")
    with_team.model.team.members.add(director)
    object_to(with_team, director)
    version = version_review(version=with_team, user=admin)
    with refused("own_version"):
        version_approve(version=version, user=admin, valid_from=clock.today())
    assert version_approve(version=version, user=director, valid_from=clock.today()).approved_by == director


def test_the_page_says_who_has_given_an_opinion_and_who_has_not(with_team, member):
    client, page = signed_in(member), with_team.get_absolute_url()
    assert {str(one) for one in client.get(page).context["opinions"].missing} >= {"Kaisa Koski", "Matti Virta"}
    address = reverse("caremodels:opinion", args=[with_team.pk])
    assert client.post(address, {"stance": "objects", "comment": WHY}).status_code == 302
    shown = client.get(page)
    assert WHY in shown.content.decode()
    assert member not in shown.context["opinions"].missing
    assert client.get(address).context["form"].initial == {"stance": "objects", "comment": WHY}


def test_the_message_brings_ones_former_opinion_back(with_team, member):
    object_to(with_team, member)
    client, address = signed_in(member), reverse("caremodels:opinion", args=[with_team.pk])
    answer = client.post(address, {"stance": "agrees", "comment": ""}, follow=True)
    client.post(json.loads(next(iter(answer.context["messages"])).extra_tags)["undo"])
    assert with_team.opinions.get().comment == WHY


def test_management_sees_objections_beside_the_approval(with_team, keeper, member, director):
    object_to(with_team, member)
    version_review(version=with_team, user=keeper)
    page = reverse("caremodels:approve", args=[with_team.pk])
    assert WHY in signed_in(director).get(page).content.decode()
    in_dialog = signed_in(director).get(page, headers={"HX-Request": "true", "HX-Target": "dialog"})
    assert WHY in in_dialog.content.decode()


def test_management_sees_who_has_not_answered_beside_the_approval(with_team, keeper, member, director):
    silent = UserFactory(first_name="Hilja")
    Team.objects.get(pk=member.teams.get().pk).members.add(silent)
    version_give_opinion(version=with_team, user=member, stance="agrees")
    version_review(version=with_team, user=keeper)
    text = signed_in(director).get(reverse("caremodels:approve", args=[with_team.pk])).content.decode()
    assert "1 of the account team has answered, without objections." in text
    assert "Not answered yet:" in text
    assert str(silent) in text


def test_only_those_who_are_asked_give_opinions(with_team, admin, member):
    url, body = f"/api/v1/care-model-versions/{with_team.pk}/opinion/", {"stance": "agrees"}
    api = APIClient()
    api.force_authenticate(admin)
    assert api.post(url, body, format="json").status_code == 403
    api.force_authenticate(member)
    given = api.post(url, body, format="json")
    assert [(one["user"], one["stance"]) for one in given.json()["opinions"]] == [(member.pk, "agrees")]
