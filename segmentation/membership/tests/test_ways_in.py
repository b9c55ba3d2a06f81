"""One rule for every way in: page, list, bulk work, import, API. An approval segment becomes a proposal."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import UserFactory
from core import clock
from core.tests.bulk import bulk, draft, outcome, undo, undo_of
from core.tests.inline import Editor, events
from customers.models import Customer, CustomerSummary
from customers.selections.rows import rows_of
from customers.selections.tests.conftest import rule, selection_of
from customers.tests.factories import CustomerFactory
from imports.tests.helpers import codes, counts, run_import
from imports.tests.undoing import by
from imports.tests.undoing import undo as undo_import
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.selectors import history_of_segments
from segmentation.membership.services.moves import segment_set
from segmentation.membership.services.undo import segments_undo
from segmentation.membership.tests.factories import MembershipFactory, SchemeFactory, SegmentFactory, segment
from segmentation.schemes.models import Segment

pytestmark = pytest.mark.django_db

BULK = "customers.segment"


def now_in(customer):
    return CustomerSummary.objects.get(pk=customer.pk).segment


@pytest.fixture
def full():
    """Five key customers: the segment is full."""
    return [CustomerFactory(segment=segment("A")) for _number in range(5)]


# The page


def test_the_tab_shows_segments_reasons_and_undone_pairs(client, customer, owner):
    for code in "BC":
        segment_set(customer=customer, segment=segment(code), user=owner, text=f"Because {code}.")
    client.force_login(owner)
    url = reverse("membership:tab", args=[customer.pk])
    assert client.post(reverse("membership:undo", args=[customer.pk])).status_code == 302
    page = client.get(url)
    assert [row.membership.segment.code for row in page.context["decisions"]] == ["B", "B"]
    assert page.context["decisions"][0].undone.segment == segment("C")
    assert "Because B." in page.content.decode()


def test_the_form_sets_the_segment_or_says_that_it_was_proposed(client, customer, owner):
    client.force_login(owner)
    url = reverse("membership:set", args=[customer.pk])
    assert client.get(url).status_code == 200
    client.post(url, {"segment": segment("B").pk, "text": "Grows."})
    assert now_in(customer) == segment("B")
    answer = client.post(url, {"segment": segment("A").pk}, follow=True)
    assert "a proposal was made" in answer.content.decode()
    assert now_in(customer) == segment("B")


def test_a_sixth_key_customer_is_refused_on_the_page(client, customer, owner, full):
    client.force_login(owner)
    answer = client.post(reverse("membership:set", args=[customer.pk]), {"segment": segment("A").pk})
    assert answer.status_code == 422
    assert "is full" in answer.content.decode()


def test_another_scheme_is_set_by_its_own_address(client, customer, owner):
    other = SegmentFactory(scheme=SchemeFactory())
    client.force_login(owner)
    client.post(f"{reverse('membership:set', args=[customer.pk])}?scheme={other.scheme_id}", {"segment": other.pk})
    assert Membership.objects.get().segment == other
    assert now_in(customer) is None


def test_who_may_not_classify_the_customer_gets_403(client, customer):
    client.force_login(UserFactory(role="read_only"))
    for name in ("set", "undo", "propose"):
        assert client.get(reverse(f"membership:{name}", args=[customer.pk])).status_code == 403


# Editing in a list


def test_a_segment_is_edited_in_place_and_undone(client, customer, owner):
    client.force_login(owner)
    editor = Editor(client, f"{reverse('customers:inline', args=[customer.pk, 'segment'])}?column=segment")
    done = editor.save(segment=segment("B").pk)
    assert done.status_code == 204
    assert now_in(customer) == segment("B")
    editor.undo(done)
    assert now_in(customer) is None
    assert Membership.objects.get().ended_as == "undone"


def test_an_approval_segment_in_a_list_is_proposed_and_the_toast_says_so(client, customer, owner):
    client.force_login(owner)
    editor = Editor(client, reverse("customers:inline", args=[customer.pk, "segment"]))
    done = editor.save(segment=segment("A").pk)
    assert "a proposal was made" in events(done)["toast"]["text"]
    assert Proposal.objects.get().customer == customer


# Bulk work


@pytest.fixture
def keeper():
    return UserFactory(role="key_account_manager", language="en")


def test_many_are_moved_and_undone_by_decisions_that_stay_in_the_history(keeper):
    moved, has, without = (CustomerFactory() for _number in range(3))
    MembershipFactory(customer=moved, segment=segment("C"))
    MembershipFactory(customer=has, segment=segment("B"))
    run = bulk(keeper, BULK, [moved, has, without], segment=segment("B").pk, text="Review.")
    assert (run.changed, outcome(run, has)) == (2, ("unchanged", "has"))
    assert (now_in(moved), now_in(without)) == (segment("B"), segment("B"))
    run = undo(run)
    assert run.undone == 2
    assert (now_in(moved), now_in(without)) == (segment("C"), None)
    rows = Membership.objects.filter(customer=moved).order_by("period").values_list("segment__code", "kind")
    assert list(rows) == [("C", "set"), ("B", "bulk"), ("C", "undone")]


def test_the_undone_decision_is_that_of_whoever_undoes_and_the_earlier_ones_keep_theirs(customer, owner, keeper):
    for code in "CB":
        segment_set(customer=customer, segment=segment(code), user=owner)
    memberships = Membership.objects.filter(customer=customer)
    assert segments_undo(memberships=memberships, proposals=Proposal.objects.none(), user=keeper) == set()
    rows = memberships.order_by("period").values_list("segment__code", "kind", "decided_by")
    assert list(rows) == [("C", "set", owner.pk), ("B", "set", owner.pk), ("C", "undone", keeper.pk)]
    [last, _first] = history_of_segments(customer)
    assert (last.membership.decided_by, last.undone.decided_by) == (keeper, owner)


def test_the_undo_of_many_takes_nobodys_place_and_says_so(keeper):
    small = SegmentFactory(scheme=segment("B").scheme, limit=1)
    customer = CustomerFactory()
    MembershipFactory(customer=customer, segment=small)
    run = bulk(keeper, BULK, [customer], segment=segment("B").pk, text="Review.")
    MembershipFactory(customer=CustomerFactory(), segment=small)
    run = undo(run)
    assert (run.undone, undo_of(run, customer)) == (0, ("kept", ["clash"]))
    assert now_in(customer) == segment("B")


def test_the_undo_of_many_moves_nobody_into_a_segment_that_needs_approval_by_now(keeper):
    scheme = segment("B").scheme
    former = SegmentFactory(scheme=scheme)
    customer = CustomerFactory()
    MembershipFactory(customer=customer, segment=former)
    run = bulk(keeper, BULK, [customer], segment=segment("B").pk, text="Review.")
    Segment.objects.filter(pk=former.pk).update(needs_approval=True)
    run = undo(run)
    assert undo_of(run, customer) == ("kept", ["clash"])
    assert not Proposal.objects.exists()


def test_bulk_work_proposes_to_an_approval_segment_and_its_undo_withdraws(keeper):
    customers = [CustomerFactory() for _number in range(7)]
    run = bulk(keeper, BULK, customers, segment=segment("A").pk)
    assert (run.changed, Proposal.objects.open().count()) == (7, 7)
    undo(run)
    assert not Proposal.objects.open().exists()


def test_bulk_work_keeps_the_limit(keeper, full):
    customer = CustomerFactory()
    assert outcome(draft(keeper, BULK, [customer], segment=segment("A").pk), customer) == ("refused", "full")
    small = SegmentFactory(limit=2)
    run = bulk(keeper, BULK, [CustomerFactory() for _number in range(3)], segment=small.pk)
    assert (run.changed, run.refused) == (2, 1)


# Import


def test_the_segment_column_of_an_import_sets_proposes_and_changes_nothing_the_second_time():
    admin = UserFactory(role="administrator")
    text = "nimi;ryhmä;segmentti\nAcme;suppliers;B\nBolt;suppliers;A\n"
    with by(admin):
        run = run_import(text, owner=admin)
    assert counts(run)[:1] == (2,), [row.problems for row in run.rows.all()]
    assert codes(run, 3) == ["segment_proposed"]
    assert now_in(Customer.objects.get(name="Acme")) == segment("B")
    assert Proposal.objects.get().customer.name == "Bolt"
    again = run_import(text, owner=admin)
    assert counts(again) == (0, 0, 2, 0, 0)
    assert (Membership.objects.count(), Proposal.objects.count()) == (1, 1)
    undo_import(run, admin)
    assert not Customer.objects.filter(name="Acme").exists()


def test_an_import_moves_existing_customers_and_its_undo_moves_them_back():
    admin = UserFactory(role="administrator")
    customer = CustomerFactory(name="Acme")
    with by(UserFactory()):
        segment_set(customer=customer, segment=segment("C"), user=None)
    with by(admin):
        run = run_import("nimi;segmentti\nAcme;Kasvavat asiakkaat\n", owner=admin)
    assert now_in(customer) == segment("B")
    undo_import(run, admin)
    assert now_in(customer) == segment("C")


@pytest.mark.parametrize(("value", "code"), [("X", "unknown_segment"), ("A", "segment_full")])
def test_an_import_says_why_a_segment_was_not_set(value, code, full):
    CustomerFactory(name="Acme")
    run = run_import(f"nimi;segmentti\nAcme;{value}\n", owner=UserFactory(role="administrator"))
    assert codes(run, 2) == [code]


# API


def test_the_api_reads_and_writes_the_segment_of_a_customer(customer, owner):
    api = APIClient()
    api.force_authenticate(owner)
    url = f"/api/v1/customers/{customer.pk}/"
    done = api.patch(url, {"segment": "B"}, format="json")
    assert (done.status_code, done.data["segment"], done.data["segments"]) == (200, "B", {"omn": ["B"]})
    assert api.patch(url, {"segment": None}, format="json").status_code == 400
    kept = api.patch(url, {"segment": "A"}, format="json")
    assert (kept.status_code, kept.data["segment"]) == (200, "B")
    assert Proposal.objects.get().segment == segment("A")
    assert api.get("/api/v1/customers/", {"segment": segment("B").pk}).data["results"][0]["segment"] == "B"


def test_a_customer_is_added_with_a_segment_by_the_api(owner):
    from customers.models import ClassificationNode

    api = APIClient()
    api.force_authenticate(owner)
    group = ClassificationNode.objects.get(branch__code="group", code="suppliers").pk
    done = api.post("/api/v1/customers/", {"name": "Uusi", "classes": [group], "segment": "P"}, format="json")
    assert (done.status_code, done.data["segment"]) == (201, "P")


def test_a_sixth_key_customer_is_refused_in_the_api(customer, owner, full):
    api = APIClient()
    api.force_authenticate(owner)
    answer = api.patch(f"/api/v1/customers/{customer.pk}/", {"segment": "A"}, format="json")
    assert answer.status_code == 409


# Selections


def test_selections_find_who_entered_and_left_a_segment(owner):
    year_ago = clock.now() - dt.timedelta(days=365)
    entered, old, left = (CustomerFactory(name=name) for name in ("Entered", "Old", "Left"))
    MembershipFactory(customer=entered, segment=segment("B"))
    MembershipFactory(customer=old, segment=segment("B"), start=year_ago)
    MembershipFactory(customer=left, segment=segment("B"), start=year_ago)
    segment_set(customer=left, segment=segment("C"), user=None)
    about = {"rows": [segment("B").pk], "when": "last", "days": 30}

    def names(change):
        selection = selection_of(owner, rule("customer.segment_change", change=change, **about))
        return [row.name for row in rows_of(selection, owner)]

    assert (names("entered"), names("left")) == (["Entered"], ["Left"])


def test_selections_find_the_segment_of_a_further_scheme(owner):
    other = SegmentFactory(scheme=SchemeFactory())
    MembershipFactory(customer=CustomerFactory(name="In"), segment=other)
    CustomerFactory(name="Out")
    selection = selection_of(owner, rule("customer.further_segment", op="is", rows=[other.pk]))
    assert [row.name for row in rows_of(selection, owner)] == ["In"]
