"""The pages and the API of an undo: who may, what is shown, and what is chosen."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.log.tests.factories import ActivityFactory
from core.models import Job
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from imports.enums import RunState
from imports.models import ImportRun
from imports.tests.helpers import row, run_import
from imports.tests.undoing import by, outcome
from imports.undo.services import undo_execute

pytestmark = pytest.mark.django_db
TEXT = "nimi;puhelin\nAcme;0401234567\nBeta;\nOld;0405555555\n"


@pytest.fixture
def owner():
    return UserFactory(grants=["imports.run_imports"])


@pytest.fixture
def run(owner):
    CustomerFactory(name="Old", phone="+358409999999")
    return run_import(TEXT, owner=owner)


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


def url(name: str, run: ImportRun) -> str:
    return reverse(f"imports:{name}", args=[run.pk])


def finish(run: ImportRun) -> ImportRun:
    """Do what the queued job would do."""
    run.refresh_from_db()
    params = Job.objects.get(pk=run.job_id).params
    with by(run.undone_by):
        undo_execute(run, lambda done, total: None, everything=params["all"])
    run.refresh_from_db()
    return run


def hang_on(run: ImportRun, number: int) -> None:
    with by(UserFactory()):
        ActivityFactory(customer=Customer.objects.get(pk=row(run, number).target_id))


def test_the_page_of_an_import_leads_to_the_check_and_the_undo(page, run):
    hang_on(run, 3)
    assert url("undo_check", run) in page.get(url("detail", run)).content.decode()
    response = page.post(url("undo_check", run), follow=True)
    assert response.redirect_chain[-1][0] == url("undo", run)
    counts = response.context["counts"]
    assert (counts.removable, counts.restorable, counts.kept) == (1, 1, 1)
    assert [(reason.code, reason.count) for reason in response.context["reasons"]] == [("in_use", 1)]
    assert Customer.objects.count() == 3
    effects = page.get(url("undo_all", run)).context["effects"]
    assert effects[:3] == [
        "1 added record is removed.",
        "1 changed record gets its former values back.",
        "1 row stays as it is.",
    ]
    page.post(url("undo_all", run))
    run = finish(run)
    assert (run.state, run.undone, run.undone_by) == (RunState.PARTLY, 2, run.owner)
    assert set(Customer.objects.values_list("name", "phone")) == {("Beta", ""), ("Old", "+358409999999")}
    text = page.get(url("detail", run)).content.decode()
    assert "Part of the import has been undone." in text


def test_chosen_rows_are_confirmed_and_undone(page, run):
    ids = [row(run, 2).pk]
    response = page.post(url("undo_rows", run), {"ids": ids})
    assert "Undo 1 row?" in response.content.decode()
    page.post(url("undo_rows", run), {"ids": ids, "confirm": "on"})
    run = finish(run)
    assert (run.state, run.undone) == (RunState.PARTLY, 1)
    assert set(Customer.objects.values_list("name", flat=True)) == {"Beta", "Old"}


def test_rows_that_match_the_filters_are_undone_together(page, run):
    page.post(url("undo_rows", run), {"all": "1", "query": "fate=updated", "confirm": "on"})
    run = finish(run)
    assert [outcome(run, number)[0] for number in (2, 3, 4)] == ["", "", "undone"]


def test_the_list_is_filtered_and_exported(page, run):
    hang_on(run, 3)
    page.post(url("undo_check", run))
    for query, numbers in (
        ("undo=kept", [3]),
        ("undo=can", [2, 4]),
        ("undo_reason=in_use", [3]),
        ("fate=updated", [4]),
    ):
        response = page.get(url("undo", run) + f"?{query}")
        assert [item.object.number for item in response.context["table"].rows] == numbers
    assert page.get(url("undo", run) + "?undo=maybe").status_code == 400
    text = page.get(url("undo", run) + "?undo=kept&export=csv")
    content = b"".join(text.streaming_content) if text.streaming else text.content
    assert "Something else refers to it now: activity (1)." in content.decode("utf-8-sig")


@pytest.mark.parametrize("name", ["undo_check", "undo_all", "undo_rows"])
def test_only_the_owner_and_administrators_may(client, run, name):
    data = {"ids": [row(run, 2).pk], "confirm": "on"}
    assert client.post(url(name, run), data).status_code == 302
    for options, status in (({"role": "read_only"}, 404), ({"grants": ["imports.run_imports"]}, 403)):
        client.force_login(UserFactory(**options))
        assert client.post(url(name, run), data).status_code == status
    run.refresh_from_db()
    assert (run.state, Customer.objects.count()) == (RunState.DONE, 3)
    client.force_login(UserFactory(role="administrator"))
    assert client.post(url(name, run), data).status_code in (204, 302)


def test_others_who_import_see_it_without_buttons(client, run):
    client.force_login(UserFactory(grants=["imports.run_imports"]))
    response = client.get(url("undo", run))
    assert (response.status_code, response.context["may_undo"], response.context["bulk_actions"]) == (200, False, [])
    assert "undo_check" not in client.get(url("detail", run)).content.decode()


def test_many_rows_are_checked_by_a_job(page, run, monkeypatch, tasks_at_once, django_capture_on_commit_callbacks):
    monkeypatch.setattr("imports.undo.services.AT_ONCE", 2)
    with django_capture_on_commit_callbacks(execute=True):
        response = page.post(url("undo_check", run))
    job = Job.objects.get()
    assert str(job.pk) in response["Location"]
    assert job.message == "Nothing has been undone yet. 3 rows can be undone, 0 cannot."


def test_the_job_tells_what_it_has_undone(page, run, tasks_at_once, django_capture_on_commit_callbacks):
    hang_on(run, 3)
    with django_capture_on_commit_callbacks(execute=True):
        page.post(url("undo_all", run))
    assert Job.objects.get().message == "2 rows undone, 1 could not be undone."
    run.refresh_from_db()
    assert (run.state, run.undone) == (RunState.PARTLY, 2)


def test_pages_are_in_finnish(page, run, owner):
    owner.language = "fi"
    owner.save()
    hang_on(run, 3)
    assert "Kumoa tuonti" in page.get(url("detail", run)).content.decode()
    page.post(url("undo_check", run))
    text = page.get(url("undo", run)).content.decode()
    assert "Kumoa tuonti" in text
    assert "Siihen viittaa nyt muuta: toimenpide (1)." in text


# The API


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def endpoint(run: ImportRun) -> str:
    return f"/api/v1/imports/{run.pk}/undo/"


def test_the_api_previews_without_keeping_anything(owner, run):
    hang_on(run, 3)
    answer = api(owner).get(endpoint(run)).json()
    expected = {"state": "done", "possible": True, "refusal": "", "removable": 1, "restorable": 1, "kept": 1}
    assert {name: answer[name] for name in expected} == expected
    assert [(reason["code"], reason["count"]) for reason in answer["reasons"]] == [("in_use", 1)]
    assert not run.rows.exclude(undo="").exists()


def test_the_api_checks_and_undoes_all_or_some_rows(owner, run):
    client = api(owner)
    answer = client.post(endpoint(run), {"dry_run": True}, format="json")
    assert (answer.status_code, answer.json()["removable"], answer.json()["job"]) == (202, 2, None)
    answer = client.post(endpoint(run), {"rows": [2]}, format="json")
    assert (answer.status_code, answer.json()["state"], answer.json()["waiting"]) == (202, "undoing", 1)
    assert client.post(endpoint(run), {}, format="json").status_code == 409
    finish(run)
    assert client.get(endpoint(run)).json()["removed"] == 1
    client.post(endpoint(run), {}, format="json")
    run = finish(run)
    rows = client.get(f"/api/v1/imports/{run.pk}/rows/?undo=undone").json()["results"]
    assert [(item["number"], item["undo"], item["undo_reasons"]) for item in rows] == [
        (2, "undone", []),
        (3, "undone", []),
        (4, "undone", []),
    ]
    answer = client.get(f"/api/v1/imports/{run.pk}/").json()
    assert (answer["state"], answer["undone"]) == ("undone", 3)


def test_the_api_asks_the_same_permission(run):
    assert APIClient().post(endpoint(run), {}, format="json").status_code == 401
    assert api(UserFactory(role="read_only")).post(endpoint(run), {}, format="json").status_code in (403, 404)
    importer = api(UserFactory(grants=["imports.run_imports"]))
    assert importer.post(endpoint(run), {}, format="json").status_code == 403
    assert importer.get(endpoint(run)).status_code == 200
    assert api(UserFactory(role="administrator")).post(endpoint(run), {}, format="json").status_code == 202
    assert Customer.objects.count() == 3


def test_users_are_undone_by_those_who_may_administer_users(client):
    importer = UserFactory(grants=["imports.run_imports"])
    run = run_import("nimi\nAino Mäkelä\n", "users")
    ImportRun.objects.update(owner=importer)  # who could administer users at the time
    client.force_login(importer)
    assert client.post(url("undo_all", run)).status_code == 403
    client.force_login(UserFactory(role="administrator"))
    assert client.post(url("undo_all", run)).status_code == 302
