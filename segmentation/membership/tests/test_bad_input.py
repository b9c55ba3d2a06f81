"""Bad input by name that belongs to memberships: inactive customers, own proposals, people who left, coming days."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Notification
from accounts.services import user_deactivate
from accounts.tests.factories import UserFactory
from customers.services.customers import customer_set_passive
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services.moves import segment_set
from segmentation.membership.services.proposals import proposal_approve, proposal_make
from segmentation.membership.tests.factories import segment

pytestmark = pytest.mark.django_db


def test_a_proposal_for_an_inactive_customer_is_refused_on_the_page_and_in_the_api(client, customer, owner, director):
    customer_set_passive(customer=customer, reason="closed")
    for user in (owner, UserFactory(role="administrator")):
        client.force_login(user)
        url = reverse("membership:propose", args=[customer.pk])
        assert client.post(url, {"segment": segment("A").pk, "text": "Wide."}).status_code in (403, 404, 422)
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
    assert client.post(reverse("membership:approve", args=[proposal.pk]), {"text": "Yes."}).status_code == 403
    api = APIClient()
    api.force_authenticate(director)
    assert api.post(f"/api/v1/segment-proposals/{proposal.pk}/approve/", {}, format="json").status_code == 403
    assert not Membership.objects.exists()


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
