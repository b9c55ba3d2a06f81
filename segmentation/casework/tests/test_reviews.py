"""Yearly reviews: the frozen list, answers, one decision, minutes; who may do what; renaming in the middle."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from core.bulk.operations import operation_of
from core.bulk.services import run_choose, run_execute, run_preview, run_start
from core.exceptions import BusinessRuleError
from customers.services.customers import customer_set_passive
from customers.tests.factories import CustomerFactory
from segmentation.casework.minutes import minutes_html
from segmentation.casework.models import Review, ReviewLine
from segmentation.casework.reviewing import progress_of
from segmentation.casework.services.reviews import (
    line_answer,
    lines_keep,
    review_cancel,
    review_decide,
    review_start,
)
from segmentation.casework.services.suggestions import suggestion_override
from segmentation.casework.tests.conftest import held
from segmentation.membership.models import Membership
from segmentation.membership.services.moves import segment_set
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_customers(owner: Any) -> list[Any]:
    made = [CustomerFactory(owner=owner, name=f"Key {number}") for number in range(2)]
    for customer in made:
        segment_set(customer=customer, segment=segment("A"), user=None, direct=True)
    return made


@pytest.fixture
def against(suggest: Any, owner: Any, scheme: Any) -> Any:
    customer = suggest("B", name="Against")
    suggestion_override(customer=customer, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    return customer


@pytest.fixture
def review(key_customers: Any, against: Any, keeper: Any, scheme: Any, suggest: Any) -> Review:
    suggest("B", name="No part of it")
    return review_start(scheme=scheme, user=keeper, title="Yearly review 2026")


def answer(review: Review, name: str, answer: str, user: Any, **about: Any) -> ReviewLine:
    return line_answer(line=review.lines.get(customer_name=name), answer=answer, user=user, **about)


def test_the_list_has_customers_of_approval_segments_and_overrides(review: Review, owner: Any) -> None:
    rows = review.lines.values_list("customer_name", "origin", "segment_en", "suggested_en", "why", "owner")
    assert list(rows) == [
        ("Against", "override", "Basic customers", "Growing customers", "Too early.", owner.pk),
        ("Key 0", "approval", "Key customers", "", "", owner.pk),
        ("Key 1", "approval", "Key customers", "", "", owner.pk),
    ]
    told = Notification.objects.get(kind="review_started")
    assert (told.user, told.data["count"]) == (owner, 3)


def test_the_list_is_frozen_and_keeps_the_words_of_its_day(review: Review, owner: Any) -> None:
    key = segment("A")
    key.name_fi, key.name_en = "Kumppanit", "Partners"
    key.save()
    late = CustomerFactory(owner=owner, name="Late")
    segment_set(customer=late, segment=key, user=None, direct=True)
    assert review.lines.count() == 3
    assert review.lines.get(customer_name="Key 0").segment_en == "Key customers"
    assert "Partners" not in minutes_html(review)


def test_one_decision_makes_all_changes(review: Review, owner: Any, director: Any, key_customers: Any) -> None:
    for name in ("Key 0", "Against"):
        answer(review, name, "keep", owner)
    assert [(one.answered, one.open) for one in progress_of(review)] == [(2, 1)]
    with pytest.raises(BusinessRuleError) as error:
        review_decide(review=review, user=director)
    assert error.value.code == "not_answered"
    answer(review, "Key 1", "change", owner, wanted=segment("B"), text="The agreement ended.")
    assert held(key_customers[1]) == "A"
    review_decide(review=review, user=director, text="Approved as proposed.")
    assert held(key_customers[1]) == "B"
    row = Membership.objects.present().get(customer=key_customers[1])
    assert (row.kind, row.decided_by, row.text) == (
        "approved", director, "Yearly review 2026. The agreement ended.",
    )  # fmt: skip
    assert dict(review.lines.values_list("customer_name", "outcome")) == {
        "Against": "kept", "Key 0": "kept", "Key 1": "moved",
    }  # fmt: skip
    with pytest.raises(BusinessRuleError) as error:
        answer(review, "Key 1", "keep", owner)
    assert error.value.code == "already_decided"


def test_a_change_makes_room_in_the_same_decision(review: Review, owner: Any, director: Any, against: Any) -> None:
    key = segment("A")
    key.limit = 2
    key.save()
    answer(review, "Key 0", "keep", owner)
    answer(review, "Key 1", "keep", owner)
    answer(review, "Against", "change", owner, wanted=key, text="It has grown.")
    with pytest.raises(BusinessRuleError) as error:
        review_decide(review=review, user=director)
    assert error.value.code == "full"
    assert str(error.value).startswith("Against: ")
    answer(review, "Key 1", "change", owner, wanted=segment("C"), text="The agreement ended.")
    review_decide(review=review, user=director)
    assert held(against) == "A"


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({}, "wanted_required"),
        ({"wanted": "A", "text": "A reason."}, "same_segment"),
        ({"wanted": "B"}, "reason_required"),
    ],
)
def test_a_change_names_another_segment_and_why(review: Review, owner: Any, about: Any, code: str) -> None:
    wanted = {"wanted": segment(about["wanted"])} if "wanted" in about else {}
    with pytest.raises(BusinessRuleError) as error:
        answer(review, "Key 0", "change", owner, **{**about, **wanted})
    assert error.value.code == code


def test_an_inactive_customer_holds_nothing_up(review: Review, owner: Any, director: Any, key_customers: Any) -> None:
    customer_set_passive(customer=key_customers[0], reason="closed")
    for name in ("Key 1", "Against"):
        answer(review, name, "keep", owner)
    review_decide(review=review, user=director)
    assert review.lines.get(customer_name="Key 0").outcome == "inactive"


def test_whoever_started_a_review_does_not_decide_it(key_customers: Any, scheme: Any, owner: Any) -> None:
    admin = UserFactory(role="administrator")
    review = review_start(scheme=scheme, user=admin, title="Review")
    for customer in key_customers:
        answer(review, customer.name, "keep", owner)
    with pytest.raises(BusinessRuleError) as error:
        review_decide(review=review, user=admin)
    assert error.value.code == "own_review"


def test_nobody_decides_about_a_move_that_they_asked_for_themselves(review: Review, owner: Any, director: Any) -> None:
    answer(review, "Key 0", "change", director, wanted=segment("B"), text="Grew smaller.")
    for name in ("Key 1", "Against"):
        answer(review, name, "keep", owner)
    with pytest.raises(BusinessRuleError) as error:
        review_decide(review=review, user=director)
    assert error.value.code == "own_answer"
    review_decide(review=review, user=UserFactory(role="management"))


def test_one_review_at_a_time(review: Review, keeper: Any, scheme: Any) -> None:
    with pytest.raises(BusinessRuleError) as error:
        review_start(scheme=scheme, user=keeper, title="Another")
    assert error.value.code == "review_open"
    review_cancel(review=review, user=keeper, text="Begun too early.")
    review_start(scheme=scheme, user=keeper, title="Another")


def test_the_last_answer_tells_who_decides(review: Review, owner: Any, keeper: Any, director: Any) -> None:
    for name in ("Key 0", "Key 1"):
        answer(review, name, "keep", owner)
    assert not Notification.objects.filter(kind="review_answered").exists()
    answer(review, "Against", "keep", owner)
    told = set(Notification.objects.filter(kind="review_answered").values_list("user", flat=True))
    assert told >= {keeper.pk, director.pk}
    assert owner.pk not in told


def test_the_pages_by_rights(client: Any, review: Review, owner: Any, keeper: Any, director: Any) -> None:
    line = review.lines.get(customer_name="Key 0")
    url = f"/segment-reviews/{review.pk}/"
    answer_url = f"{url}lines/{line.pk}/answer/"
    client.force_login(UserFactory(role="account_manager"))
    assert client.get(url).status_code == 200  # everybody sees segments and reasons
    assert client.post(answer_url, {"answer": "keep"}).status_code == 403
    assert client.post("/segment-reviews/new/").status_code == 403
    client.force_login(owner)
    assert client.post(f"{url}decide/").status_code == 403
    assert client.post(answer_url, {"answer": "change"}).status_code == 422
    assert client.post(answer_url, {"answer": "keep"}).status_code == 302
    client.force_login(keeper)
    assert client.post(f"{url}decide/").status_code == 403
    client.force_login(director)
    assert client.post(f"{url}cancel/", {"text": "No reason."}).status_code == 403
    assert b"2 customers have no answer yet" in client.get(f"{url}decide/").content
    for name in ("Key 1", "Against"):
        answer(review, name, "keep", owner)
    assert client.post(f"{url}decide/", {"text": "Approved."}).status_code == 302
    review.refresh_from_db()
    assert (review.status, review.decided_by) == ("decided", director)


def test_many_are_kept_at_once(review: Review, owner: Any) -> None:
    operation = operation_of("casework.keep")
    run = run_choose(operation=operation, user=owner, rows=review.lines.all())
    run_execute(run_start(run=run_preview(run=run, params={})), lambda done, total: None)
    assert set(review.lines.values_list("answer", "answered_by")) == {("keep", owner.pk)}


def test_the_last_answer_by_bulk_work_tells_who_decides(review: Review, owner: Any, director: Any) -> None:
    lines_keep(ids=review.lines.values_list("pk", flat=True), user=owner)
    assert Notification.objects.filter(kind="review_answered", user=director).exists()


def test_bulk_work_changes_no_review_that_was_cancelled_meanwhile(review: Review, keeper: Any, owner: Any) -> None:
    review_cancel(review=review, user=keeper, text="Begun too early.")
    assert lines_keep(ids=review.lines.values_list("pk", flat=True), user=owner) == []
    assert set(review.lines.values_list("answer", flat=True)) == {""}


def test_the_minutes_are_a_pdf_of_the_frozen_list(client: Any, review: Review, director: Any) -> None:
    pytest.importorskip("weasyprint")
    client.force_login(director)
    response = client.get(f"/segment-reviews/{review.pk}/minutes/")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    said = minutes_html(review)
    assert all(name in said for name in ("Key 0", "Against", "Too early."))


def test_the_figure_of_the_start_page_opens_the_customers_that_wait_for_an_answer(
    client: Any, review: Review, owner: Any, keeper: Any
) -> None:
    line_answer(line=review.lines.get(customer_name="Key 0"), answer="keep", user=owner)
    CustomerFactory(owner=keeper)
    client.force_login(owner)
    panel = client.get(reverse("casework:start_work")).content.decode()
    url = reverse("casework:review", args=[review.pk], query={"mine": "true", "answer": "open"})
    assert f'href="{escape(url)}"' in panel
    # Of Key 0, Key 1 and Against one has an answer.
    assert {row.object.customer_name for row in client.get(url).context["table"].rows} == {"Key 1", "Against"}
