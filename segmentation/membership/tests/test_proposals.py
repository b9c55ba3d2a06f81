"""Proposals: who makes and decides them, two moves as one, two approvals at once, who is notified."""

from __future__ import annotations

import threading

import pytest
from django.db import connections, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Notification
from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from core.permissions import allowed
from customers.models import CustomerSummary
from customers.tests.factories import CustomerFactory
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services.moves import segment_set
from segmentation.membership.services.proposals import (
    proposal_approve,
    proposal_comment,
    proposal_make,
    proposal_reject,
    proposal_withdraw,
)
from segmentation.membership.tests.factories import SegmentFactory, segment

pytestmark = pytest.mark.django_db


def now_in(customer):
    return CustomerSummary.objects.get(pk=customer.pk).segment


def told(kind):
    return set(Notification.objects.filter(kind=kind).values_list("user__username", flat=True))


def proposed(customer, user, **about):
    return proposal_make(customer=customer, segment=segment("A"), user=user, **about)


def code_of(call):
    with pytest.raises(BusinessRuleError) as error:
        call()
    return error.value.code


def test_rule_7_a_becomes_effective_only_by_managements_approval(customer, owner, director):
    proposal = proposed(customer, owner, text="Wide cooperation.")
    assert now_in(customer) is None
    proposal_approve(proposal=proposal, user=director, text="Agreed.")
    row = Membership.objects.get(customer=customer)
    assert (now_in(customer), row.decided_by, row.proposal, row.kind) == (segment("A"), director, proposal, "approved")
    assert [(change.to_status, change.user) for change in proposal.status_changes.all()] == [
        ("approved", director), ("open", owner),
    ]  # fmt: skip


def test_nobody_approves_their_own_proposal(director):
    proposal = proposed(CustomerFactory(), director)
    assert code_of(lambda: proposal_approve(proposal=proposal, user=director)) == "own_proposal"
    assert not allowed(director, "membership.decide_proposal", proposal)
    assert proposal not in Proposal.objects.awaiting(director)


def test_others_than_the_segments_approvers_do_not_decide(customer, owner):
    proposal, manager = proposed(customer, owner), UserFactory(role="key_account_manager")
    assert code_of(lambda: proposal_approve(proposal=proposal, user=manager)) == "not_approver"
    assert code_of(lambda: proposal_reject(proposal=proposal, user=manager, reason="No.")) == "not_approver"


def test_a_decided_proposal_is_not_decided_again(customer, owner, director):
    proposal = proposed(customer, owner)
    proposal_reject(proposal=proposal, user=director, reason="Not yet.")
    assert code_of(lambda: proposal_approve(proposal=proposal, user=director)) == "already_decided"
    assert code_of(lambda: proposal_withdraw(proposal=proposal, user=owner)) == "already_decided"
    assert now_in(customer) is None


def test_a_rejection_needs_a_reason(customer, owner, director):
    proposal = proposed(customer, owner)
    assert code_of(lambda: proposal_reject(proposal=proposal, user=director, reason=" ")) == "reason_required"


def test_rule_6_a_full_segment_takes_a_proposal_that_names_who_leaves_and_both_move_as_one(customer, owner, director):
    key = [CustomerFactory(segment=segment("A")) for _number in range(5)]
    assert code_of(lambda: proposed(customer, owner)) == "full"
    proposal = proposed(customer, owner, leaver=key[0], leaver_segment=segment("B"))
    assert now_in(key[0]) == segment("A")
    proposal_approve(proposal=proposal, user=director)
    assert (now_in(customer), now_in(key[0])) == (segment("A"), segment("B"))
    assert Membership.objects.present().filter(segment=segment("A")).count() == 5


def test_who_leaves_must_be_in_the_segment_and_go_somewhere(customer, owner):
    key = [CustomerFactory(segment=segment("A")) for _number in range(5)]
    other = CustomerFactory(segment=segment("B"))
    assert code_of(lambda: proposed(customer, owner, leaver=other, leaver_segment=segment("C"))) == "not_member"
    assert code_of(lambda: proposed(customer, owner, leaver=key[0])) == "leaver_segment_missing"
    assert code_of(lambda: proposed(customer, owner, leaver=customer, leaver_segment=segment("C"))) == "same_customer"


def test_who_leaves_moves_to_no_segment_that_others_approve(customer, owner):
    key = [CustomerFactory(segment=segment("A")) for _number in range(5)]
    other = SegmentFactory(needs_approval=True)
    assert code_of(lambda: proposed(customer, owner, leaver=key[0], leaver_segment=other)) == "needs_approval"


def test_an_approval_moves_nobody_to_a_segment_that_came_to_need_another(customer, owner, director):
    key = [CustomerFactory(segment=segment("A")) for _number in range(5)]
    other = SegmentFactory()
    proposal = proposed(customer, owner, leaver=key[0], leaver_segment=other)
    other.needs_approval = True
    other.save()
    assert code_of(lambda: proposal_approve(proposal=proposal, user=director)) == "needs_approval"
    assert now_in(key[0]) == segment("A")


def test_rule_6_members_count_when_it_is_approved_not_open_proposals(owner, director):
    waiting = [proposed(CustomerFactory(owner=owner), owner) for _number in range(6)]
    for proposal in waiting[:5]:
        proposal_approve(proposal=proposal, user=director)
    assert code_of(lambda: proposal_approve(proposal=waiting[5], user=director)) == "full"
    assert Proposal.objects.get(pk=waiting[5].pk).is_open
    assert Membership.objects.present().filter(segment=segment("A")).count() == 5


def test_leaving_is_decided_by_the_approvers_of_the_segment_that_is_left(owner, director):
    key = CustomerFactory(owner=owner, segment=segment("A"))
    proposal = segment_set(customer=key, segment=segment("C"), user=owner).proposal
    assert proposal in Proposal.objects.awaiting(director)
    proposal_approve(proposal=proposal, user=director)
    assert now_in(key) == segment("C")


def test_a_customer_that_became_inactive_is_not_proposed(owner):
    passive = CustomerFactory(owner=owner, passive=True)
    assert code_of(lambda: proposed(passive, owner)) == "customer_passive"


def test_proposer_owner_and_approvers_are_told(owner, director):
    customer, proposer = CustomerFactory(owner=owner), UserFactory(role="key_account_manager")
    proposal = proposed(customer, proposer)
    assert told("segment_proposed") == {director.username, owner.username}
    proposal_approve(proposal=proposal, user=director)
    assert told("segment_approved") == {proposer.username, owner.username}


def test_the_account_team_comments_while_it_is_open(customer, owner, director):
    proposal = proposed(customer, owner)
    proposal_comment(proposal=proposal, user=director, text="Looks right.")
    assert proposal.comments.get().text == "Looks right."
    proposal_withdraw(proposal=proposal, user=owner)
    assert code_of(lambda: proposal_comment(proposal=proposal, user=owner, text="Late.")) == "already_decided"


def test_a_colleague_of_the_owners_team_may_propose(owner, customer):
    from accounts.models import Team, TeamMembership

    colleague, stranger = UserFactory(role="account_manager"), UserFactory(role="account_manager")
    team = Team.objects.create(name="Account team")
    for user in (owner, colleague):
        TeamMembership.objects.create(team=team, user=user)
    assert allowed(colleague, "membership.propose_segment", customer)
    assert not allowed(colleague, "membership.set_segment", customer)
    assert not allowed(stranger, "membership.propose_segment", customer)


@pytest.mark.django_db(transaction=True)
def test_two_directors_who_approve_at_once_leave_five(transactional_db):
    owner = UserFactory(role="account_manager")
    for _number in range(4):
        CustomerFactory(segment=segment("A"))
    waiting = [proposed(CustomerFactory(owner=owner), owner) for _number in range(2)]
    directors = [UserFactory(role="management") for _number in range(2)]
    together, outcomes = threading.Barrier(2), []

    def approve(proposal, director):
        try:
            together.wait(10)
            with transaction.atomic():
                proposal_approve(proposal=proposal, user=director)
            outcomes.append("approved")
        except BusinessRuleError as error:
            outcomes.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=approve, args=pair) for pair in zip(waiting, directors, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["approved", "full"]
    assert Membership.objects.present().filter(segment=segment("A")).count() == 5


# Pages and API


def test_pages_from_the_proposal_to_the_decision(client, customer, owner, director):
    client.force_login(owner)
    url = reverse("membership:propose", args=[customer.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"segment": segment("A").pk, "text": "Wide."}).status_code == 302
    proposal = Proposal.objects.get()
    page = client.get(proposal.get_absolute_url()).content.decode()
    assert "Somebody else decides about your own proposal." in page
    approve = reverse("membership:approve", args=[proposal.pk])
    assert client.post(approve, {}).status_code == 403
    client.force_login(director)
    assert proposal.customer.name in client.get(reverse("membership:proposals"), {"awaiting": "true"}).content.decode()
    assert client.post(reverse("membership:comment", args=[proposal.pk]), {"text": "Fine."}).status_code == 302
    assert client.post(approve, {"text": "Yes."}).status_code == 302
    assert now_in(customer) == segment("A")
    decided = client.get(reverse("membership:proposals"), {"tab": "decided"}).content.decode()
    assert proposal.customer.name in decided


def test_reject_and_withdraw_by_their_pages(client, owner, director):
    first, second = (proposed(CustomerFactory(owner=owner), owner) for _number in range(2))
    client.force_login(director)
    reject = reverse("membership:reject", args=[first.pk])
    assert client.post(reject, {"text": ""}).status_code == 422
    assert client.post(reject, {"text": "Not now."}).status_code == 302
    client.force_login(owner)
    assert client.post(reverse("membership:withdraw", args=[second.pk])).status_code == 302
    assert [row.status for row in Proposal.objects.order_by("pk")] == ["rejected", "withdrawn"]


def test_api_proposes_and_decides(customer, owner, director):
    api = APIClient()
    api.force_authenticate(owner)
    body = {"customer": customer.pk, "segment": segment("A").pk, "text": "Wide."}
    made = api.post("/api/v1/segment-proposals/", body, format="json")
    assert (made.status_code, made.data["status"]) == (201, "open")
    url = f"/api/v1/segment-proposals/{made.data['id']}/"
    assert api.post(f"{url}approve/", {}, format="json").status_code == 403
    api.force_authenticate(director)
    assert api.post(f"{url}comment/", {"text": "Good."}, format="json").data["comments"][0]["text"] == "Good."
    done = api.post(f"{url}approve/", {"text": "Yes."}, format="json")
    assert (done.status_code, done.data["status"]) == (200, "approved")
    assert api.post(f"{url}reject/", {"reason": "No."}, format="json").status_code == 403


def test_api_moves_a_customer_and_tells_what_became_of_it(customer, owner):
    api = APIClient()
    api.force_authenticate(owner)
    body = {"customer": customer.pk, "segment": segment("B").pk, "reason": "other"}
    assert api.post("/api/v1/memberships/", body, format="json").data["status"] == "set"
    answer = api.post("/api/v1/memberships/", {**body, "segment": segment("A").pk}, format="json")
    assert (answer.status_code, answer.data["status"]) == (201, "proposed")
    listed = api.get("/api/v1/memberships/", {"customer": customer.pk, "present": "true"}).data["results"]
    assert [row["segment"] for row in listed] == [segment("B").pk]
    api.force_authenticate(UserFactory(role="read_only"))
    assert api.post("/api/v1/memberships/", body, format="json").status_code == 403


def test_the_page_of_a_proposal_shows_its_history_and_no_page_inside_the_page(client, customer, owner):
    proposal = proposal_make(customer=customer, segment=segment("A"), user=owner, text="A framework agreement.")
    client.force_login(owner)
    html = client.get(proposal.get_absolute_url()).content.decode()
    assert html.count("<html") == 1
    assert 'class="history"' in html
