"""The life of a care model: a draft, its actions, the account team, management's approval, the day it takes effect."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Notification, Role, Team
from accounts.services import role_delete
from accounts.tests.factories import UserFactory
from activities.log.models import ActivityType
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.models import CareModel, ModelMetric, ModelVersion
from careplans.caremodels.services.actions import (
    action_copy,
    action_delete,
    action_move,
    action_restore,
    action_save,
    actions_reorder,
    snapshot,
)
from careplans.caremodels.services.models import (
    model_add,
    model_change,
    model_set_retired,
)
from careplans.caremodels.services.versions import (
    version_approve,
    version_change,
    version_delete,
    version_draft,
    version_give_opinion,
    version_return,
    version_review,
    version_send,
    versions_replace_due,
)
from careplans.caremodels.tests.factories import (
    CareActionFactory,
    CareModelFactory,
    ModelVersionFactory,
    approved_version,
)
from careplans.caremodels.tests.steps import call, new_action, refused, saved
from core import clock
from core.exceptions import StaleVersionError
from customers.models import ClassificationNode
from segmentation.criteria.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 29)


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.frozen(dt.datetime(2026, 11, 29, 10, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def draft(keeper: Any) -> ModelVersion:
    version = ModelVersionFactory(created_by=keeper)
    saved(version)
    version.refresh_from_db()
    return version


@pytest.fixture
def waiting(draft: ModelVersion, keeper: Any) -> ModelVersion:
    return version_review(version=version_send(version=draft, user=keeper), user=keeper, comment="Gone through.")


# Models


def test_a_model_is_added_with_its_first_draft(keeper):
    model = CareModel(code="key", name_fi="A", name_en="A", segment=SegmentFactory(scheme__feeds_care_models=True))
    draft = model_add(model=model, user=keeper, justification="The first version.")
    assert (draft.model, draft.number, draft.status) == (model, 1, VersionStatus.DRAFT)


def test_a_model_belongs_to_a_segment_or_to_a_class(keeper):
    segment, node = SegmentFactory(scheme__feeds_care_models=True), ClassificationNode.objects.get(code="suppliers")
    for about in ({}, {"segment": segment, "node": node}):
        with refused("of_one"):
            model_add(model=CareModel(code="key", **about), user=keeper, justification="Needed.")
    with pytest.raises(IntegrityError), transaction.atomic():
        CareModel.objects.create(code="b", name_fi="B", name_en="B", segment=segment, node=node)


def test_a_segment_of_a_scheme_that_is_not_used_for_care_has_no_model(keeper):
    with refused("no_care_models", "segment"):
        model_add(model=CareModel(code="key", segment=SegmentFactory()), user=keeper, justification="Needed.")


def test_a_class_that_only_contacts_have_has_no_model(keeper):
    maker = ClassificationNode.objects.get(code="decision_maker")
    with refused("not_for_customers", "node"):
        model_add(model=CareModel(code="key", node=maker), user=keeper, justification="Needed.")


def test_a_segment_has_one_model_in_use():
    model = CareModelFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        CareModelFactory(segment=model.segment)
    model_set_retired(model=model, retired=True)
    assert CareModelFactory(segment=model.segment).pk


def test_a_model_keeps_its_segment():
    model = CareModelFactory()
    model.segment = SegmentFactory(scheme__feeds_care_models=True)
    with refused("fixed_subject"):
        model_change(model=model)


def test_a_model_of_which_a_version_is_prepared_is_not_retired(draft):
    with refused("being_prepared"):
        model_set_retired(model=draft.model, retired=True)


# Drafts


def test_a_draft_is_a_copy_of_the_newest_version(keeper):
    first = approved_version(goals_en="Contact each week", channels=["email"], answer_days=2)
    action = CareActionFactory(version=first, code="contact")
    action.types.add(call())
    ModelMetric.objects.create(version=first, name_fi="Toteuma", name_en="Adherence", target=90, unit="%")
    draft = version_draft(model=first.model, user=keeper, justification="Yearly revision.")
    copy = draft.actions.get()
    assert (draft.number, draft.based_on, draft.goals_en, draft.channels) == (2, first, "Contact each week", ["email"])
    assert (copy.code, copy.count, list(copy.types.all())) == ("contact", 1, [call()])
    assert [row.key for row in copy.responsible.all()] == ["role:owner"]
    assert draft.metrics.get().target == 90
    assert first.actions.count() == 1


def test_a_model_has_one_version_in_preparation(draft, keeper):
    with refused("being_prepared"):
        version_draft(model=draft.model, user=keeper, justification="Another one.")


def test_a_version_needs_a_justification(draft, keeper):
    with refused("justification_required", "justification"):
        version_draft(model=CareModelFactory(), user=keeper, justification=" ")
    with refused("justification_required", "justification"):
        version_change(version=draft, changes={"justification": ""})


def test_only_a_draft_is_changed(waiting, keeper):
    with refused("not_draft"):
        version_change(version=waiting, changes={"goals_en": "More"})
    with refused("not_draft"):
        saved(waiting, code="other")
    with refused("not_draft"):
        action_delete(action=waiting.actions.get())
    with refused("not_draft"):
        version_delete(version=waiting)


def test_of_two_people_who_edit_a_draft_the_second_is_told(draft):
    seen = draft.version
    action_save(action=new_action(draft, code="first"), types=[], responsible=["role:owner"], seen=seen)
    with pytest.raises(StaleVersionError):
        action_save(action=new_action(draft, code="second"), types=[], responsible=["role:owner"], seen=seen)
    with pytest.raises(StaleVersionError):
        version_change(version=draft, changes={"goals_en": "x"}, seen=seen)
    assert not draft.actions.filter(code="second").exists()


# Actions


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"count": 0}, "frequency_number", "count"),
        ({"count": 0.1}, "frequency_number", "count"),
        ({"frequency": "named", "months": [2, 13]}, "no_such_month", "months"),
        ({"before": 30, "after": 30}, "window_too_long", "before"),
        ({"completed_by": []}, "not_completed", "completed_by"),
        ({"scope": "internal"}, "internal_contact", "is_contact"),
        ({"activity_type": None}, "no_activity_type", "activity_type"),
    ],
)
def test_an_action_that_cannot_be_is_refused_at_its_field(draft, fields, code, field):
    with refused(code, field):
        saved(draft, **{"code": "wrong", **fields})


def test_the_work_to_do_completes_the_action(draft):
    memo, visit = ActivityType.objects.get(code="memo"), ActivityType.objects.get(code="visit")
    with refused("unfit_activity_type", "activity_type"):  # no contact with the customer
        saved(draft, code="other", activity_type=memo)
    with refused("unfit_activity_type", "activity_type"):
        action_save(action=new_action(draft, code="other"), types=[visit], responsible=["role:owner"])


def test_an_action_that_triggers_itself_is_refused(draft):
    about = {"code": "loop", "frequency": "event", "is_contact": False}
    with refused("triggers_itself", "event"):
        saved(draft, **about, event="order_delivered", completed_by=["order"])
    feedback = ActivityType.objects.get(code="feedback")
    with refused("triggers_itself", "event"):
        saved(draft, **about, event="negative_feedback", activity_type=feedback)
    assert saved(draft, **about, event="order_delivered").pk


def test_an_action_has_somebody_responsible_in_order(draft):
    team = Team.objects.create(name="Coordinators")
    keys = ("role:deputy", "group:key_account_manager", f"team:{team.pk}")
    assert [row.key for row in saved(draft, keys, code="other").responsible.all()] == list(keys)
    with refused("no_responsible", "responsible"):
        saved(draft, (), code="third")
    for key in ("role:nobody", "group:nobody", "team:999999", "team:x", "nobody"):
        with refused("unknown_responsible", "responsible"):
            saved(draft, (key,), code="third")


def test_a_code_is_once_in_a_version(draft):
    with refused("code_taken", "code"):
        saved(draft)


def test_actions_are_copied_deleted_brought_back_and_ordered(draft):
    first = draft.actions.get()
    second = action_copy(action=first, code="contact_2")
    assert [one.code for one in draft.actions.all()] == ["contact", "contact_2"]
    action_move(action=second, earlier=True)
    assert [one.code for one in draft.actions.all()] == ["contact_2", "contact"]
    kept = snapshot(first)
    action_delete(action=first)
    back = action_restore(version=draft, content=kept)
    assert (back.code, back.count, [row.key for row in back.responsible.all()]) == ("contact", 60, ["role:owner"])
    actions_reorder(version=draft, ids=[back.pk, second.pk])
    assert [one.code for one in draft.actions.all()] == ["contact", "contact_2"]
    with refused("other_actions"):
        actions_reorder(version=draft, ids=[back.pk])


# Steps


def test_a_version_goes_by_the_account_team_to_management(draft, keeper, director):
    draft.model.team = Team.objects.create(name="Care team of A")
    member = UserFactory()
    draft.model.team.members.add(member)
    draft.model.save()
    sent = version_send(version=draft, user=keeper)
    assert sent.status == VersionStatus.TEAM
    assert Notification.objects.filter(user=member, kind="care_version_to_team").exists()
    version_give_opinion(version=sent, user=member, stance="agrees")
    reviewed = version_review(version=sent, user=keeper, comment="Gone through on Monday.")
    assert (reviewed.status, reviewed.reviewed_by) == (VersionStatus.WAITING, keeper)
    assert Notification.objects.filter(user=director, kind="care_version_to_approve").exists()
    approved = version_approve(version=reviewed, user=director, valid_from=TODAY)
    assert (approved.status, approved.approved_by, approved.valid_from) == (VersionStatus.APPROVED, director, TODAY)
    assert Notification.objects.filter(user=keeper, kind="care_version_approved").exists()
    assert [change.to_status for change in approved.status_changes.order_by("pk")] == ["team", "waiting", "approved"]


def test_a_version_is_not_approved_before_the_account_team_has_seen_it(draft, director):
    with refused("status_not_allowed"):
        version_approve(version=draft, user=director, valid_from=TODAY)


def test_a_version_without_actions_is_not_sent(keeper):
    with refused("no_actions"):
        version_send(version=ModelVersionFactory(), user=keeper)


def test_a_version_is_sent_back_with_a_reason(waiting, director, keeper):
    with refused("reason_required"):
        version_return(version=waiting, user=director, reason="")
    returned = version_return(version=waiting, user=director, reason="Too much work in March.")
    assert returned.status == VersionStatus.DRAFT
    assert Notification.objects.get(user=keeper, kind="care_version_returned").data["reason"].startswith("Too much")


def test_a_past_day_of_approval_is_refused(waiting, director):
    with refused("past_day", "valid_from"):
        version_approve(version=waiting, user=director, valid_from=TODAY - dt.timedelta(days=1))


def test_a_day_of_approval_far_ahead_is_refused(waiting, director):
    with refused("too_far", "valid_from"):
        version_approve(version=waiting, user=director, valid_from=dt.date(2199, 12, 31))


def test_no_model_has_the_code_of_an_own_action_of_a_customer(draft):
    with refused("own_code", "code"):
        saved(draft, code="own-report")


def test_nobody_approves_a_version_of_ones_own(draft, admin):
    version = version_review(version=version_send(version=draft, user=admin), user=admin)
    with refused("own_version"):
        version_approve(version=version, user=admin, valid_from=TODAY)
    other = UserFactory(role="administrator")
    assert version_approve(version=version, user=other, valid_from=TODAY).approved_by == other


def test_of_two_who_decide_the_second_is_told(waiting, director):
    version_approve(version=waiting, user=director, valid_from=TODAY, seen=waiting.version)
    with pytest.raises(StaleVersionError):
        version_approve(version=waiting, user=director, valid_from=TODAY, seen=waiting.version)


def test_a_version_of_today_replaces_the_one_before_it_at_once(keeper, director):
    first = approved_version(valid_from=dt.date(2026, 1, 1))
    CareActionFactory(version=first, activity_type=call())
    second = version_draft(model=first.model, user=keeper, justification="Revision.")
    second = version_review(version=version_send(version=second, user=keeper), user=keeper)
    version_approve(version=second, user=director, valid_from=TODAY)
    first.refresh_from_db()
    assert (first.status, first.valid_to) == (VersionStatus.REPLACED, dt.date(2026, 11, 28))
    assert ModelVersion.objects.in_force(TODAY).get(model=first.model) == second
    assert ModelVersion.objects.in_force(dt.date(2026, 11, 28)).get(model=first.model) == first


def test_a_version_of_a_coming_day_replaces_on_that_day(keeper, director):
    first = approved_version(valid_from=dt.date(2026, 1, 1))
    CareActionFactory(version=first, activity_type=call())
    second = version_draft(model=first.model, user=keeper, justification="Revision.")
    second = version_review(version=version_send(version=second, user=keeper), user=keeper)
    version_approve(version=second, user=director, valid_from=dt.date(2027, 1, 1))
    assert ModelVersion.objects.in_force(dt.date(2026, 12, 31)).get(model=first.model) == first
    assert ModelVersion.objects.in_force(dt.date(2027, 1, 1)).get(model=first.model) == second
    assert versions_replace_due(dt.date(2026, 12, 31)) == 0
    assert versions_replace_due(dt.date(2027, 1, 1)) == 1
    assert versions_replace_due(dt.date(2027, 1, 1)) == 0
    first.refresh_from_db()
    assert first.status == VersionStatus.REPLACED


def test_a_version_does_not_take_effect_before_an_older_one(keeper, director):
    first = approved_version(valid_from=dt.date(2027, 3, 1))
    CareActionFactory(version=first, activity_type=call())
    second = version_draft(model=first.model, user=keeper, justification="Revision.")
    second = version_review(version=version_send(version=second, user=keeper), user=keeper)
    with refused("before_other", "valid_from"):
        version_approve(version=second, user=director, valid_from=TODAY)
    version_approve(version=second, user=director, valid_from=dt.date(2027, 3, 1))
    assert ModelVersion.objects.in_force(dt.date(2027, 3, 1)).get(model=first.model) == second
    assert list(first.model.versions.approved()) == [second]  # the first one never applied


def test_other_apps_follow_what_takes_effect(monkeypatch, waiting, director):
    told: list[Any] = []
    monkeypatch.setattr("careplans.caremodels.plugs.declared", lambda name: [told.append])
    version_approve(version=waiting, user=director, valid_from=TODAY)
    assert told == [[waiting.model_id]]


def test_a_group_that_is_deleted_leaves_its_actions_to_the_next_one(draft):
    helpers = Role.objects.create(name="helpers", name_fi="Apulaiset", name_en="Helpers")
    action = saved(draft, ("group:helpers", "role:owner"), code="other")
    role_delete(role=helpers)
    assert [row.key for row in action.responsible.all()] == ["role:owner"]
