"""Approval and limit hold against edits of the segment: what loosens them waits for another person."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Notification
from accounts.tests.factories import UserFactory, role
from core.exceptions import BusinessRuleError
from customers.tests.factories import CustomerFactory
from segmentation.membership.models import Proposal
from segmentation.membership.services.moves import segment_set
from segmentation.membership.tests.factories import SchemeFactory, SegmentFactory, segment
from segmentation.schemes.models import RuleChange, Segment
from segmentation.schemes.services.rules import rule_change_approve, rule_change_reject
from segmentation.schemes.services.schemes import segment_change

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(client: Any) -> Any:
    user = UserFactory(role="key_account_manager", language="en")
    client.force_login(user)
    return user


@pytest.fixture
def director() -> Any:
    return UserFactory(role="management", language="en")


def change(user: Any, row: Segment, approvers: Any = None, **rules: Any) -> RuleChange | None:
    for name, value in rules.items():
        setattr(row, name, value)
    return segment_change(segment=row, user=user, approvers=approvers)


def code_of(call: Any) -> str:
    with pytest.raises(BusinessRuleError) as error:
        call()
    return str(error.value.code)


def form_of(client: Any, row: Segment) -> tuple[str, dict[str, Any]]:
    url = reverse("schemes:segment_edit", args=[row.pk])
    form = client.get(url).context["form"]
    return url, {name: form[name].value() for name in form.fields if form[name].value()} | {"minimum_days": "0"}


@pytest.mark.parametrize("rules", [{"needs_approval": False}, {"limit": 6}, {"limit": None}], ids=str)
def test_what_loosens_a_segment_that_needs_approval_waits_for_its_approvers(
    rules: dict[str, Any], keeper: Any, director: Any
) -> None:
    key = segment("A")
    waits = change(keeper, key, name_en="Key customers of ours", **rules)
    assert waits is not None
    kept = segment("A")
    assert (kept.needs_approval, kept.limit, kept.name_en) == (True, 5, "Key customers of ours")
    assert Notification.objects.get(user=director).kind == "segment_rules_asked"
    rule_change_approve(change=waits, user=director)
    [(name, value)] = rules.items()
    assert getattr(segment("A"), name) == value
    assert Notification.objects.get(user=keeper).kind == "segment_rules_approved"


def test_other_approvers_are_approved_by_the_present_ones(keeper: Any, director: Any) -> None:
    own = role("key_account_manager")
    waits = change(keeper, segment("A"), approvers=[own])
    assert segment("A").approvers.get().name == "management"
    rule_change_approve(change=waits, user=director)
    assert segment("A").approvers.get().pk == own.pk


def test_approval_is_not_taken_away_used_and_brought_back_by_one_person(keeper: Any) -> None:
    waits = change(keeper, segment("A"), needs_approval=False)
    move = segment_set(customer=CustomerFactory(owner=keeper), segment=segment("A"), user=keeper)
    assert move.status == "proposed"
    assert code_of(lambda: rule_change_approve(change=waits, user=keeper)) == "own_change"
    assert code_of(lambda: change(keeper, segment("A"), limit=9)) == "change_open"


def test_a_scheme_without_care_models_is_no_way_around(keeper: Any) -> None:
    scheme = segment("A").scheme
    scheme.feeds_care_models = False
    scheme.save()
    assert change(keeper, segment("A"), limit=6) is not None


def test_a_rejected_change_leaves_all_as_it_was_and_another_may_be_asked_for(keeper: Any, director: Any) -> None:
    waits = change(keeper, segment("A"), limit=6)
    rule_change_reject(change=waits, user=director)
    assert segment("A").limit == 5
    assert code_of(lambda: rule_change_approve(change=waits, user=director)) == "already_decided"
    assert change(keeper, segment("A"), limit=7) is not None


def test_a_limit_is_not_lowered_below_the_number_of_customers(client: Any, keeper: Any) -> None:
    for _number in range(3):
        CustomerFactory(segment=segment("A"))
    assert code_of(lambda: change(keeper, segment("A"), limit=2)) == "limit_below"
    assert change(keeper, segment("A"), limit=3) is None
    url, data = form_of(client, segment("A"))
    answer = client.post(url, data | {"limit": "2", "confirmed": "on"})
    assert answer.status_code == 422
    assert "The segment has 3 customers: move some away first." in answer.content.decode()


def test_an_approved_change_is_checked_again(keeper: Any, director: Any) -> None:
    waits = change(keeper, segment("A"), limit=7)
    RuleChange.objects.update(after=waits.after | {"limit": 1})
    for _number in range(2):
        CustomerFactory(segment=segment("A"))
    assert code_of(lambda: rule_change_approve(change=waits, user=director)) == "limit_below"


def test_the_form_says_what_a_change_does_before_it_is_saved(client: Any, keeper: Any) -> None:
    growing = segment("B")
    for _number in range(2):
        CustomerFactory(segment=growing)
    url, data = form_of(client, growing)
    assert "confirmed" not in data
    data |= {"needs_approval": "on", "approvers": [role("management").pk]}
    answer = client.post(url, data)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "2 customers are in the segment already and stay there without anybody" in text
    assert not segment("B").needs_approval
    assert client.post(url, data | {"confirmed": "on"}).status_code == 302
    assert segment("B").needs_approval
    history = client.get(reverse("schemes:history", args=[growing.scheme_id])).content.decode()
    assert "customers in the segment then" in history


def test_a_change_of_nothing_that_decides_asks_for_nothing(client: Any, keeper: Any) -> None:
    url, data = form_of(client, segment("A"))
    assert client.post(url, data | {"description": "The most important ones."}).status_code == 302
    assert not RuleChange.objects.exists()


def test_the_page_of_the_scheme_has_what_waits_for_those_who_decide(client: Any, keeper: Any, director: Any) -> None:
    url, data = form_of(client, segment("A"))
    answer = client.post(url, data | {"limit": "6", "confirmed": "on"}, follow=True)
    assert "waits for approval: Management" in answer.content.decode()
    waits = RuleChange.objects.get()
    page = segment("A").scheme.get_absolute_url()
    assert reverse("schemes:rules_approve", args=[waits.pk]) not in client.get(page).content.decode()
    client.force_login(director)
    assert reverse("schemes:rules_approve", args=[waits.pk]) in client.get(page).content.decode()
    asked = client.get(reverse("schemes:rules_approve", args=[waits.pk])).content.decode()
    assert "The segment has 0 customers; the most will be: 6." in asked
    client.post(reverse("schemes:rules_approve", args=[waits.pk]))
    assert segment("A").limit == 6


def test_proposals_that_need_no_approval_any_more_are_withdrawn(keeper: Any, director: Any) -> None:
    other = SegmentFactory(scheme=segment("A").scheme, needs_approval=True)
    other.approvers.set([role("management")])
    of_both, of_one = CustomerFactory(segment=other), CustomerFactory(owner=keeper)
    for customer in (of_both, of_one):
        segment_set(customer=customer, segment=segment("A"), user=keeper)
    waits = change(keeper, segment("A"), needs_approval=False)
    rule_change_approve(change=waits, user=director)
    assert Proposal.objects.open().get().customer == of_both


def test_a_segment_that_needs_no_approval_is_changed_at_once_and_remembered(keeper: Any) -> None:
    row = SegmentFactory(scheme=SchemeFactory(), limit=3)
    assert change(keeper, row, limit=9) is None
    noted = RuleChange.objects.get()
    assert (noted.status, noted.customers, noted.asked_by) == ("done", 0, keeper)


def test_the_api_loosens_nothing_either(keeper: Any) -> None:
    api = APIClient()
    api.force_authenticate(keeper)
    url = f"/api/v1/segments/{segment('A').pk}/"
    assert api.patch(url, {"limit": 6, "description": "Key"}, format="json").data["limit"] == 5
    assert RuleChange.objects.get().after["limit"] == 6
    assert segment("A").description == "Key"
