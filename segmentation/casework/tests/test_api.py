"""Endpoints of segmentation work: the same rules as the pages."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from core.bulk.operations import operation_of
from core.bulk.services import run_choose, run_execute, run_preview, run_start
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from segmentation.casework.models import Override
from segmentation.casework.services.inquiries import inquiry_make
from segmentation.casework.tests.conftest import held
from segmentation.membership.services.moves import segment_set
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db
WORK = "/api/v1/segmentation-work/"


def api(user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_work_is_listed_by_kind(suggest: Any, owner: Any) -> None:
    differs, without = suggest("B"), CustomerFactory(owner=owner)
    found = api(owner).get(WORK).json()["results"]
    assert [row["id"] for row in found] == [differs.pk]
    found = api(owner).get(WORK, {"kind": "without", "mine": "true"}).json()["results"]
    assert [(row["id"], row["segment"]) for row in found] == [(without.pk, None)]
    assert api(owner).get(WORK, {"kind": "nonsense"}).status_code == 400


def test_accepting_and_deciding_otherwise(suggest: Any, owner: Any) -> None:
    first, second = suggest("B"), suggest("B")
    answer = api(owner).post(f"{WORK}{first.pk}/accept/", {}, format="json")
    assert (answer.status_code, answer.json()["status"], held(first)) == (200, "set", "B")
    url = f"{WORK}{second.pk}/override/"
    refused = api(owner).post(url, {"segment": segment("C").pk}, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "reason_required")
    answer = api(owner).post(url, {"segment": segment("C").pk, "text": "Too early."}, format="json")
    assert answer.json()["status"] == "stays"
    kept = Override.objects.in_force().get()
    listed = api(owner).get("/api/v1/segment-overrides/", {"in_force": "true"}).json()["results"]
    assert [row["id"] for row in listed] == [kept.pk]
    assert api(owner).post(f"/api/v1/segment-overrides/{kept.pk}/end/").status_code == 200
    stranger = api(UserFactory(role="account_manager"))
    assert stranger.post(f"{WORK}{second.pk}/accept/", {}, format="json").status_code == 403


def test_a_review_from_start_to_decision(owner: Any, keeper: Any, director: Any, scheme: Any) -> None:
    customer = CustomerFactory(owner=owner)
    segment_set(customer=customer, segment=segment("A"), user=None, direct=True)
    reviews = "/api/v1/segment-reviews/"
    assert api(owner).post(reviews, {"scheme": scheme.pk, "title": "2026"}, format="json").status_code == 403
    made = api(keeper).post(reviews, {"scheme": scheme.pk, "title": "2026"}, format="json").json()
    assert (made["total"], made["unanswered"]) == (1, 1)
    line = api(owner).get("/api/v1/segment-review-lines/", {"review": made["id"]}).json()["results"][0]
    assert (line["segment_fi"], line["origin"]) == ("Avainasiakkaat", "approval")
    assert api(director).post(f"{reviews}{made['id']}/decide/", {}, format="json").status_code == 409
    url = f"/api/v1/segment-review-lines/{line['id']}/answer/"
    assert api(owner).post(url, {"answer": "keep"}, format="json").json()["answer"] == "keep"
    decided = api(director).post(f"{reviews}{made['id']}/decide/", {"text": "Approved."}, format="json")
    assert decided.json()["status"] == "decided"


def test_a_former_owner_answers(owner: Any, scheme: Any) -> None:
    former, customer = UserFactory(role="account_manager"), CustomerFactory(owner=owner)
    inquiry = inquiry_make(scheme=scheme, customer_ids=[customer.pk], asked=former, user=owner)
    url = f"/api/v1/segment-inquiries/{inquiry.pk}/answers/"
    said = {"answers": [{"customer": customer.pk, "segment": segment("B").pk, "text": "It grows."}]}
    assert api(owner).post(url, said, format="json").status_code == 404
    answer = api(former).post(url, said, format="json")
    assert answer.status_code == 200
    assert answer.json()["lines"][0]["segment"] == segment("B").pk
    assert answer.json()["closed_at"] is not None


def test_the_progress_of_bulk_work_by_owner(client: Any, keeper: Any, owner: Any) -> None:
    other = UserFactory(role="account_manager")
    mine = [CustomerFactory(owner=owner) for _number in range(2)]
    CustomerFactory(owner=other)
    segment_set(customer=mine[0], segment=segment("C"), user=None)
    run = run_choose(operation=operation_of("customers.segment"), user=keeper, rows=Customer.objects.all())
    run = run_preview(run=run, params={"segment": segment("C").pk, "text": "The group moves."})
    run_execute(run_start(run=run), lambda done, total: None)
    client.force_login(keeper)
    owners = client.get(f"/segmentation-work/runs/{run.pk}/").context["owners"]
    assert {(row["person"], row["changed"], row["unchanged"]) for row in owners} == {(owner, 1, 1), (other, 1, 0)}
    assert "Progress by owner" in client.get(run.get_absolute_url()).content.decode()
    client.force_login(owner)
    assert client.get(f"/segmentation-work/runs/{run.pk}/").status_code == 404
