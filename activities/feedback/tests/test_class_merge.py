"""Merging of classes that NPS questions refer to: the questions move to the remaining class."""

from __future__ import annotations

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.feedback.models import NpsQuestion
from activities.feedback.services.nps import nps_ask
from activities.log.tests.factories import activity_type
from customers.enums import BranchPurpose
from customers.models import ClassificationBranch, ClassificationNode
from customers.services import classification as services
from customers.services.summaries import summaries_refresh
from customers.tests.factories import BranchFactory, ContactFactory, CustomerFactory, NodeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


@pytest.fixture
def admin():
    return UserFactory(role="administrator")


@pytest.fixture
def question():
    """A question to a customer of the group "old", beside which there is another group."""
    activity_type("feedback")
    branch = ClassificationBranch.objects.filter(purpose=BranchPurpose.GROUP).first()
    branch = branch or BranchFactory(purpose=BranchPurpose.GROUP)
    customer = CustomerFactory(group=NodeFactory(branch=branch, code="old"))
    NodeFactory(branch=branch, code="new")
    summaries_refresh([customer.pk])
    customer.refresh_from_db()
    [question] = nps_ask(
        contacts=[ContactFactory(customer=customer, email="maija@example.fi")], customer=customer, user=UserFactory()
    )
    assert question.group == node("old")
    return question


def node(code: str) -> ClassificationNode:
    return ClassificationNode.objects.get(code=code)


def check_merged(question: NpsQuestion) -> None:
    question.refresh_from_db()
    assert question.group == node("new")
    assert question.customer.classifications.get().node == node("new")
    assert not ClassificationNode.objects.filter(code="old").exists()


def test_the_service_moves_the_questions_of_a_merged_group(question):
    services.CLASSES.merge(node=node("old"), into=node("new"))
    check_merged(question)


def test_the_page_merges_a_group_that_has_questions(client, admin, question):
    client.force_login(admin)
    answer = client.post(reverse("customers:node_merge", args=[node("old").pk]), {"into": node("new").pk})
    assert answer.status_code == 302
    check_merged(question)


def test_the_api_merges_a_group_that_has_questions(admin, question):
    api = APIClient()
    api.force_authenticate(admin)
    answer = api.post(f"/api/v1/classifications/{node('old').pk}/merge/", {"into": node("new").pk})
    assert (answer.status_code, answer.json()["id"]) == (200, node("new").pk)
    check_merged(question)


def test_a_group_that_is_merged_with_its_assigners_leaves_those_of_the_other(question):
    gone, kept = UserFactory(role="account_manager"), UserFactory(role="read_only")
    node("old").assigners.set(gone.groups.all())
    node("new").assigners.set(kept.groups.all())
    services.CLASSES.merge(node=node("old"), into=node("new"))
    assert list(node("new").assigners.all()) == list(kept.groups.all())


def test_questions_remember_in_their_history_which_group_they_named(question):
    before = node("old").pk
    services.CLASSES.merge(node=node("old"), into=node("new"))
    events = NpsQuestion.pgh_event_model.objects.filter(pgh_obj=question)  # type: ignore[attr-defined]
    assert before in events.values_list("group_id", flat=True)
