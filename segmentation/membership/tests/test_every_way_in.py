"""One table of all ways into a segment that needs approval and takes five (rules 6 and 7): none lets a sixth one in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from activities.leads.enums import LeadState
from activities.leads.services import lead_set_state, lead_to_customer
from activities.log.services.activities import activity_log
from activities.log.tests.factories import ActivityFactory, activity_type
from core import clock
from core.bulk.operations import operation_of
from core.conditions.tree import Group
from core.segments import segments_set
from core.tests.bulk import bulk, draft, outcome, undo
from core.tests.inline import Editor
from customers.models import ClassificationNode, Customer, CustomerSummary
from customers.tests.factories import CustomerFactory
from imports.problems import Problem
from imports.tests.helpers import row, run_import
from imports.tests.undoing import by
from imports.tests.undoing import outcome as outcome_of_import
from imports.tests.undoing import undo as undo_import
from segmentation.criteria.evaluation import scheme_evaluate
from segmentation.criteria.tests.factories import in_force
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services.moves import customers_added
from segmentation.membership.services.proposals import proposal_approve
from segmentation.membership.tests.factories import SegmentFactory, segment
from segmentation.schemes.models import Scheme

pytestmark = pytest.mark.django_db


@dataclass
class World:
    client: Client
    api: APIClient
    user: Any
    customer: Customer


@pytest.fixture
def world(client, customer, owner):
    api = APIClient()
    for signed_in in (client.force_login, api.force_authenticate):
        signed_in(owner)
    return World(client, api, owner, customer)


def form(world: World) -> str:
    url = reverse("membership:set", args=[world.customer.pk])
    return world.client.post(url, {"segment": segment("A").pk}, follow=True).content.decode()


def proposal_form(world: World) -> str:
    url = reverse("membership:propose", args=[world.customer.pk])
    return world.client.post(url, {"segment": segment("A").pk, "text": "Wide."}, follow=True).content.decode()


def in_place(world: World) -> str:
    editor = Editor(world.client, reverse("customers:inline", args=[world.customer.pk, "segment"]))
    return editor.save(segment=segment("A").pk).content.decode()


def in_bulk(world: World) -> str:
    keeper = UserFactory(role="key_account_manager")
    run = draft(keeper, "customers.segment", [world.customer], segment=segment("A").pk)
    status, reason = outcome(run, world.customer)
    if status == "refused":
        return str(operation_of("customers.segment").reasons[reason])
    bulk(keeper, "customers.segment", [world.customer], segment=segment("A").pk)
    return ""


def customer_import(world: World) -> str:
    return _problems_of(f"nimi;segmentti\n{world.customer.name};A\n")


def import_of_a_new_customer(world: World) -> str:
    return _problems_of("nimi;ryhmä;segmentti\nUusi Oy;suppliers;A\n")


def _problems_of(text: str) -> str:
    run = run_import(text, owner=UserFactory(role="administrator"))
    return " ".join(str(Problem.read(problem)) for problem in row(run, 2).problems)


def api_of_the_customer(world: World) -> str:
    return _said(world.api.patch(f"/api/v1/customers/{world.customer.pk}/", {"segment": "A"}, format="json"))


def api_of_a_new_customer(world: World) -> str:
    group = ClassificationNode.objects.get(branch__code="group", code="suppliers").pk
    return _said(world.api.post("/api/v1/customers/", {"name": "Uusi", "classes": [group], "segment": "A"}, "json"))


def api_of_memberships(world: World) -> str:
    body = {"customer": world.customer.pk, "segment": segment("A").pk}
    return _said(world.api.post("/api/v1/memberships/", body, format="json"))


def api_of_proposals(world: World) -> str:
    body = {"customer": world.customer.pk, "segment": segment("A").pk, "text": "Wide."}
    return _said(world.api.post("/api/v1/segment-proposals/", body, format="json"))


def _said(answer: Any) -> str:
    return answer.content.decode() if answer.status_code == 409 else ""


def other_apps(world: World) -> str:
    return segments_set(wanted={world.customer.pk: segment("A")}, user=world.user)[world.customer.pk].message


#: Where a person asks for it: page, list, bulk work, import, API.
WAYS: list[Callable[[World], str]] = [
    form, proposal_form, in_place, in_bulk, customer_import, import_of_a_new_customer, api_of_the_customer,
    api_of_a_new_customer, api_of_memberships, api_of_proposals, other_apps,
]  # fmt: skip


def a_lead(world: World) -> None:
    Scheme.objects.filter(is_primary=True).update(lead_segment=segment("A"))
    lead = activity_log(user=world.user, type=activity_type("lead"), title="Training", customer=world.customer)
    lead = lead_set_state(activity=lead, state=LeadState.CLAIMED, user=world.user)
    call = ActivityFactory(customer=world.customer)
    lead_to_customer(activity=lead, user=world.user, contact=call)


def a_new_customers_segment(world: World) -> None:
    Scheme.objects.filter(is_primary=True).update(default_segment=segment("A"))
    customers_added([world.customer.pk])


def automatic_criteria(world: World) -> None:
    Scheme.objects.filter(is_primary=True).update(is_automatic=True, minimum_known=0)
    scheme = Scheme.objects.get(is_primary=True)
    scheme.segments.exclude(code="A").update(retired_at=clock.now())
    in_force(scheme, {segment("A"): Group(1)})
    scheme_evaluate(scheme=scheme, day=clock.today() - dt.timedelta(days=1))


#: Where the program does it by itself.
BY_ITSELF: list[Callable[[World], None]] = [a_lead, a_new_customers_segment, automatic_criteria]


def members() -> int:
    return Membership.objects.present().filter(segment=segment("A")).count()


@pytest.fixture
def full():
    return [CustomerFactory(segment=segment("A")) for _number in range(5)]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_sixth_one_is_refused_with_a_sentence(way, world, full):
    said = way(world)
    assert "full" in said, said
    assert members() == CustomerSummary.objects.filter(segment=segment("A")).count() == 5
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("way", [*WAYS, *BY_ITSELF], ids=lambda way: way.__name__)
def test_where_there_is_room_it_becomes_a_proposal(way, world):
    way(world)
    assert members() == 0
    assert Proposal.objects.open().get().segment == segment("A")


@pytest.mark.parametrize("way", BY_ITSELF, ids=lambda way: way.__name__)
def test_the_program_itself_lets_no_sixth_one_in(way, world, full):
    way(world)
    assert members() == 5
    assert not Proposal.objects.exists()


def test_a_sixth_proposal_is_not_approved(world, director, full):
    Membership.objects.filter(customer=full[0]).delete()
    form(world)
    CustomerFactory(segment=segment("A"))
    url = reverse("membership:approve", args=[Proposal.objects.get().pk])
    world.client.force_login(director)
    answer = world.client.post(url, {"text": "Yes."}, follow=True)
    assert "is full" in answer.content.decode()
    assert members() == 5


def test_who_comes_back_from_inactivity_takes_nobodys_place(director, full):
    keeper = UserFactory(role="administrator")
    about = {"reason": "merged", "day": clock.today().isoformat(), "note": ""}
    run = bulk(keeper, "customers.deactivate", full[:2], **about)
    newcomer = CustomerFactory(owner=keeper)
    move = segments_set(wanted={newcomer.pk: segment("A")}, user=keeper)[newcomer.pk]
    proposal_approve(proposal=move.proposal, user=director)
    undo(run)
    assert members() == 5
    assert {CustomerSummary.objects.get(pk=row.pk).segment for row in full[:2]} == {segment("A"), None}


def test_the_undo_of_an_import_takes_nobodys_place():
    small = SegmentFactory(limit=1)
    customer = CustomerFactory(name="Acme")
    admin = UserFactory(role="administrator")
    with by(UserFactory()):
        segments_set(wanted={customer.pk: small}, user=None)
    with by(admin):
        run = run_import("nimi;segmentti\nAcme;C\n", owner=admin)
    with by(UserFactory()):
        segments_set(wanted={CustomerFactory().pk: small}, user=None)
    undo_import(run, admin)
    assert Membership.objects.present().filter(segment=small).count() == 1
    assert outcome_of_import(run, 2) == ("kept", ["clash"])
