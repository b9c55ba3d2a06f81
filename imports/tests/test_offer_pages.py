"""The page of an import of offers and its endpoints: sums by stage, held rows given to a customer."""

from __future__ import annotations

import io
import uuid

import pytest
from django.core.management import call_command
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from core.jobs import job_run
from core.models import Job
from customers.tests.factories import CustomerFactory
from imports.models import RowAssignment
from imports.tests.helpers import counts, make_mapping, row
from imports.tests.test_offers import CONFIG, HEADER, WON, take, world  # noqa: F401 - the fixture
from offers.offers.models import OutsideNumber
from offers.orders.models import Order

pytestmark = pytest.mark.django_db
HELD = "2;meri;;Päivä;won;50;;"
FRAGMENT = {"HX-Request": "true", "HX-Target": "list"}


@pytest.fixture
def owner():
    return UserFactory(grants=["imports.run_imports"])


@pytest.fixture
def page(client, owner):
    client.force_login(owner)
    return client


@pytest.fixture
def api(owner):
    client = APIClient()
    client.force_authenticate(owner)
    return client


@pytest.fixture
def run(world, owner):  # noqa: F811
    return take(WON, HELD, "3;nobody;;Päivä;won;7;;", owner=owner)


def assign(page, run, **data):
    return page.post(reverse("imports:assign", args=[run.pk]), data)


def test_page_tells_rows_and_value_by_stage_side_by_side(page, run):
    response = page.get(run.get_absolute_url())
    won, total = response.context["sums"]
    assert (won.taken_in.rows, won.taken_in.value, won.held.rows, won.held.value) == (1, 100, 2, 57)
    assert (total.together.rows, total.together.value, total.is_total) == (3, 157, True)
    assert "157.00" in response.content.decode().replace("\xa0", " ")


def test_rows_are_chosen_by_their_reason(page, run):
    shown = page.get(run.get_absolute_url(), {"reason": "unknown_user"}).context["table"].rows
    assert [found.object.number for found in shown] == [4]


def test_selected_rows_are_asked_to_whom_and_then_taken_in(page, run, owner):
    customer, held = CustomerFactory(name="Other"), row(run, 3)
    asked = assign(page, run, ids=[held.pk, row(run, 2).pk])
    assert (asked.status_code, asked.context["ids"]) == (200, [held.pk])
    assert not RowAssignment.objects.exists()
    response = assign(page, run, ids=[held.pk], customer=customer.pk)
    assert response["Location"] == run.get_absolute_url()
    assert OutsideNumber.objects.get(number="2").offer.customer == customer
    shown = page.get(run.get_absolute_url())
    assert [
        (assignment.user, assignment.customer, assignment.taken_in) for assignment in shown.context["assignments"]
    ] == [(owner, customer, 1)]
    assert "Other" in shown.content.decode()


def test_all_that_match_a_reason_are_given_and_the_others_stay(page, run):
    customer = CustomerFactory()
    assign(page, run, all="1", query="reason=unknown_user", customer=customer.pk)
    assert (row(run, 3).fate, row(run, 4).fate, Order.objects.count()) == ("held", "held", 1)
    UserFactory(username="nobody")
    assign(page, run, all="1", query="reason=unknown_user", customer=customer.pk)
    assert (row(run, 3).fate, row(run, 4).fate, Order.objects.count()) == ("held", "created", 2)


def test_sent_twice_gives_once(page, run):
    data = {"ids": [row(run, 3).pk], "customer": CustomerFactory().pk, "submission_key": str(uuid.uuid4())}
    assert [assign(page, run, **data).status_code for _time in range(2)] == [302, 302]
    assert RowAssignment.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"customer": ""}, "Choose the customer."),
        ({"customer": "999999"}, "from the list"),
        ({"customer": "x"}, "from the list"),
        ({"customer": "", "customer_search": "nowhere"}, "No customer matches"),
    ],
)
def test_what_is_no_customer_is_told_and_gives_nothing(page, run, data, words):
    response = assign(page, run, ids=[row(run, 3).pk], **data)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert row(run, 3).fate == "held"


def test_customer_is_found_by_name_without_javascript(page, run):
    customer = CustomerFactory(name="Kaislaranta Oy")
    assign(page, run, ids=[row(run, 3).pk], customer="", customer_search="kaislar")
    assert OutsideNumber.objects.get(number="2").offer.customer == customer


def test_nothing_selected_is_an_error(page, run):
    response = assign(page, run, customer=CustomerFactory().pk)
    assert response.status_code == 422
    assert "Select rows" in response.content.decode()


def test_passive_customer_does_not_exist_here(page, run):
    response = assign(page, run, ids=[row(run, 3).pk], customer=CustomerFactory(passive=True).pk)
    assert (response.status_code, row(run, 3).fate) == (422, "held")


def test_many_rows_are_a_job(page, run, monkeypatch):
    monkeypatch.setattr("imports.views.rows.AT_ONCE", 0)
    response = assign(page, run, ids=[row(run, 3).pk], customer=CustomerFactory().pk)
    job = Job.objects.get()
    assert response["Location"].startswith(reverse("core:job", args=[job.pk]))
    assert row(run, 3).fate == "held"
    job_run(str(job.pk))
    job_run(str(job.pk))
    job.refresh_from_db()
    assert (job.state, row(run, 3).fate, Order.objects.count()) == ("done", "created", 2)
    assert "1 row was imported" in job.message


def test_rows_are_given_by_those_who_may_import_only(client, run):
    data = {"ids": [row(run, 3).pk], "customer": CustomerFactory().pk}
    assert assign(client, run, **data).status_code == 302
    client.force_login(UserFactory(role="account_manager"))
    assert assign(client, run, **data).status_code == 404
    assert row(run, 3).fate == "held"


@pytest.mark.parametrize("held", [1, 3])
def test_page_of_an_import_costs_the_same_however_many_are_held(page, owner, world, held, django_assert_num_queries):  # noqa: F811
    run = take(WON, *(HELD.replace("2;", f"{n + 2};", 1) for n in range(held)), owner=owner)
    with django_assert_num_queries(6):
        page.get(run.get_absolute_url(), headers=FRAGMENT)


def test_endpoint_tells_the_sums(api, run):
    nothing = {"rows": 0, "value": "0.00"}
    assert api.get(f"/api/v1/imports/{run.pk}/").json()["sums"] == [
        {
            "stage": "won",
            "taken_in": {"rows": 1, "value": "100.00"},
            "held": {"rows": 2, "value": "57.00"},
            "refused": nothing,
        }
    ]


@pytest.mark.parametrize("chosen", [{"rows": [3]}, {"reason": "no_customer"}])
def test_endpoint_gives_held_rows_to_a_customer_as_a_job(api, run, chosen):
    customer = CustomerFactory()
    response = api.post(f"/api/v1/imports/{run.pk}/assign/", {"customer": customer.pk, **chosen}, format="json")
    assert response.status_code == 202
    job_run(response.json()["job"])
    run.refresh_from_db()
    assert OutsideNumber.objects.get(number="2").offer.customer == customer
    assert counts(run) == (2, 0, 0, 1, 0)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"rows": [2]}, 409),
        ({"rows": []}, 409),
        ({"rows": [-1]}, 400),
        ({"rows": ["x"]}, 400),
        ({}, 400),
        ({"rows": [3], "reason": "no_customer"}, 400),
        ({"reason": "nonsense"}, 400),
        ({"rows": [3], "customer": 999_999}, 400),
    ],
)
def test_endpoint_refuses_what_cannot_be_given(api, run, data, status):
    response = api.post(f"/api/v1/imports/{run.pk}/assign/", {"customer": CustomerFactory().pk, **data}, format="json")
    assert response.status_code == status
    assert not RowAssignment.objects.exists()


def test_command_tells_the_sums_before_the_counts(world, tmp_path):  # noqa: F811
    make_mapping(CONFIG, "offers", "old")
    (tmp_path / "rows.csv").write_text(HEADER + WON + HELD + "\n")
    out = io.StringIO()
    call_command("import_data", "offers", str(tmp_path / "rows.csv"), mapping="old", stdout=out, stderr=io.StringIO())
    assert out.getvalue().splitlines() == [
        "won: imported 1 (100.00), needs review 1 (50.00), total 2 (150.00)",
        "All: imported 1 (100.00), needs review 1 (50.00), total 2 (150.00)",
        "created=1 updated=0 unchanged=0 held=1 refused=0",
    ]
