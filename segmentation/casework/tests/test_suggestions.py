"""Deciding about suggestions: accepting, deciding otherwise with a reason, and what the history says of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from core.bulk.operations import operation_of
from core.bulk.services import run_choose, run_execute, run_preview, run_start, undo_execute, undo_start
from core.exceptions import BusinessRuleError
from customers.models import Customer
from customers.tests.factories import CustomerFactory
from segmentation.casework.models import Override
from segmentation.casework.selectors import open_suggestions_of, own_suggestions, own_work
from segmentation.casework.services.suggestions import override_end, suggestion_accept, suggestion_override
from segmentation.casework.tests.conftest import held
from segmentation.criteria import selectors
from segmentation.membership.enums import MoveKind
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services.moves import segment_set, segment_undo
from segmentation.membership.services.proposals import proposal_make
from segmentation.membership.tests.factories import SchemeFactory, SegmentFactory, segment

pytestmark = pytest.mark.django_db


def test_an_accepted_suggestion_says_which_criteria_it_follows(
    suggest: Any, owner: Any, scheme: Any, criteria: Any
) -> None:
    customer = suggest("B")
    suggestion_accept(customer=customer, scheme=scheme, user=owner)
    row = Membership.objects.present().get(customer=customer)
    assert (row.segment.code, row.overrides, row.criteria_version) == ("B", False, criteria.number)
    assert not open_suggestions_of(scheme).exists()
    with pytest.raises(BusinessRuleError) as error:
        suggestion_accept(customer=customer, scheme=scheme, user=owner)
    assert error.value.code == "no_suggestion"


def test_a_move_against_the_criteria_needs_a_reason_whatever_the_way_in(
    suggest: Any, owner: Any, criteria: Any
) -> None:
    customer = suggest("B")
    with pytest.raises(BusinessRuleError) as error:
        segment_set(customer=customer, segment=segment("P"), user=owner)
    assert error.value.code == "reason_required"
    assert "Growing" in str(error.value) or "Kasvavat" in str(error.value)
    segment_set(customer=customer, segment=segment("P"), user=owner, text="A new contact person begins.")
    row = Membership.objects.present().get(customer=customer)
    assert (row.overrides, row.criteria_version) == (True, criteria.number)
    kept = Override.objects.in_force().get(customer=customer)
    assert (kept.suggested.code, kept.segment.code, kept.text) == ("B", "P", "A new contact person begins.")


def test_the_program_and_undo_need_no_reason(suggest: Any, owner: Any, scheme: Any) -> None:
    customer = suggest("B")
    segment_set(customer=customer, segment=segment("P"), user=None)
    segment_undo(customer=customer, scheme=scheme, user=owner)
    assert held(customer) == "C"


def test_staying_against_the_suggestion_keeps_the_membership_and_hides_the_suggestion(
    suggest: Any, owner: Any, scheme: Any
) -> None:
    customer = suggest("B")
    before = Membership.objects.get(customer=customer)
    with pytest.raises(BusinessRuleError) as error:
        suggestion_override(customer=customer, scheme=scheme, segment=segment("C"), user=owner, text=" ")
    assert (error.value.code, error.value.field) == ("reason_required", "text")
    kept = suggestion_override(customer=customer, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    assert Membership.objects.get(customer=customer) == before
    assert not own_work(owner, "differs").exists()
    override_end(override=kept)
    assert own_work(owner, "differs").get() == customer


@pytest.mark.parametrize("is_member", [False, True])
def test_a_segment_of_another_scheme_decides_nothing(suggest: Any, owner: Any, scheme: Any, is_member: bool) -> None:
    customer, other = suggest("B"), SegmentFactory(scheme=SchemeFactory())
    if is_member:
        segment_set(customer=customer, segment=other, user=None)
    before = Membership.objects.filter(customer=customer).count()
    with pytest.raises(BusinessRuleError) as error:
        suggestion_override(customer=customer, scheme=scheme, segment=other, user=owner, text="Too early.")
    assert (error.value.code, error.value.field) == ("other_scheme", "segment")
    assert Membership.objects.filter(customer=customer).count() == before
    assert own_work(owner, "differs").get() == customer


def test_another_suggestion_than_the_refused_one_is_open(suggest: Any, owner: Any, scheme: Any) -> None:
    customer = suggest("B")
    suggestion_override(customer=customer, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    customer.evaluations.update(segment=segment("P"))
    assert own_work(owner, "differs").get() == customer


def _listed(client: Any, query: str = "") -> list[str]:
    return [row.object.customer.name for row in client.get(f"/suggestions/{query}").context["table"].rows]


def test_the_list_of_suggestions_leaves_out_what_was_decided_until_another_one_is_made(
    client: Any, suggest: Any, owner: Any, scheme: Any
) -> None:
    client.force_login(owner)
    suggest("B", name="Open")
    decided = suggest("B", name="Decided")
    suggestion_override(customer=decided, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    assert _listed(client) == ["Open"]
    assert _listed(client, "?decided=true") == ["Decided"]
    decided.evaluations.update(segment=segment("P"))
    assert _listed(client) == ["Decided", "Open"]
    assert _listed(client, "?decided=true") == []


def test_the_api_leaves_out_the_same_suggestions(suggest: Any, owner: Any, scheme: Any) -> None:
    opened, decided = suggest("B"), suggest("B")
    suggestion_override(customer=decided, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    api = APIClient()
    api.force_authenticate(owner)

    def customers(query: str) -> list[int]:
        return [row["customer"] for row in api.get(f"/api/v1/suggestions/{query}").json()["results"]]

    assert (customers(""), customers("?decided=true")) == ([opened.pk], [decided.pk])


def test_page_api_work_and_start_page_count_the_same_suggestions(
    client: Any, suggest: Any, owner: Any, scheme: Any
) -> None:
    names = ["Accepted", "Decided", "Open", "Proposed"]
    accepted, decided, _opened, proposed = (suggest("B", name=name) for name in names)
    suggestion_accept(customer=accepted, scheme=scheme, user=owner)
    suggestion_override(customer=decided, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    proposal_make(customer=proposed, segment=segment("A"), user=owner, text="Wide.")
    client.force_login(owner)
    api = APIClient()
    api.force_authenticate(owner)
    counted = {
        "page": _listed(client),
        "api": [
            Customer.objects.get(pk=row["customer"]).name for row in api.get("/api/v1/suggestions/").json()["results"]
        ],
        "work": [row.object.name for row in client.get("/segmentation-work/?tab=differs").context["table"].rows],
        "menu": [customer.name for customer in own_suggestions(owner)],
        "bulk": [row.customer.name for row in open_suggestions_of(scheme)],
    }
    assert set(map(tuple, counted.values())) == {("Open",)}, counted
    panel = client.get(reverse("casework:start_work")).content.decode()
    assert re.search(r"tab=differs[^>]*>\s*1\b|>1<", panel)


def test_what_was_decided_stays_missing_information(client: Any, suggest: Any, owner: Any, scheme: Any) -> None:
    customer = suggest("B", name="Decided")
    suggestion_override(customer=customer, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    customer.evaluations.update(outcome="share", is_suggestion=False)
    client.force_login(owner)
    assert _listed(client, "?tab=unknown") == ["Decided"]


def test_the_customers_panel_says_that_it_was_decided_otherwise(
    client: Any, suggest: Any, owner: Any, scheme: Any
) -> None:
    customer = suggest("B")
    client.force_login(owner)
    url = reverse("criteria:customer", args=[customer.pk])
    assert "decided otherwise" not in client.get(url).content.decode()
    suggestion_override(customer=customer, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    assert "decided otherwise" in client.get(url).content.decode()


def test_many_decided_suggestions_are_asked_row_by_row(
    client: Any, suggest: Any, owner: Any, scheme: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(selectors, "COUNT_LIMIT", 0)
    customer = suggest("B", name="Decided")
    suggestion_override(customer=customer, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    client.force_login(owner)
    assert _listed(client, "?decided=true") == ["Decided"]


def test_what_is_suggested_is_no_decision_otherwise(suggest: Any, owner: Any, scheme: Any) -> None:
    with pytest.raises(BusinessRuleError) as error:
        suggestion_override(customer=suggest("B"), scheme=scheme, segment=segment("B"), user=owner, text="Why not.")
    assert error.value.code == "same_as_suggested"


def test_a_later_decision_ends_the_one_against_the_suggestion(suggest: Any, owner: Any, scheme: Any) -> None:
    customer = suggest("B")
    suggestion_override(customer=customer, scheme=scheme, segment=segment("P"), user=owner, text="Too early.")
    segment_set(customer=customer, segment=segment("B"), user=owner)
    assert not Override.objects.in_force().exists()


def _run(operation: str, user: Any, rows: Any, **params: Any) -> Any:
    run = run_choose(operation=operation_of(operation), user=user, rows=rows)
    run = run_start(run=run_preview(run=run, params=params))
    run_execute(run, lambda done, total: None)
    run.refresh_from_db()
    return run


def test_twenty_suggestions_are_accepted_at_once_and_undone(suggest: Any, owner: Any, scheme: Any) -> None:
    customers = [suggest("B") for _number in range(20)]
    decided = suggest("B")
    suggestion_override(customer=decided, scheme=scheme, segment=segment("C"), user=owner, text="Too early.")
    run = _run("customers.accept_suggestion", owner, Customer.objects.all(), whose="criteria")
    assert (run.changed, run.unchanged, run.refused) == (20, 1, 0)
    rows = Membership.objects.present().filter(customer__in=customers)
    assert set(rows.values_list("segment__code", "overrides", "kind")) == {("B", False, MoveKind.BULK)}
    undo_start(run=run)
    run.refresh_from_db()
    undo_execute(run, lambda done, total: None)
    rows = Membership.objects.present().filter(customer__in=customers)
    assert set(rows.values_list("segment__code", "kind")) == {("C", MoveKind.UNDONE)}
    assert own_work(owner, "differs").count() == 20


def _further_suggestion(customer: Any, suggest: Any, criteria: Any) -> Any:
    """Let the criteria of a further scheme suggest a segment for a customer too."""
    further = SegmentFactory(scheme=SchemeFactory())
    given = customer.evaluations.get()
    given.pk, given.scheme, given.segment = None, further.scheme, further
    given.save()
    return further


def _primary(customer: Any) -> str:
    return str(Membership.objects.present().get(customer=customer, scheme__is_primary=True).segment.code)


def test_suggestions_of_every_scheme_are_accepted_at_once_and_undone(suggest: Any, owner: Any, criteria: Any) -> None:
    both, one = suggest("B"), suggest("B")
    further = _further_suggestion(both, suggest, criteria)
    run = _run("customers.accept_suggestion", owner, Customer.objects.all(), whose="criteria", scheme="")
    assert (run.changed, run.refused) == (2, 0)
    assert {_primary(both), _primary(one)} == {"B"}
    assert Membership.objects.present().filter(customer=both, segment=further).exists()
    undo_start(run=run)
    run.refresh_from_db()
    undo_execute(run, lambda done, total: None)
    assert _primary(both) == "C"
    assert not Membership.objects.present().filter(customer=both, segment=further).exists()


def test_a_full_segment_of_one_scheme_keeps_no_other_suggestion_from_being_accepted(
    suggest: Any, owner: Any, criteria: Any
) -> None:
    both, one = suggest("B"), suggest("B")
    further = _further_suggestion(both, suggest, criteria)

    growing = segment("B")
    growing.limit = 1
    growing.save()
    segment_set(customer=CustomerFactory(owner=owner), segment=growing, user=None)
    run = _run(
        "customers.accept_suggestion", owner, Customer.objects.filter(pk__in=[both.pk, one.pk]), whose="criteria"
    )
    assert (run.changed, run.refused) == (1, 1)
    assert {_primary(both), _primary(one)} == {"C"}
    assert Membership.objects.present().filter(customer=both, segment=further).exists()


def test_suggestions_that_need_approval_become_proposals(suggest: Any, owner: Any) -> None:
    customers = [suggest("A"), suggest("A")]
    run = _run("customers.accept_suggestion", owner, Customer.objects.all(), whose="criteria")
    assert run.changed == 2
    assert set(Proposal.objects.open().values_list("customer", flat=True)) == {one.pk for one in customers}
    assert {held(one) for one in customers} == {"C"}
    assert not own_work(owner, "differs").exists()
    assert own_work(owner, "proposed").count() == 2


def test_the_limit_holds_for_accepted_suggestions(suggest: Any, owner: Any) -> None:
    growing = segment("B")
    growing.limit = 3
    growing.save()
    for _number in range(5):
        suggest("B")
    run = run_choose(operation=operation_of("customers.accept_suggestion"), user=owner, rows=Customer.objects.all())
    run = run_preview(run=run, params={"whose": "criteria"})
    assert run.refused == 2  # the preview says it before anything is written
    run_execute(run_start(run=run), lambda done, total: None)
    assert Membership.objects.present().filter(segment=growing).count() == 3


def test_mass_segmentation_against_the_criteria_asks_for_a_reason_first(suggest: Any, owner: Any) -> None:
    suggest("B")
    run = run_choose(operation=operation_of("customers.segment"), user=owner, rows=Customer.objects.all())
    run = run_preview(run=run, params={"segment": segment("P").pk})
    assert run.refused == 1
    run = run_preview(run=run, params={"segment": segment("P").pk, "text": "The group is sold."})
    assert run.refused == 0
    run_execute(run_start(run=run), lambda done, total: None)
    assert Override.objects.in_force().get().text == "The group is sold."
