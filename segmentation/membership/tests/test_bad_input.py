"""Bad input by name that belongs to memberships: inactive customers, own proposals, people who left, coming days."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Notification
from accounts.services import user_deactivate
from accounts.tests.factories import UserFactory, role
from customers.services.customers import customer_set_passive
from customers.tests.factories import CustomerFactory
from imports.tests.helpers import codes, run_import
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services.moves import segment_leave, segment_set
from segmentation.membership.services.proposals import proposal_approve, proposal_make, proposal_reject
from segmentation.membership.tests.factories import MembershipFactory, SchemeFactory, SegmentFactory, segment

pytestmark = pytest.mark.django_db


def test_a_proposal_for_an_inactive_customer_is_refused_on_the_page_and_in_the_api(client, customer, owner, director):
    customer_set_passive(customer=customer, reason="closed")
    for user, said in ((owner, "Not found"), (UserFactory(role="administrator"), "The customer is inactive")):
        client.force_login(user)
        url = reverse("membership:propose", args=[customer.pk])
        answer = client.post(url, {"segment": segment("A").pk, "text": "Wide."})
        assert answer.status_code == (404 if user == owner else 403)
        assert said in answer.content.decode()
        api = APIClient()
        api.force_authenticate(user)
        body = {"customer": customer.pk, "segment": segment("A").pk, "text": "Wide."}
        assert api.post("/api/v1/segment-proposals/", body, format="json").status_code in (400, 403, 409)
    assert not Proposal.objects.exists()


def test_an_open_proposal_about_a_customer_that_becomes_inactive_is_withdrawn(customer, owner, director):
    proposal = proposal_make(customer=customer, segment=segment("A"), user=owner)
    customer_set_passive(customer=customer, reason="closed")
    proposal.refresh_from_db()
    assert proposal.status == "withdrawn"


def test_approving_ones_own_proposal_is_refused_on_the_page_and_in_the_api(client, customer, director):
    proposal = proposal_make(customer=customer, segment=segment("A"), user=director)
    client.force_login(director)
    answer = client.post(reverse("membership:approve", args=[proposal.pk]), {"text": "Yes."})
    assert answer.status_code == 403
    assert "Somebody else decides about your own proposal." in answer.content.decode()
    api = APIClient()
    api.force_authenticate(director)
    assert api.post(f"/api/v1/segment-proposals/{proposal.pk}/approve/", {}, format="json").status_code == 403
    assert not Membership.objects.exists()


def test_who_comes_too_late_to_a_proposal_is_told_that_it_was_decided(client, customer, owner, director):
    proposal = proposal_make(customer=customer, segment=segment("A"), user=owner)
    proposal_reject(proposal=proposal, user=director, reason="Not yet.")
    for name, user in (("approve", UserFactory(role="management")), ("comment", owner), ("withdraw", owner)):
        client.force_login(user)
        answer = client.get(reverse(f"membership:{name}", args=[proposal.pk]))
        assert answer.status_code == 403
        page = answer.content.decode()
        assert "decided already" in page, name
        assert f'href="{proposal.get_absolute_url()}"' in page
        dialog = client.get(reverse(f"membership:{name}", args=[proposal.pk]), headers={"HX-Request": "true"})
        assert "decided already" in dialog["HX-Trigger"]
    client.force_login(UserFactory(role="read_only"))
    answer = client.get(reverse("membership:set", args=[customer.pk]))
    assert "Your user account does not have access to this." in answer.content.decode()


def test_a_proposal_to_a_full_segment_asks_for_who_makes_room(client, customer, owner):
    small = SegmentFactory(scheme=segment("A").scheme, needs_approval=True, limit=1)
    small.approvers.set([role("management")])
    MembershipFactory(customer=CustomerFactory(), segment=small)
    client.force_login(owner)
    answer = client.post(reverse("membership:propose", args=[customer.pk]), {"segment": small.pk, "text": "Wide."})
    assert answer.status_code == 422
    assert "choose the customer that makes room" in str(answer.context["form"].errors["leaver"])


def test_people_who_left_stay_in_the_history_by_name_and_are_told_nothing(client, customer, owner, director):
    segment_set(customer=customer, segment=segment("B"), user=owner, text="Grows.")
    proposal = proposal_make(customer=customer, segment=segment("A"), user=owner, text="Wide.")
    admin = UserFactory(role="administrator")
    user_deactivate(user=owner, by=admin)
    proposal_approve(proposal=proposal, user=director)
    user_deactivate(user=director, by=admin)
    client.force_login(admin)
    page = client.get(reverse("membership:tab", args=[customer.pk])).content.decode()
    assert str(owner) in page
    assert str(director) in page
    assert str(owner) in client.get(proposal.get_absolute_url()).content.decode()
    assert not Notification.objects.filter(user=owner, kind="segment_approved").exists()


def test_a_segment_that_needs_approval_is_left_by_its_approvers_only(client, customer, owner, director):
    several = SegmentFactory(scheme=SchemeFactory(is_exclusive=False), needs_approval=True)
    several.approvers.set([role("management")])
    MembershipFactory(customer=customer, segment=several)
    client.force_login(owner)
    answer = client.post(reverse("membership:leave", args=[customer.pk, several.pk]), follow=True)
    assert "is left by a decision of those who approve it" in answer.content.decode()
    assert Membership.objects.present().filter(segment=several).exists()
    segment_leave(customer=customer, segment=several, user=director)
    assert Membership.objects.get(segment=several).ended_as == "left"


def test_a_segment_of_an_import_of_customers_that_needs_approval_is_proposed(customer):
    run = run_import(f"nimi;segmentti\n{customer.name};A\n", owner=UserFactory(role="administrator"))
    assert codes(run, 2) == ["segment_proposed"]
    assert Proposal.objects.get().customer == customer
    assert not Membership.objects.filter(segment=segment("A")).exists()


@pytest.mark.parametrize("day", ["2999-01-01", "1.1.2999"])
def test_a_coming_day_is_no_day_of_the_flow_of_segments(client, day):
    client.force_login(UserFactory(role="management", language="en"))
    answer = client.get("/segments/", {"first": "2026-01-01", "last": day})
    assert "Choose a day from" in answer.content.decode()
