from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from imports.enums import RunState
from imports.models import ImportRun
from imports.services import run_execute
from imports.tests.helpers import make_mapping, run_import

pytestmark = pytest.mark.django_db
URL = "/api/v1/imports/"


@pytest.fixture
def owner():
    return UserFactory(grants=["imports.run_imports"])


@pytest.fixture
def api(owner):
    client = APIClient()
    client.force_authenticate(owner)
    return client


def send(client, content=b"nimi;maa\nAcme;Suomi\n", **data):
    return client.post(
        URL, {"kind": "customers", "file": SimpleUploadedFile("rows.csv", content)} | data, format="multipart"
    )


@pytest.mark.parametrize("path", ["", "{run}/", "{run}/rows/"])
def test_endpoints_are_for_those_who_may_import(api, owner, path):
    run = run_import("nimi\nAcme\n", owner=owner)
    url = URL + path.format(run=run.pk)
    assert api.get(url).status_code == 200
    assert APIClient().get(url).status_code == 401
    outsider = APIClient()
    outsider.force_authenticate(UserFactory(role="read_only"))
    assert outsider.get(url).status_code in (403, 404)
    assert send(outsider).status_code == 403
    assert ImportRun.objects.count() == 1


def test_file_sent_becomes_a_job(api):
    make_mapping({"columns": [{"column": "nimi", "field": "name"}]}, name="register")
    response = send(api, mapping="register")
    run = ImportRun.objects.get()
    assert response.status_code == 201
    assert response.json()["job"] == str(run.job_id)
    assert (run.state, run.mapping_name) == (RunState.RUNNING, "register")
    run_execute(run, lambda done, total: None)
    assert api.get(f"{URL}{run.pk}/").json()["counts"] == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "held": 0,
        "refused": 0,
    }


def test_check_only(api):
    assert send(api, dry_run="true").json()["state"] == "checking"


@pytest.mark.parametrize(
    ("content", "data", "status", "code"),
    [
        (b"nimi\n", {}, 409, "header_only"),
        (b"x\n1\n", {}, 409, "bad_mapping"),
        (b"nimi\nA\n", {"mapping": "none"}, 400, "invalid"),
        (b"nimi\nA\n", {"kind": "planets"}, 400, "invalid"),
        (b"nimi\nA\n", {"kind": "users"}, 409, "forbidden"),
    ],
)
def test_bad_input_is_told_and_leaves_nothing(api, content, data, status, code):
    response = send(api, content, **data)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert not ImportRun.objects.exists()


def test_rows_tell_fate_and_reasons_and_are_filtered(api, owner):
    run = run_import("nimi;y-tunnus\nAcme;1234567-8\nBeta;\n", owner=owner)
    [refused] = api.get(f"{URL}{run.pk}/rows/", {"fate": "refused"}).json()["results"]
    assert (refused["number"], refused["problems"][0]["code"]) == (2, "business_id")
    assert refused["raw"] == ["Acme", "1234567-8"]
    assert len(api.get(f"{URL}{run.pk}/rows/").json()["results"]) == 2
    assert api.get(f"{URL}{run.pk}/rows/", {"fate": "x"}).status_code == 400


def test_rows_are_paged_by_key(api, owner):
    run = run_import("nimi\n" + "".join(f"Yritys {n}\n" for n in range(5)), owner=owner)
    first = api.get(f"{URL}{run.pk}/rows/", {"limit": 2}).json()
    second = api.get(first["next"]).json()
    assert [row["number"] for row in first["results"] + second["results"]] == [2, 3, 4, 5]


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_whatever_it_holds(api, owner, rows, django_assert_num_queries):
    for _time in range(rows):
        run_import("nimi\nAcme\n", owner=owner)
    with django_assert_num_queries(1):
        assert len(api.get(URL).json()["results"]) == rows
