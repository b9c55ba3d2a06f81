"""The pages of care models: reading, editing a draft, the steps, comparing, registers."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from activities.log.models import ActivityType
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.models import CareAction, CareModel, ModelVersion, SkipReason, StatutoryTask, Term
from careplans.caremodels.services.versions import version_draft, version_review, version_send
from careplans.caremodels.tests.factories import (
    CareActionFactory,
    CareModelFactory,
    ModelVersionFactory,
    approved_version,
)
from careplans.caremodels.views.body import version_context
from core import clock
from segmentation.criteria.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def query_count(read: Callable[[], Any]) -> int:
    read()  # what is read once and kept
    with CaptureQueriesContext(connection) as captured:
        read()
    return len(captured)


def text_of(response: Any) -> str:
    return response.content.decode()


def action_data(**about: Any) -> dict[str, Any]:
    call = ActivityType.objects.get(code="call")
    return {
        "name_fi": "Yhteydenotto", "name_en": "Contact", "code": "contact", "scope": "customer",
        "completed_by": ["activity"], "activity_type": call.pk, "frequency": "every", "count": "60", "unit": "day",
        "responsible_1": "role:owner", "is_mandatory": "on", "is_contact": "on", **about,
    }  # fmt: skip


@pytest.fixture
def draft(keeper: Any) -> ModelVersion:
    version = ModelVersionFactory(created_by=keeper)
    CareActionFactory(version=version, code="talk", activity_type=ActivityType.objects.get(code="call"))
    return version


def test_everyone_reads_the_models_and_only_keepers_change_them(reader, draft):
    client = signed_in(reader)
    page = text_of(client.get(reverse("caremodels:list")))
    assert str(draft.model) in page
    assert "New care model" not in page
    assert client.get(draft.model.get_absolute_url()).status_code == 200
    version = text_of(client.get(draft.get_absolute_url()))
    assert "Add an action" not in version
    assert client.get(reverse("caremodels:action_add", args=[draft.pk])).status_code == 403
    assert client.post(reverse("caremodels:send", args=[draft.pk])).status_code == 403


def test_the_list_costs_the_same_for_one_model_and_for_five(keeper):
    client = signed_in(keeper)
    CareActionFactory(version=approved_version())
    one = query_count(lambda: client.get(reverse("caremodels:list")))
    for _number in range(4):
        CareActionFactory(version=approved_version())
    assert query_count(lambda: client.get(reverse("caremodels:list"))) == one


def test_a_version_costs_the_same_for_one_action_and_for_five(keeper, draft):
    client = signed_in(keeper)
    one = query_count(lambda: client.get(draft.get_absolute_url()))
    for _number in range(4):
        CareActionFactory(version=draft, activity_type=ActivityType.objects.get(code="call"))
    assert query_count(lambda: client.get(draft.get_absolute_url())) == one


def test_a_model_is_added_with_its_first_draft(keeper):
    segment = SegmentFactory(scheme__feeds_care_models=True)
    data = {"name_fi": "A", "code": "key", "segment": segment.pk, "order": "10", "justification": "The first version."}
    answer = signed_in(keeper).post(reverse("caremodels:create"), data)
    version = ModelVersion.objects.get(model__code="key")
    assert answer.status_code == 302
    assert answer.url == version.get_absolute_url()


def test_a_second_model_of_a_segment_is_refused_with_a_sentence(keeper):
    model = CareModelFactory()
    data = {"name_fi": "A", "code": "key", "segment": model.segment.pk, "order": "10", "justification": "Another one."}
    answer = signed_in(keeper).post(reverse("caremodels:create"), data)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"segment": ["The segment has a care model already."]}


def test_an_action_is_added_by_its_form(keeper, draft):
    client = signed_in(keeper)
    answer = client.post(
        reverse("caremodels:action_add", args=[draft.pk]), action_data(responsible_2="group:management")
    )
    assert answer.status_code == 302, text_of(answer)
    action = draft.actions.get(code="contact")
    assert (action.count, action.is_contact) == (60, True)
    assert [row.key for row in action.responsible.all()] == ["role:owner", "group:management"]
    page = text_of(client.get(draft.get_absolute_url()))
    assert "every 60 days from the last time" in page
    assert "owner, else Management" in page


@pytest.mark.parametrize(
    ("about", "said"),
    [
        ({"count": "0"}, "greater than or equal to 1"),
        ({"count": "0,1"}, "whole number"),
        ({"frequency": "named", "months": ["13"]}, "13 is not one of the available choices"),
        ({"frequency": "named"}, "Choose at least one month."),
        ({"before": "30", "after": "30"}, "must be fewer than those of the interval"),
        ({"frequency": "event", "event": "order_delivered", "completed_by": ["order"]}, "would trigger itself"),
        ({"code": "talk"}, "another action with this code"),
    ],
)
def test_an_action_that_cannot_be_is_refused_with_a_sentence(keeper, draft, about, said):
    answer = signed_in(keeper).post(reverse("caremodels:action_add", args=[draft.pk]), action_data(**about))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert draft.actions.count() == 1


def test_the_form_of_an_action_shows_what_it_has(keeper, draft):
    action = draft.actions.get()
    page = text_of(signed_in(keeper).get(reverse("caremodels:action_edit", args=[action.pk])))
    assert 'value="role:owner" selected' in page
    assert 'value="talk"' in page


def test_of_two_who_edit_a_draft_the_second_is_told_and_may_go_on(keeper, draft):
    client, url = signed_in(keeper), reverse("caremodels:action_add", args=[draft.pk])
    seen = str(draft.version)
    assert client.post(url, action_data(seen=seen)).status_code == 302
    second = client.post(url, action_data(seen=seen, code="second"))
    assert second.status_code == 422
    assert "Someone else changed this version" in text_of(second)
    draft.refresh_from_db()
    assert client.post(url, action_data(seen=str(draft.version), code="second")).status_code == 302


def test_a_deleted_action_is_brought_back_by_the_button_of_the_message(keeper, draft):
    client, action = signed_in(keeper), draft.actions.get()
    answer = client.post(reverse("caremodels:action_delete", args=[action.pk]), follow=True)
    assert not draft.actions.exists()
    undo = next(iter(answer.context["messages"])).extra_tags
    client.post(json.loads(undo)["undo"])
    assert draft.actions.get().code == "talk"
    client.post(reverse("caremodels:action_restore", args=[draft.pk]) + "?content=forged")
    assert draft.actions.count() == 1


def test_actions_are_copied_and_moved(keeper, draft):
    client, action = signed_in(keeper), draft.actions.get()
    client.post(reverse("caremodels:action_copy", args=[action.pk]), {"code": "talk_2"})
    copy = CareAction.objects.get(code="talk_2")
    client.post(reverse("caremodels:action_up", args=[copy.pk]))
    assert [one.code for one in draft.actions.all()] == ["talk_2", "talk"]
    client.post(reverse("caremodels:action_down", args=[copy.pk]))
    assert [one.code for one in draft.actions.all()] == ["talk", "talk_2"]


def test_goals_and_promise_of_a_draft_are_changed(keeper, draft):
    data = {
        "goals_en": "Weekly contact",
        "channels": ["email", "phone"],
        "answer_days": "2",
        "justification": "Revision",
    }
    signed_in(keeper).post(reverse("caremodels:version_edit", args=[draft.pk]), data | {"version": draft.version})
    draft.refresh_from_db()
    assert (draft.goals_en, draft.channels, draft.answer_days) == ("Weekly contact", ["email", "phone"], 2)


def test_metrics_are_added_changed_and_removed(keeper, draft):
    client = signed_in(keeper)
    data = {"name_fi": "Toteuma", "target": "90", "unit": "%", "order": "10"}
    client.post(reverse("caremodels:metric_add", args=[draft.pk]), data)
    metric = draft.metrics.get()
    assert "Toteuma: 90 %" in text_of(client.get(draft.get_absolute_url()))
    client.post(reverse("caremodels:metric_edit", args=[draft.pk, metric.pk]), data | {"target": "95"})
    assert draft.metrics.get().target == 95
    client.post(reverse("caremodels:metric_delete", args=[draft.pk, metric.pk]))
    assert not draft.metrics.exists()
    assert client.get(reverse("caremodels:metric_edit", args=[draft.pk, metric.pk])).status_code == 404


def test_a_version_goes_from_a_draft_to_force(keeper, director, draft):
    client, manager = signed_in(keeper), signed_in(director)
    client.post(reverse("caremodels:send", args=[draft.pk]), {"comment": ""})
    client.post(reverse("caremodels:review", args=[draft.pk]), {"comment": "Gone through."})
    assert "waits for management" in text_of(client.get(draft.get_absolute_url()))
    assert client.get(reverse("caremodels:approve", args=[draft.pk])).status_code == 403
    past = manager.post(reverse("caremodels:approve", args=[draft.pk]), {"valid_from": "1.1.2020"})
    assert past.status_code == 422
    assert "on the day of its approval or later" in text_of(past)
    ahead = clock.today() + dt.timedelta(days=400)
    manager.post(reverse("caremodels:approve", args=[draft.pk]), {"valid_from": f"{ahead:%d.%m.%Y}"})
    draft.refresh_from_db()
    assert draft.status == VersionStatus.APPROVED
    assert draft.valid_from == ahead
    assert "version 1 from" in text_of(client.get(reverse("caremodels:list")))


def test_who_approves_a_version_sees_its_workload(keeper, director, draft):
    version_review(version=version_send(version=draft, user=keeper), user=keeper)
    workload = reverse("caremodels:workload", args=[draft.pk])
    page = text_of(signed_in(director).get(reverse("caremodels:approve", args=[draft.pk])))
    assert f'hx-get="{workload}?late=note"' in page


def test_management_sends_a_version_back_with_a_reason(keeper, director, draft):
    version_review(version=version_send(version=draft, user=keeper), user=keeper)
    url = reverse("caremodels:return", args=[draft.pk])
    assert signed_in(director).post(url, {"reason": ""}).status_code == 422
    signed_in(director).post(url, {"reason": "Too much in March."})
    draft.refresh_from_db()
    assert draft.status == VersionStatus.DRAFT
    assert "Too much in March." in text_of(signed_in(keeper).get(draft.get_absolute_url()))


def test_who_prepared_a_version_is_offered_no_approval(admin, draft):
    version_review(version=version_send(version=draft, user=admin), user=admin)
    page = text_of(signed_in(admin).get(draft.get_absolute_url()))
    assert "somebody else of the management approves it" in page
    assert reverse("caremodels:approve", args=[draft.pk]) not in page


def test_the_decision_is_above_what_the_version_says(keeper, director, draft):
    version_review(version=version_send(version=draft, user=keeper), user=keeper)
    page = text_of(signed_in(director).get(draft.get_absolute_url()))
    assert page.index(reverse("caremodels:approve", args=[draft.pk])) < page.index("Goals and promise")
    assert page.count(draft.justification) == 1


def test_the_page_that_has_the_justification_already_leaves_out_nothing_else(draft):
    with translation.override("en"):
        whole, rest = (
            [fact.label for fact in version_context(draft, justified=justified)["facts"]] for justified in (True, False)
        )
    assert [label for label in whole if label != "Justification"] == rest


def test_two_versions_are_compared_side_by_side(keeper):
    first = approved_version()
    CareActionFactory(version=first, code="talk", name_en="Talk", count=3)
    CareActionFactory(version=first, code="gone", name_en="Card")
    second = version_draft(model=first.model, user=keeper, justification="Less often.")
    second.actions.filter(code="talk").update(count=6)
    second.actions.filter(code="gone").delete()
    page = text_of(signed_in(keeper).get(reverse("caremodels:compare", args=[second.pk])))
    assert "each quarter" in page
    assert "each half-year" in page
    assert "removed" in page


def test_a_retired_model_is_shown_apart_and_restored(keeper):
    model = approved_version().model
    client = signed_in(keeper)
    client.post(reverse("caremodels:retire", args=[model.pk]))
    assert CareModel.objects.get(pk=model.pk).is_retired
    assert "Retired" in text_of(client.get(reverse("caremodels:list")))
    client.post(reverse("caremodels:retire", args=[model.pk]))
    assert not CareModel.objects.get(pk=model.pk).is_retired


def test_only_administrators_change_statutory_tasks(keeper, admin):
    data = action_data(code="permit", name_fi="Lupa", name_en="Permit", basis="Act 531/2017, section 22")
    assert signed_in(keeper).get(reverse("caremodels:statutory")).status_code == 200
    assert signed_in(keeper).post(reverse("caremodels:statutory_add"), data).status_code == 403
    client = signed_in(admin)
    assert client.post(reverse("caremodels:statutory_add"), data).status_code == 302
    task = StatutoryTask.objects.get(code="permit")
    edited = client.post(
        reverse("caremodels:statutory_edit", args=[task.pk]), data | {"count": "30", "version": task.version}
    )
    assert edited.status_code == 302, text_of(edited)
    task.refresh_from_db()
    assert task.count == 30
    assert "Act 531/2017" in text_of(client.get(reverse("caremodels:statutory")))
    client.post(reverse("caremodels:statutory_retire", args=[task.pk]))
    assert StatutoryTask.objects.get(code="permit").is_retired


def test_terms_are_kept_on_their_page(keeper):
    client = signed_in(keeper)
    data = {"name_fi": "Syksy 2040", "name_en": "Autumn 2040", "first": "1.8.2040", "last": "31.12.2040"}
    client.post(reverse("caremodels:term_add"), data)
    term = Term.objects.get(name_en="Autumn 2040")
    overlapping = client.post(reverse("caremodels:term_add"), data | {"name_fi": "x"})
    assert (overlapping.status_code, list(overlapping.context["form"].errors)) == (422, ["first"])
    backwards = client.post(reverse("caremodels:term_add"), data | {"last": "1.7.2040"})
    assert list(backwards.context["form"].errors) == ["last"]
    client.post(reverse("caremodels:term_edit", args=[term.pk]), data | {"last": "20.12.2040", "version": term.version})
    assert Term.objects.get(pk=term.pk).last == dt.date(2040, 12, 20)
    client.post(reverse("caremodels:term_delete", args=[term.pk]))
    assert not Term.objects.filter(pk=term.pk).exists()


def test_equal_treatment_gives_all_one_answer_target(keeper, draft):
    client = signed_in(keeper)
    client.post(
        reverse("caremodels:settings"),
        {"is_treatment_equal": "on", "answer_days": "4", "work_ahead": "90", "claim_days": "5"},
    )
    assert "4 working days" in text_of(client.get(draft.get_absolute_url()))
    assert "in every segment" in text_of(client.get(reverse("caremodels:version_edit", args=[draft.pk])))


def test_reasons_for_skipping_are_kept_with_the_other_lists(admin):
    client = signed_in(admin)
    url = reverse("activities:choice_add", args=["skip-reasons"])
    client.post(url, {"name_fi": "Lomautus", "code": "laid_off", "order": "5", "is_accepted": "on"})
    assert SkipReason.objects.get(code="laid_off").is_accepted


@pytest.mark.parametrize("name", ["history", "version_history"])
def test_the_history_says_who_changed_what(keeper, draft, name):
    pk = draft.model_id if name == "history" else draft.pk
    assert signed_in(keeper).get(reverse(f"caremodels:{name}", args=[pk])).status_code == 200
