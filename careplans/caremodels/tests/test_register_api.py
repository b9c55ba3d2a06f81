"""The API of statutory tasks and terms does what the pages do."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.models import ActivityType
from careplans.caremodels.models import StatutoryTask, Term
from careplans.caremodels.tests.factories import CareActionFactory

pytestmark = pytest.mark.django_db
TASKS, TERMS = "/api/v1/statutory-tasks/", "/api/v1/terms/"


def api(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def admin(db: None) -> Any:
    return UserFactory(role="administrator", language="en")


def task_of(**about: Any) -> dict[str, Any]:
    return {
        "code": "permit", "name_fi": "Luvan tarkastus", "name_en": "Check of the permit", "basis": "Act 531/2017, 8 §",
        "completed_by": ["activity"], "activity_type": ActivityType.objects.get(code="call").pk,
        "frequency": "months", "count": 12, "responsible": ["role:owner"], **about,
    }  # fmt: skip


def test_administrators_add_change_and_retire_tasks(admin):
    made = api(admin).post(TASKS, task_of(), format="json")
    assert made.status_code == 201, made.json()
    assert (made.json()["responsible"], made.json()["basis"]) == (["role:owner"], "Act 531/2017, 8 §")
    url = f"{TASKS}{made.json()['id']}/"
    changed = api(admin).patch(url, {"count": 6, "version": made.json()["version"]}, format="json").json()
    assert (changed["count"], changed["responsible"]) == (6, ["role:owner"])
    assert api(admin).patch(url, {"count": 3, "version": 1}, format="json").status_code == 409
    assert api(admin).post(f"{url}retire/").json()["retired_at"]
    assert api(admin).post(f"{url}restore/").json()["retired_at"] is None


def test_others_read_tasks_only(reader, keeper, admin):
    made = api(admin).post(TASKS, task_of(), format="json").json()
    assert [row["code"] for row in api(reader).get(TASKS, {"in_use": "true"}).json()["results"]] == ["permit"]
    for user in (reader, keeper):
        assert api(user).post(TASKS, task_of(code="other"), format="json").status_code == 403
        assert api(user).patch(f"{TASKS}{made['id']}/", {"count": 1}, format="json").status_code == 403
    assert StatutoryTask.objects.count() == 1


def test_a_code_of_a_model_and_a_frequency_of_nothing_are_refused(admin):
    CareActionFactory(code="permit")
    assert api(admin).post(TASKS, task_of(), format="json").status_code == 409
    assert api(admin).post(TASKS, task_of(code="new", count=0), format="json").status_code in (400, 409)
    assert not StatutoryTask.objects.exists()


def test_terms_are_added_changed_and_deleted(keeper, reader):
    Term.objects.all().delete()
    content = {"name_fi": "Kevät 2190", "name_en": "Spring 2190", "first": "2190-01-01", "last": "2190-05-31"}
    assert api(reader).post(TERMS, content, format="json").status_code == 403
    made = api(keeper).post(TERMS, content, format="json")
    assert made.status_code == 201, made.json()
    url = f"{TERMS}{made.json()['id']}/"
    assert api(keeper).patch(url, {"last": "2190-06-05"}, format="json").json()["last"] == "2190-06-05"
    assert api(keeper).patch(url, {"last": "2189-06-05"}, format="json").status_code == 409
    assert api(keeper).post(TERMS, content | {"name_fi": "Toinen"}, format="json").status_code == 409
    assert [row["id"] for row in api(reader).get(TERMS).json()["results"]] == [made.json()["id"]]
    assert api(keeper).delete(url).status_code == 204
