"""What the run of the schema has found once (``test_schema_run.py``), each as one request with its right answer."""

from __future__ import annotations

import json

import pytest

from tests.security.world import World

DELIVER = {"day": "2026-11-02", "lines": json.dumps([{"line": 1, "quantity": "1", "bogus": 1}])}


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("delete", "units/?bogus=1", 405),  # before anything else is looked at
        ("get", "imports/null/rows/", 404),
        ("get", "sales-targets/progress/?quarter=AAA", 400),
        ("get", "sales-targets/progress/?year=1", 400),
        ("get", "notifications/?unread=2", 400),
        ("get", "notifications/?unread=true", 200),
    ],
)
def test_a_request_without_a_body(world: World, method: str, address: str, status: int) -> None:
    client = world.client("admin", api=True)
    assert getattr(client, method)(f"/api/v1/{address}").status_code == status


def test_a_list_in_a_part_of_a_form_is_refused_and_not_left_out(world: World) -> None:
    client = world.client("admin", api=True)
    address = f"/api/v1/orders/{world.rows['order'].pk}/deliver/"
    answer = client.post(address, DELIVER)  # as a form of a browser
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["lines"])


def test_choices_of_notifications_are_read_from_json_only(world: World) -> None:
    client = world.client("admin", api=True)
    content = [{"kind": "bogus", "in_program": False, "by_email": False}]
    address = "/api/v1/notifications/choices/"
    assert client.patch(address, content, content_type="application/json").status_code == 400
    form = client.patch(address, b"--x--\r\n", content_type="multipart/form-data; boundary=x")
    assert form.status_code == 415


def test_the_schema_names_the_values_of_switches(world: World) -> None:
    schema = world.client("admin", api=True).get("/api/v1/schema/?format=json").json()
    parameters = schema["paths"]["/api/v1/customers/"]["get"]["parameters"]
    switches = [item["schema"] for item in parameters if item["name"] in ("no_owner", "obliged")]
    assert switches == [{"type": "string", "enum": ["true"]}] * 2
