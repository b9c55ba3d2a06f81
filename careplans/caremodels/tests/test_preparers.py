"""Who has prepared a version does not approve it; steps are taken with what was seen; an undo keeps long texts."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from careplans.caremodels.models import CareAction, ModelVersion
from careplans.caremodels.services.actions import action_delete, action_save
from careplans.caremodels.services.versions import version_approve, version_change, version_review, version_send
from careplans.caremodels.tests.factories import CareActionFactory, ModelVersionFactory
from careplans.caremodels.tests.steps import call, new_action, refused
from core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(keeper: Any) -> ModelVersion:
    version = ModelVersionFactory(created_by=keeper)
    CareActionFactory(version=version, activity_type=call(), code="talk")
    return version


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def changed_goals(draft: ModelVersion, user: Any) -> None:
    version_change(version=draft, changes={"goals_en": "More meetings"}, user=user)


def added_action(draft: ModelVersion, user: Any) -> None:
    action_save(action=new_action(draft, code="more"), types=[], responsible=["role:owner"], user=user)


def removed_action(draft: ModelVersion, user: Any) -> None:
    action_delete(action=CareActionFactory(version=draft, activity_type=call()), user=user)


@pytest.mark.parametrize("change", [changed_goals, added_action, removed_action])
def test_who_changed_the_content_does_not_approve(change, draft, keeper, admin, director):
    change(draft, admin)
    version = version_review(version=version_send(version=draft, user=keeper), user=keeper)
    with refused("own_version"):
        version_approve(version=version, user=admin, valid_from=clock.today())
    assert version_approve(version=version, user=director, valid_from=clock.today()).approved_by == director


def test_who_reviewed_does_not_approve(draft, keeper, admin):
    version = version_review(version=version_send(version=draft, user=keeper), user=admin)
    with refused("own_version"):
        version_approve(version=version, user=admin, valid_from=clock.today())


def test_the_page_notes_who_changed_a_draft(draft, admin):
    address = reverse("caremodels:version_edit", args=[draft.pk])
    signed_in(admin).post(address, {"goals_en": "More", "justification": "Revision", "version": draft.version})
    draft.refresh_from_db()
    assert admin.pk in draft.prepared_by


def test_a_step_of_a_version_that_has_changed_since_is_refused(draft, keeper):
    client, address = signed_in(keeper), reverse("caremodels:send", args=[draft.pk])
    page = client.get(address).context["form"]
    assert page["seen"].value() == draft.version
    changed_goals(draft, keeper)
    answer = client.post(address, {"comment": "", "seen": page["seen"].value()})
    assert (answer.status_code, "Someone else has changed this" in answer.content.decode()) == (422, True)


def test_an_approval_of_what_was_not_seen_is_refused(draft, keeper, director):
    version = version_review(version=version_send(version=draft, user=keeper), user=keeper)
    answer = signed_in(director).post(
        reverse("caremodels:approve", args=[draft.pk]),
        {"valid_from": f"{clock.today() + dt.timedelta(days=1):%d.%m.%Y}", "seen": version.version - 1},
    )
    assert answer.status_code == 422
    version.refresh_from_db()
    assert version.approved_by is None


def test_a_long_action_is_brought_back_by_a_short_address(draft, keeper):
    text = "ä" * 2_000
    CareAction.objects.update(description_fi=text, description_en=text, memo_fi=text, memo_en=text)
    client = signed_in(keeper)
    answer = client.post(reverse("caremodels:action_delete", args=[draft.actions.get().pk]), follow=True)
    undo = json.loads(next(iter(answer.context["messages"])).extra_tags)["undo"]
    assert len(undo) < 200
    client.post(undo)
    assert draft.actions.get().description_fi == text


def test_nobody_else_brings_it_back(draft, keeper, admin):
    answer = signed_in(keeper).post(reverse("caremodels:action_delete", args=[draft.actions.get().pk]), follow=True)
    signed_in(admin).post(json.loads(next(iter(answer.context["messages"])).extra_tags)["undo"])
    assert not draft.actions.exists()
