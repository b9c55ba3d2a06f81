"""The content of customers' plans over HTTP: rows of sections A, B and F, texts, header and goals, templates."""

from __future__ import annotations

import datetime as dt

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from careplans.content.models import Agreement, PlanBlock, PlanContent, PlanTemplate, PlanVersion, Project, System
from careplans.plans.models import CustomerAction
from core.history import history_of
from customers.enums import CustomerState
from customers.tests.factories import ContactFactory, CustomerFactory, PositionFactory, ResponsibilityFactory

pytestmark = pytest.mark.django_db
#: Endpoint, model, what is added, what is changed of it.
KINDS = [
    ("care-plan-projects", Project, {"name": "Archive", "budget": "1200.00", "start": "2026-12-01"}, {"priority": 2}),
    ("care-plan-systems", System, {"name": "Intranet", "updates": 2, "keeper": "ours"}, {"next_update": 5}),
    ("care-plan-agreements", Agreement, {"name": "Regional plan", "day": "2026-11-02"}, {"parties": "The boards"}),
    ("care-plan-texts", PlanBlock, {"code": "strategy", "text": "Where they go"}, {"text": "Elsewhere"}),
    ("care-plan-headers", PlanContent, {"goals": "Grow together"}, {"goals": "Grow"}),
]
DELETED = KINDS[:3]
kinds = pytest.mark.parametrize(("name", "model", "data", "change"), KINDS, ids=[kind[0] for kind in KINDS])


@pytest.fixture
def api(owner):
    program = APIClient()
    program.force_authenticate(owner)
    return program


@pytest.fixture
def added(api, customer):
    def add(name, data):
        answer = api.post(f"/api/v1/{name}/", {"customer": customer.pk, **data}, format="json")
        assert answer.status_code == 201, answer.content
        return f"/api/v1/{name}/{answer.json()['id']}/", answer.json()

    return add


@kinds
def test_the_owner_adds_reads_changes_and_lists_rows(name, model, data, change, api, added, customer, owner):
    address, row = added(name, data)
    assert {key: row[key] for key in data} == data
    answer = api.patch(address, change, format="json")
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    read = api.get(address)
    assert (read["ETag"], {key: read.json()[key] for key in change}) == ('"2"', change)
    listed = api.get(f"/api/v1/{name}/?customer={customer.pk}").json()["results"]
    assert [one["id"] for one in listed] == [row["id"]]
    assert [entry.who for entry in history_of(customer, (model,), viewer=owner)].count(str(owner)) == 2


@kinds
def test_a_change_of_an_older_version_is_refused(name, model, data, change, api, added):
    address, _row = added(name, data)
    assert api.patch(address, change, format="json", headers={"If-Match": '"1"'}).status_code == 200
    stale = api.patch(address, change | {"version": 1}, format="json")
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "stale_version")
    assert api.patch(address, change, format="json", headers={"If-Match": '"1"'}).status_code == 412


@kinds
def test_who_may_not_change_the_plan_only_reads(name, model, data, change, api, added, customer, colleague, reader):
    address, _row = added(name, data)
    for user in (colleague, reader):
        api.force_authenticate(user)
        assert api.get(address).status_code == 200
        assert api.patch(address, change, format="json").status_code == 403
        assert api.post(f"/api/v1/{name}/", {"customer": customer.pk, **data}, format="json").status_code == 403
    assert model.objects.get().version == 1


@pytest.mark.parametrize(("name", "model", "data", "change"), DELETED, ids=[kind[0] for kind in DELETED])
def test_rows_are_deleted_with_if_match(name, model, data, change, api, added, colleague, owner):
    address, _row = added(name, data)
    assert api.delete(address, headers={"If-Match": '"7"'}).status_code == 412
    api.force_authenticate(colleague)
    assert api.delete(address).status_code == 403
    api.force_authenticate(owner)
    assert (api.delete(address).status_code, model.objects.count()) == (204, 0)


@kinds
def test_rule_2_rows_of_an_inactive_customer_do_not_exist(name, model, data, change, api, added, customer):
    address, row = added(name, data)
    customer.state = CustomerState.PASSIVE
    customer.save()
    assert api.get(address).status_code == 404
    assert api.patch(address, change, format="json").status_code == 404
    assert api.get(f"/api/v1/{name}/").json()["results"] == []
    assert api.post(f"/api/v1/{name}/", {"customer": row["customer"], **data}, format="json").status_code == 400


@kinds
def test_a_row_stays_with_its_customer(name, model, data, change, api, added, customer, owner):
    address, _row = added(name, data)
    other = CustomerFactory()
    ResponsibilityFactory(customer=other, user=owner)
    answer = api.patch(address, {"customer": other.pk}, format="json")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["customer"])
    assert api.patch(address, {"customer": customer.pk, **change}, format="json").status_code == 200


def test_the_follow_up_of_a_project_becomes_an_action_and_ends_with_it(api, added, customer):
    address, _row = added("care-plan-projects", {"name": "Archive", "follow_every": 3})
    assert CustomerAction.objects.get(customer=customer).count == 3
    api.delete(address)
    assert not CustomerAction.objects.filter(customer=customer).exists()


@pytest.mark.parametrize(
    ("name", "data", "field"),
    [
        ("care-plan-projects", {"name": "Archive", "start": "2026-12-01", "end": "2026-11-01"}, "end"),
        ("care-plan-projects", {"name": "Archive", "budget": "-1"}, "budget"),
        ("care-plan-projects", {"name": "Archive", "follow_every": 5}, "follow_every"),
        ("care-plan-projects", {"name": "Archive", "priority": 0}, "priority"),
        ("care-plan-systems", {"name": "Intranet", "next_update": 13}, "next_update"),
        ("care-plan-systems", {"name": "Intranet", "updates": 367}, "updates"),
        ("care-plan-agreements", {"name": ""}, "name"),
        ("care-plan-texts", {"code": "nothing", "text": "…"}, "code"),
        ("care-plan-headers", {"goals": "x" * 4_001}, "goals"),
    ],
)
def test_what_pages_refuse_the_api_refuses(name, data, field, api, customer):
    answer = api.post(f"/api/v1/{name}/", {"customer": customer.pk, **data}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]


def test_days_of_the_header_in_the_wrong_order_are_refused(api, customer):
    data = {"customer": customer.pk, "asked_on": "2026-11-02", "given_on": "2026-11-01"}
    answer = api.post("/api/v1/care-plan-headers/", data, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "days_reversed")


def test_who_gave_the_data_is_a_contact_of_the_customer(api, customer):
    own, stranger = PositionFactory(customer=customer).contact, ContactFactory()
    data = {"customer": customer.pk, "data_by": stranger.pk}
    answer = api.post("/api/v1/care-plan-headers/", data, format="json")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["data_by"])
    assert api.post("/api/v1/care-plan-headers/", data | {"data_by": own.pk}, format="json").status_code == 201


@pytest.mark.parametrize(
    ("name", "data"), [("care-plan-texts", {"code": "strategy", "text": "…"}), ("care-plan-headers", {"goals": "…"})]
)
def test_a_second_text_or_header_is_refused(name, data, api, added, customer):
    added(name, data)
    assert api.post(f"/api/v1/{name}/", {"customer": customer.pk, **data}, format="json").status_code == 400


def test_somebody_deactivated_does_not_become_the_representative(api, customer):
    gone = UserFactory(is_active=False)
    data = {"customer": customer.pk, "name": "Archive", "representative": gone.pk}
    answer = api.post("/api/v1/care-plan-projects/", data, format="json")
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["representative"])


def test_everyone_reads_the_templates_with_their_parts(api, reader):
    api.force_authenticate(reader)
    [row] = api.get("/api/v1/care-plan-templates/").json()
    assert (row["id"], row["scheme"]) == (PlanTemplate.objects.get().pk, None)
    assert {part["code"] for part in row["parts"] if part["kind"] == "section"} >= {"projects", "systems", "agreements"}


def test_the_owner_keeps_the_plan_as_it_is_now(api, customer, colleague, added):
    added("care-plan-projects", {"name": "Archive"})
    answer = api.post("/api/v1/care-plan-versions/", {"customer": customer.pk}, format="json")
    assert (answer.status_code, answer.json()["kind"]) == (201, "kept")
    assert "Archive" in api.get(f"/api/v1/care-plan-versions/{answer.json()['id']}/").content.decode()
    api.force_authenticate(colleague)
    assert api.post("/api/v1/care-plan-versions/", {"customer": customer.pk}, format="json").status_code == 403
    assert PlanVersion.objects.count() == 1


def test_a_list_reads_a_constant_number_of_queries(api, customer, owner, django_assert_max_num_queries):
    for number in range(5):
        Project.objects.create(customer=customer, name=f"Archive {number}", end=dt.date(2026, 12, 1))
    with django_assert_max_num_queries(5):
        assert len(api.get("/api/v1/care-plan-projects/").json()["results"]) == 5


@pytest.mark.parametrize(
    ("name", "data", "field", "text"),
    [
        ("care-plan-headers", {"goals": "Grow"}, "customer", "The plan has a header already: change it."),
        ("care-plan-texts", {"code": "strategy"}, "code", "The plan has this text already: change it."),
    ],
)
def test_what_a_plan_has_once_is_not_added_again(name, data, field, text, api, added, customer):
    added(name, data)
    body = {"customer": customer.pk, **data}
    answer = api.post(f"/api/v1/{name}/", body, format="json", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["error"]["fields"]) == (400, {field: [text]})
