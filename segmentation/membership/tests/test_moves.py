"""Moving customers between segments: who may, what becomes a proposal, the limit, a history without gaps."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.tests.factories import UserFactory
from core import clock, segments
from core.exceptions import BusinessRuleError
from core.history import history_of
from customers.models import Customer, CustomerSummary
from customers.services.customers import customer_set_active, customer_set_passive
from customers.tests.factories import CustomerFactory
from segmentation.membership.enums import EndKind, MoveKind
from segmentation.membership.models import Membership, Proposal
from segmentation.membership.services.moves import segment_leave, segment_set, segment_undo, segments_set
from segmentation.membership.services.past import PastMembership, memberships_load
from segmentation.membership.services.proposals import proposal_approve, proposal_make, proposal_reject
from segmentation.membership.tests.factories import MembershipFactory, SchemeFactory, SegmentFactory, segment
from segmentation.schemes.models import Scheme, SegmentReason

pytestmark = pytest.mark.django_db


def refused(code):
    return pytest.raises(BusinessRuleError, match="") if not code else _refused(code)


class _refused:
    def __init__(self, code):
        self.code = code

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _trace):
        assert isinstance(error, BusinessRuleError), error
        assert error.code == self.code
        return True


def test_the_history_tells_moments_as_the_reader_reads_them_and_no_copies_from_the_scheme():
    start = dt.datetime(2026, 1, 15, 9, 26, tzinfo=dt.UTC)
    row = MembershipFactory(customer=CustomerFactory(), segment=segment("C"), start=start)
    told = {change.label: change.new for entry in history_of(row, ()) for change in entry.changes}
    assert "11:26" in told["decided"]
    assert "is exclusive" not in told


def now_in(customer):
    return CustomerSummary.objects.get(pk=customer.pk).segment


def strip(customer):
    rows = Membership.objects.filter(customer=customer).order_by("period").select_related("segment")
    return [(row.segment.code, row.start, row.end, row.ended_as) for row in rows]


def test_the_owner_sets_b_with_a_reason_and_lists_show_it(customer, owner):
    reason = SegmentReason.objects.get(code="business_changed")
    move = segment_set(customer=customer, segment=segment("B"), user=owner, reason=reason, text="Grows.")
    row = Membership.objects.get(customer=customer)
    assert (move.status, row.decided_by, row.reason, row.text, row.end) == ("set", owner, reason, "Grows.", None)
    assert now_in(customer) == segment("B")
    assert segments.segment_of(customer) == segment("B")


def test_rule_9_the_next_segment_begins_exactly_where_the_last_ended(customer, owner):
    for code in "BCB":
        segment_set(customer=customer, segment=segment(code), user=owner)
    rows = strip(customer)
    assert [row[0] for row in rows] == ["B", "C", "B"]
    assert [row[2] for row in rows] == [rows[1][1], rows[2][1], None]


def test_rule_9_two_decisions_in_one_moment_leave_no_empty_time(customer, owner):
    with clock.frozen(clock.now()):
        segment_set(customer=customer, segment=segment("B"), user=owner)
        segment_set(customer=customer, segment=segment("C"), user=owner)
    assert [row[0] for row in strip(customer)] == ["B", "C"]


def test_the_database_refuses_two_segments_at_once(customer):
    MembershipFactory(customer=customer, segment=segment("B"))
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory(customer=customer, segment=segment("C"))


def test_the_database_refuses_a_gap(customer):
    row = MembershipFactory(customer=customer, segment=segment("B"))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        _end_without_another(row, cursor)


def _end_without_another(row, cursor):
    Membership.objects.filter(pk=row.pk).update(period=(row.start, clock.now()))
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_setting_the_present_segment_changes_nothing(customer, owner):
    segment_set(customer=customer, segment=segment("B"), user=owner)
    assert segment_set(customer=customer, segment=segment("B"), user=owner).status == "same"
    assert Membership.objects.count() == 1


def test_a_group_that_is_not_among_the_setters_may_not_set_it(customer):
    adviser = UserFactory(role="customer_adviser")
    with refused("not_setter"):
        segment_set(customer=customer, segment=segment("B"), user=adviser)
    assert now_in(customer) is None


def test_a_segment_without_setters_is_set_by_everyone_who_may_edit(customer):
    free = SegmentFactory()
    assert segment_set(customer=customer, segment=free, user=UserFactory()).status == "set"


def test_a_retired_segment_takes_nobody(customer, owner):
    retired = SegmentFactory(retired_at=clock.now())
    with refused("retired"):
        segment_set(customer=customer, segment=retired, user=owner)


def test_rule_2_an_inactive_customer_is_not_moved(owner):
    passive = CustomerFactory(owner=owner, passive=True)
    with refused("customer_passive"):
        segment_set(customer=passive, segment=segment("B"), user=owner)


def test_rule_7_an_approval_segment_becomes_a_proposal_even_for_its_approvers(customer, director):
    move = segment_set(customer=customer, segment=segment("A"), user=director)
    assert (move.status, move.proposal.segment, now_in(customer)) == ("proposed", segment("A"), None)


def test_rule_7_leaving_an_approval_segment_is_a_proposal_too(owner):
    key = CustomerFactory(owner=owner, segment=segment("A"))
    move = segment_set(customer=key, segment=segment("C"), user=owner)
    assert (move.status, move.proposal.from_segment, now_in(key)) == ("proposed", segment("A"), segment("A"))


def test_the_same_wish_again_makes_no_second_proposal(customer, owner):
    segment_set(customer=customer, segment=segment("A"), user=owner)
    assert segment_set(customer=customer, segment=segment("A"), user=owner).status == "same"
    assert Proposal.objects.count() == 1


def test_rule_6_a_sixth_key_customer_is_refused(owner):
    for _number in range(5):
        CustomerFactory(segment=segment("A"))
    with refused("full"):
        segment_set(customer=CustomerFactory(owner=owner), segment=segment("A"), user=owner)
    assert not Proposal.objects.exists()


def test_a_limit_without_approval_is_kept_too(owner):
    small = SegmentFactory(limit=2)
    customers = [CustomerFactory(owner=owner) for _number in range(3)]
    moves = segments_set(wanted=dict.fromkeys([one.pk for one in customers], small), user=owner)
    assert [move.status for move in moves.values()] == ["set", "set", "refused"]
    assert Membership.objects.filter(segment=small).count() == 2


def test_an_open_proposal_is_overtaken_by_a_move(customer, owner):
    proposal = segment_set(customer=customer, segment=segment("A"), user=owner).proposal
    segment_set(customer=customer, segment=segment("B"), user=owner)
    proposal.refresh_from_db()
    assert proposal.status == "withdrawn"


def test_a_preview_writes_nothing(customer, owner):
    moves = segments_set(wanted={customer.pk: segment("A")}, user=owner, write=False)
    assert moves[customer.pk].status == "proposed"
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("count", [1, 20])
def test_many_are_moved_in_a_few_statements(owner, count, django_assert_max_num_queries):
    customers = [CustomerFactory() for _number in range(count)]
    for one in customers:
        MembershipFactory(customer=one, segment=segment("C"))
    wanted = dict.fromkeys([one.pk for one in customers], segment("B"))
    with django_assert_max_num_queries(14):
        segments_set(wanted=wanted, user=owner)
    assert Membership.objects.present().filter(segment=segment("B")).count() == count


def test_an_inactive_customer_leaves_its_segment_and_comes_back_without_one(customer, owner):
    segment_set(customer=customer, segment=segment("B"), user=owner)
    segment_set(customer=customer, segment=segment("C"), user=owner)
    proposal = segment_set(customer=customer, segment=segment("A"), user=owner).proposal
    customer_set_passive(customer=customer, reason="closed")
    assert strip(customer)[-1][3] == EndKind.INACTIVE
    assert now_in(customer) is None
    proposal.refresh_from_db()
    assert proposal.status == "withdrawn"
    customer.refresh_from_db()
    with clock.frozen(clock.now() + dt.timedelta(days=1)):
        customer_set_active(customer=customer)
        assert now_in(customer) is None
        segment_set(customer=customer, segment=segment("B"), user=owner)
        assert now_in(customer) == segment("B")


def test_a_customer_that_is_active_again_on_the_same_day_never_left_its_segment(customer, owner):
    segment_set(customer=customer, segment=segment("B"), user=owner)
    before = strip(customer)
    customer_set_passive(customer=customer, reason="closed")
    customer_set_active(customer=customer)
    assert (strip(customer), now_in(customer)) == (before, segment("B"))


def test_undo_brings_the_earlier_segment_back_by_a_decision_of_its_own(customer, owner):
    segment_set(customer=customer, segment=segment("B"), user=owner)
    segment_set(customer=customer, segment=segment("C"), user=owner)
    segment_undo(customer=customer, scheme=segment("B").scheme, user=owner)
    assert [row[0] for row in strip(customer)] == ["B", "C", "B"]
    assert Membership.objects.present().get().kind == MoveKind.UNDONE
    assert now_in(customer) == segment("B")


def test_undo_of_the_first_decision_leaves_no_segment_for_a_day_only(customer, owner):
    scheme = segment("B").scheme
    segment_set(customer=customer, segment=segment("B"), user=owner)
    segment_undo(customer=customer, scheme=scheme, user=owner)
    assert now_in(customer) is None
    segment_set(customer=customer, segment=segment("B"), user=owner)
    with clock.frozen(clock.now() + dt.timedelta(hours=25)), refused("undo_too_late"):
        segment_undo(customer=customer, scheme=scheme, user=owner)


def test_an_approval_segment_is_not_left_by_an_undo(owner):
    key = CustomerFactory(owner=owner, segment=segment("A"))
    with refused("needs_approval"):
        segment_undo(customer=key, scheme=segment("A").scheme, user=owner)


def test_a_new_customer_gets_the_segment_that_the_scheme_gives(owner):
    from customers.services.customers import customer_create

    assert now_in(customer_create(customer=Customer(name="Ilman"), user=None)) is None
    Scheme.objects.filter(is_primary=True).update(default_segment=segment("C"))
    assert now_in(customer_create(customer=Customer(name="Uusi"), user=None)) == segment("C")


def test_a_scheme_may_give_several_segments_and_lists_show_the_primary_one(customer, owner):
    scheme = SchemeFactory(is_exclusive=False)
    one, two = SegmentFactory(scheme=scheme), SegmentFactory(scheme=scheme)
    for wanted in (one, two):
        segment_set(customer=customer, segment=wanted, user=owner)
    assert segments.segments_of(customer) == {scheme.code: [one, two]}
    segment_leave(customer=customer, segment=one, user=owner)
    assert segments.segments_of(customer) == {scheme.code: [two]}
    assert now_in(customer) is None


WHAT = ["set", "propose", "approve", "reject", "undo", "passive", "active", "past"]
STEPS = st.lists(st.tuples(st.sampled_from(WHAT), st.sampled_from("ABCP"), st.integers(0, 40)), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_history_has_no_gap_and_no_overlap_whatever_is_done_in_whatever_order(db, steps):
    owner, director = UserFactory(role="account_manager"), UserFactory(role="management")
    customer, at = CustomerFactory(owner=owner), clock.now() - dt.timedelta(days=500)
    for what, code, days in steps:
        at += dt.timedelta(days=days)
        try:
            with clock.frozen(at), transaction.atomic():
                _do(what, Customer.objects.get(pk=customer.pk), segment(code), owner, director, days)
                with connection.cursor() as cursor:
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        except BusinessRuleError:
            continue
    rows = strip(customer)
    for before, after in itertools.pairwise(rows):
        assert before[2] is not None
        assert before[2] <= after[1]
        assert before[2] == after[1] or before[3] in (EndKind.INACTIVE, EndKind.UNDONE)
    present = Membership.objects.present().filter(customer=customer).first()
    assert now_in(customer) == (present.segment if present else None)
    key = Membership.objects.filter(customer=customer, segment=segment("A"))
    assert all(row.kind == MoveKind.APPROVED or row.decided_by == director for row in key)


def _do(what, customer, wanted, owner, director, days):
    proposal = Proposal.objects.open().filter(customer=customer).first()
    if what == "set":
        segment_set(customer=customer, segment=wanted, user=owner)
    elif what == "propose":
        proposal_make(customer=customer, segment=wanted, user=owner)
    elif what == "approve" and proposal:
        proposal_approve(proposal=proposal, user=director)
    elif what == "reject" and proposal:
        proposal_reject(proposal=proposal, user=director, reason="Not now.")
    elif what == "undo":
        segment_undo(customer=customer, scheme=wanted.scheme, user=owner)
    elif what == "passive":
        customer_set_passive(customer=customer, reason="closed")
    elif what == "active":
        customer_set_active(customer=customer)
    elif what == "past":
        today, number = clock.today(), days + 1
        first, last = today - dt.timedelta(days=10 * number), today - dt.timedelta(days=number)
        about = {"number": 1, "customer_id": customer.pk, "decided_by": director, "decided_on": today}
        entry = PastMembership(segment=wanted, first=first, last=last if days % 2 else None, **about)
        memberships_load(scheme=wanted.scheme, entries=[entry])
