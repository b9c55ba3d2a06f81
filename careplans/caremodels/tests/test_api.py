"""The API of care models does what the pages do."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from activities.log.models import ActivityType
from careplans.caremodels.enums import VersionStatus
from careplans.caremodels.models import CareAction, CareModel, ModelVersion, StatutoryTask
from careplans.caremodels.services.actions import action_copy
from careplans.caremodels.tests.factories import CareActionFactory, ModelVersionFactory
from core import clock
from segmentation.criteria.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
MODELS, VERSIONS, ACTIONS = "/api/v1/care-models/", "/api/v1/care-model-versions/", "/api/v1/care-actions/"


def api(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def call() -> int:
    return ActivityType.objects.get(code="call").pk


def action_of(version: ModelVersion, **about: Any) -> dict[str, Any]:
    return {
        "version": version.pk, "code": "talk", "name_fi": "Keskustelu", "name_en": "Talk", "completed_by": ["activity"],
        "activity_type": call(), "frequency": "every", "count": 30, "responsible": ["role:owner"], **about,
    }  # fmt: skip


def test_everyone_reads_and_only_keepers_write(reader, keeper):
    assert api(reader).get(MODELS).json()["results"]
    assert api(reader).get(ACTIONS, {"code": "contact"}).json()["results"]
    assert api(reader).post(MODELS, {}, format="json").status_code == 403
    version = ModelVersionFactory()
    assert api(reader).post(ACTIONS, action_of(version), format="json").status_code == 403
    assert api(keeper).post(ACTIONS, action_of(version), format="json").status_code == 201


def test_a_model_is_added_changed_and_retired(keeper):
    segment = SegmentFactory(scheme__feeds_care_models=True)
    content = {"code": "key", "name_fi": "A", "name_en": "A", "segment": segment.pk, "justification": "The first one."}
    made = api(keeper).post(MODELS, content, format="json")
    assert made.status_code == 201, made.json()
    assert made.json()["versions"][0]["status"] == "draft"
    url = f"{MODELS}{made.json()['id']}/"
    assert api(keeper).patch(url, {"name_fi": "Avain"}, format="json").json()["name_fi"] == "Avain"
    assert api(keeper).patch(url, {"segment": None}, format="json").status_code == 400
    assert api(keeper).patch(url, {"name_fi": "x", "version": 1}, format="json").status_code == 409
    assert api(keeper).post(f"{url}retire/").status_code == 409  # a draft is being prepared
    ModelVersion.objects.filter(model__code="key").delete()
    assert api(keeper).post(f"{url}retire/").json()["retired_at"]
    in_use = api(keeper).get(MODELS, {"in_use": "true"}).json()["results"]
    assert "key" not in {row["code"] for row in in_use}
    assert api(keeper).post(f"{url}restore/").json()["retired_at"] is None


def test_a_version_goes_from_a_draft_to_force(keeper, director):
    model = CareModel.objects.get(code="b")
    made = api(keeper).post(VERSIONS, {"model": model.pk, "justification": "Revision."}, format="json")
    assert made.status_code == 201, made.json()
    url = f"{VERSIONS}{made.json()['id']}/"
    assert (
        api(keeper).patch(url, {"goals_en": "More", "channels": ["email"]}, format="json").json()["goals_en"] == "More"
    )
    assert api(keeper).post(f"{url}send/", {}, format="json").json()["status"] == "team"
    assert api(keeper).post(f"{url}review/", {"comment": "Gone through"}, format="json").json()["status"] == "waiting"
    returned = api(director).post(f"{url}return/", {"reason": "Too often."}, format="json")
    assert returned.json()["status"] == "draft"
    for step in ("send", "review"):
        api(keeper).post(f"{url}{step}/", {}, format="json")
    past = api(director).post(f"{url}approve/", {"valid_from": "2020-01-01"}, format="json")
    assert (past.status_code, past.json()["error"]["code"]) == (409, "past_day")
    today = clock.today().isoformat()
    assert api(keeper).post(f"{url}approve/", {"valid_from": today}, format="json").status_code == 403
    approved = api(director).post(f"{url}approve/", {"valid_from": today}, format="json")
    assert approved.json()["status"] == VersionStatus.APPROVED
    assert api(keeper).patch(url, {"goals_fi": "x"}, format="json").status_code == 403
    assert api(keeper).delete(url).status_code == 403


def test_an_action_is_added_changed_ordered_and_deleted(keeper):
    version = ModelVersionFactory()
    other = CareActionFactory(version=version)
    made = api(keeper).post(ACTIONS, action_of(version, types=[call()]), format="json").json()
    assert (made["responsible"], made["types"], made["is_tracked"]) == (["role:owner"], [call()], True)
    assert "30" in made["words"]
    url = f"{ACTIONS}{made['id']}/"
    changed = api(keeper).patch(url, {"count": 45, "responsible": ["group:management"]}, format="json").json()
    assert (changed["count"], changed["responsible"], changed["types"]) == (45, ["group:management"], [call()])
    ordered = api(keeper).post(f"{VERSIONS}{version.pk}/order/", {"actions": [made["id"], other.pk]}, format="json")
    assert ordered.status_code == 200
    assert [one.pk for one in version.actions.all()] == [made["id"], other.pk]
    assert api(keeper).delete(url).status_code == 204
    assert version.actions.count() == 1


def test_what_is_given_twice_is_kept_once(keeper):
    about = {"completed_by": ["offer", "activity", "offer"], "frequency": "named", "months": [9, 3, 9], "count": None}
    made = api(keeper).post(ACTIONS, action_of(ModelVersionFactory(), **about), format="json").json()
    assert (made["completed_by"], made["months"]) == (["offer", "activity"], [3, 9])


def test_a_code_in_capitals_is_the_same_code(keeper):
    version = ModelVersionFactory()
    made = api(keeper).post(ACTIONS, action_of(version, code="CONTACT"), format="json")
    assert made.json()["code"] == "contact"
    again = api(keeper).post(ACTIONS, action_of(version, code="Contact"), format="json")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "code_taken")
    copy = action_copy(action=CareAction.objects.get(pk=made.json()["id"]), code="Second")
    assert copy.code == "second"


def test_a_code_that_was_kept_in_capitals_stays_and_nobody_else_gets_it(keeper):
    version = ModelVersionFactory()
    old = CareActionFactory(version=version, code="CONTACT")
    body = {name: value for name, value in action_of(version, code="CONTACT").items() if name != "version"}
    assert api(keeper).patch(f"{ACTIONS}{old.pk}/", body, format="json").json()["code"] == "CONTACT"
    assert api(keeper).post(ACTIONS, action_of(version, code="contact"), format="json").status_code == 409


def test_a_new_action_of_another_model_has_the_code_as_it_was_kept(keeper):
    CareActionFactory(version=ModelVersionFactory(), code="CONTACT2")
    made = api(keeper).post(ACTIONS, action_of(ModelVersionFactory(), code="Contact2"), format="json")
    assert made.json()["code"] == "CONTACT2"


def test_a_statutory_task_and_an_action_share_no_code_whatever_its_letters(keeper):
    StatutoryTask.objects.create(code="REPORT", name_fi="Raportti", name_en="Report", frequency="months", count=12)
    answer = api(keeper).post(ACTIONS, action_of(ModelVersionFactory(), code="report"), format="json")
    assert answer.json()["error"]["code"] == "statutory_code"


@pytest.mark.parametrize(
    ("about", "status", "code"),
    [
        ({"count": 0}, 400, "count"),
        ({"count": 0.1}, 400, "count"),
        ({"frequency": "named", "months": [13]}, 400, "months.0"),
        ({"frequency": "named"}, 409, "no_months"),
        ({"before": 20, "after": 20}, 409, "window_too_long"),
        ({"responsible": ["role:nobody"]}, 409, "unknown_responsible"),
        ({"frequency": "event", "event": "order_delivered", "completed_by": ["order"]}, 409, "triggers_itself"),
    ],
)
def test_an_action_that_cannot_be_is_refused(keeper, about, status, code):
    answer = api(keeper).post(ACTIONS, action_of(ModelVersionFactory(), **about), format="json")
    assert answer.status_code == status
    error = answer.json()["error"]
    assert code in (error["code"], *error["fields"])


def test_of_two_programs_that_edit_a_draft_the_second_is_refused(keeper):
    version = ModelVersionFactory()
    seen = version.version
    content = action_of(version, draft_version=seen)
    assert api(keeper).post(ACTIONS, content, format="json").status_code == 201
    second = api(keeper).post(ACTIONS, content | {"code": "other"}, format="json")
    assert (second.status_code, second.json()["error"]["code"]) == (409, "stale_version")


def test_actions_of_an_approved_version_stay(keeper):
    model = CareModel.objects.get(code="b")
    action = model.versions.get().actions.first()
    assert api(keeper).patch(f"{ACTIONS}{action.pk}/", {"count": 1}, format="json").status_code == 403
    assert api(keeper).post(ACTIONS, action_of(model.versions.get()), format="json").status_code == 409
