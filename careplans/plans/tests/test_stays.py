"""On which days care models are customers'."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pgtrigger
import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from careplans.caremodels.models import CareModel
from careplans.caremodels.tests.factories import CareModelFactory, ModelVersionFactory, approved_version
from careplans.plans.models import ModelStay, PlanApproval
from careplans.plans.services.stays import stays_refresh, stays_refresh_models
from core import clock
from customers.models import ClassificationNode, CustomerClassification
from customers.services.classification import CLASSES
from customers.tests.factories import CustomerFactory, NodeFactory
from segmentation.criteria.tests.factories import SegmentFactory
from segmentation.membership.models import Membership
from segmentation.membership.services.moves import segment_set
from tests.security.test_two_connections import at_once

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Helsinki")
TODAY = dt.date(2026, 11, 20)


def at(day: str, time: str = "12:00") -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=ZONE)


def member(customer: Any, segment: Any, start: dt.datetime, end: dt.datetime | None = None, **about: Any) -> Any:
    period = DateTimeTZRange(start, end, "[)")
    scheme = segment.scheme
    values = {"period": period, "scheme": scheme, "is_exclusive": scheme.is_exclusive, "decided_at": start, **about}
    return Membership.objects.create(customer=customer, segment=segment, **values)


def stays(customer: Any, model: Any = None) -> list[tuple[str, str]]:
    rows = ModelStay.objects.filter(customer=customer).order_by("first")
    rows = rows.filter(model=model) if model else rows
    return [(str(row.first), str(row.last or "")) for row in rows]


@pytest.fixture
def customer() -> Any:
    return CustomerFactory()


@pytest.fixture
def models() -> Any:
    """Two models of segments of one scheme."""
    first = CareModelFactory()
    return first, CareModelFactory(segment=SegmentFactory(scheme=first.segment.scheme))


@pytest.fixture
def captured(django_capture_on_commit_callbacks: Any) -> Any:
    """Do what is called after a commit, without what the rows of the test have already left to be called."""

    def capture() -> Any:
        connection.run_on_commit.clear()
        return django_capture_on_commit_callbacks(execute=True)

    return capture


def refresh(*customers: Any, today: dt.date = TODAY) -> int:
    return stays_refresh([customer.pk for customer in customers], today=today)


# Segments


def test_a_stay_begins_on_the_day_on_which_the_customer_enters_the_segment(customer, models):
    member(customer, models[0].segment, at("2026-11-03", "23:59"))
    refresh(customer)
    assert stays(customer) == [("2026-11-03", "")]


def test_on_the_day_of_a_move_the_segment_at_its_end_counts(customer, models):
    first, second = models
    member(customer, first.segment, at("2026-11-03"), at("2026-11-10", "09:00"))
    member(customer, second.segment, at("2026-11-10", "09:00"))
    refresh(customer)
    assert stays(customer, first) == [("2026-11-03", "2026-11-09")]
    assert stays(customer, second) == [("2026-11-10", "")]


def test_a_move_at_midnight_of_the_organisation_ends_the_day_before(customer, models):
    first, second = models
    member(customer, first.segment, at("2026-11-03"), at("2026-11-10", "00:00"))
    member(customer, second.segment, at("2026-11-10", "00:00"))
    refresh(customer)
    assert stays(customer, first) == [("2026-11-03", "2026-11-09")]


def test_back_and_forth_on_one_day_never_happened(customer, models):
    first, second = models
    member(customer, first.segment, at("2026-11-03"), at("2026-11-10", "09:00"))
    member(customer, second.segment, at("2026-11-10", "09:00"), at("2026-11-10", "15:00"))
    member(customer, first.segment, at("2026-11-10", "15:00"))
    refresh(customer)
    assert stays(customer) == [("2026-11-03", "")]


def test_a_return_on_a_later_day_is_a_stay_of_its_own(customer, models):
    first, second = models
    member(customer, first.segment, at("2026-11-03"), at("2026-11-10"))
    member(customer, second.segment, at("2026-11-10"), at("2026-11-11"))
    member(customer, first.segment, at("2026-11-11"))
    refresh(customer)
    assert stays(customer, first) == [("2026-11-03", "2026-11-09"), ("2026-11-11", "")]


def test_a_backdated_import_of_memberships_moves_the_beginning(customer, models):
    row = member(customer, models[0].segment, at("2026-11-03"))
    refresh(customer)
    row.period = DateTimeTZRange(at("2025-02-01"), None, "[)")
    row.save()
    refresh(customer)
    assert stays(customer) == [("2025-02-01", "")]


def test_a_membership_that_ends_in_the_past_closes_the_stay(customer, models):
    first, second = models
    row = member(customer, first.segment, at("2026-11-03"))
    refresh(customer)
    row.period = DateTimeTZRange(at("2026-11-03"), at("2026-11-07"), "[)")
    row.save()
    member(customer, second.segment, at("2026-11-07"))
    refresh(customer)
    assert stays(customer, first) == [("2026-11-03", "2026-11-06")]


def test_a_retired_model_has_no_days_from_its_retirement(customer, models):
    member(customer, models[0].segment, at("2026-11-03"))
    models[0].retired_at = at("2026-11-15")
    models[0].save()
    refresh(customer)
    assert stays(customer) == [("2026-11-03", "2026-11-14")]


def test_a_second_run_writes_nothing(customer, models):
    node = NodeFactory()
    CareModelFactory(segment=None, node=node)
    customer.classifications.create(node=node)
    member(customer, models[0].segment, at("2026-11-03"))
    assert refresh(customer) == 2
    assert refresh(customer) == 0


def test_without_ids_all_customers_are_brought_up_to_date(models):
    customers = [CustomerFactory() for _number in range(3)]
    for one in customers:
        member(one, models[0].segment, at("2026-11-03"))
    stays_refresh(today=TODAY)
    assert ModelStay.objects.filter(customer__in=customers).count() == 3


def test_a_new_model_is_that_of_the_customers_in_its_segment(customer):
    segment = SegmentFactory()
    member(customer, segment, at("2026-11-03"))
    model = CareModelFactory(segment=segment)
    stays_refresh_models([model.pk])
    assert stays(customer, model) == [("2026-11-03", "")]


def test_setting_a_segment_refreshes_the_stays_after_the_commit(customer, models, keeper, captured, tasks_at_once):
    with captured():
        segment_set(customer=customer, segment=models[0].segment, user=keeper)
    assert stays(customer) == [(str(clock.today()), "")]


# Classes


def test_joining_a_group_begins_a_stay_today(customer):
    node = NodeFactory()
    model = CareModelFactory(segment=None, node=node)
    customer.classifications.create(node=node)
    refresh(customer)
    assert stays(customer, model) == [(str(TODAY), "")]


def test_a_class_below_that_of_the_model_counts(customer):
    node = NodeFactory()
    model = CareModelFactory(segment=None, node=node)
    customer.classifications.create(node=NodeFactory(parent=node))
    refresh(customer)
    assert stays(customer, model) == [(str(TODAY), "")]


def test_a_group_that_is_removed_ends_the_stay_on_the_day_before(customer):
    node = NodeFactory()
    CareModelFactory(segment=None, node=node)
    row = customer.classifications.create(node=node)
    refresh(customer)
    row.delete()
    refresh(customer, today=TODAY + dt.timedelta(days=10))
    assert stays(customer) == [("2026-11-20", "2026-11-29")]


def test_a_group_that_is_removed_on_the_day_on_which_it_was_given_never_was(customer):
    node = NodeFactory()
    CareModelFactory(segment=None, node=node)
    row = customer.classifications.create(node=node)
    refresh(customer)
    row.delete()
    refresh(customer)
    assert stays(customer) == []


def test_a_group_that_is_given_back_on_the_same_day_was_never_removed(customer):
    node = NodeFactory()
    CareModelFactory(segment=None, node=node)
    row = customer.classifications.create(node=node)
    refresh(customer)
    later = TODAY + dt.timedelta(days=10)
    row.delete()
    refresh(customer, today=later)
    customer.classifications.create(node=node)
    refresh(customer, today=later)
    assert stays(customer) == [("2026-11-20", "")]


# Classes by their history


def taken_away(row: CustomerClassification, on: dt.date) -> None:
    """Remove a class as if on a day: the database dates its history by its own clock."""
    at = dt.datetime(on.year, on.month, on.day, 10, tzinfo=dt.UTC)
    about = (at, row.assigned_at, row.pk, row.pk, row.customer_id, row.node_id)
    with pgtrigger.ignore():
        row.delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO customers_customerclassificationevent"
            " (pgh_created_at, assigned_at, pgh_label, id, pgh_obj_id, customer_id, node_id)"
            " VALUES (%s, %s, 'delete', %s, %s, %s, %s)",
            about,
        )


def test_a_class_that_is_seen_late_counts_from_the_day_on_which_it_was_given(customer):
    node, given = NodeFactory(), timezone.localdate()
    model = CareModelFactory(segment=None, node=node)
    customer.classifications.create(node=node)
    refresh(customer, today=given + dt.timedelta(days=5))
    assert stays(customer, model) == [(str(given), "")]


def test_a_class_that_is_seen_late_to_be_gone_ends_on_the_day_before_it_was_taken_away(customer):
    node, given = NodeFactory(), timezone.localdate()
    model = CareModelFactory(segment=None, node=node)
    row = customer.classifications.create(node=node)
    refresh(customer, today=given)
    taken_away(row, given + dt.timedelta(days=3))
    refresh(customer, today=given + dt.timedelta(days=10))
    assert stays(customer, model) == [(str(given), str(given + dt.timedelta(days=2)))]


def test_a_class_that_is_seen_late_to_be_taken_away_on_its_first_day_never_was(customer):
    node, given = NodeFactory(), timezone.localdate()
    CareModelFactory(segment=None, node=node)
    row = customer.classifications.create(node=node)
    refresh(customer, today=given)
    row.delete()
    refresh(customer, today=given + dt.timedelta(days=10))
    assert stays(customer) == []


@pytest.mark.parametrize("change", ["model retired", "class moved"])
def test_a_class_that_is_held_counts_until_its_model_changes_whatever_was_taken_away_before(customer, change):
    node, given = NodeFactory(), timezone.localdate()
    model = CareModelFactory(segment=None, node=node)
    first, second = (NodeFactory(parent=ClassificationNode.objects.get(pk=node.pk)) for _number in range(2))
    row = customer.classifications.create(node=first)
    customer.classifications.create(node=second)
    refresh(customer, today=given)
    taken_away(row, given + dt.timedelta(days=3))
    if change == "model retired":
        CareModel.objects.filter(pk=model.pk).update(retired_at=timezone.now() + dt.timedelta(days=10))
    else:
        CLASSES.move(second, NodeFactory(branch=node.branch))
    refresh(customer, today=given + dt.timedelta(days=10))
    assert stays(customer, model) == [(str(given), str(given + dt.timedelta(days=9)))]


def test_a_class_that_was_given_again_is_a_stay_of_its_own(customer):
    node, given = NodeFactory(), timezone.localdate()
    model = CareModelFactory(segment=None, node=node)
    ModelStay.objects.create(
        customer=customer, model=model, first=given - dt.timedelta(days=90), last=given - dt.timedelta(days=30)
    )
    customer.classifications.create(node=node)
    refresh(customer, today=given + dt.timedelta(days=5))
    assert stays(customer, model)[1] == (str(given), "")


# Approvals


def test_a_plan_in_a_segment_that_needs_approval_waits_for_management(customer):
    version = approved_version(CareModelFactory(segment=SegmentFactory(needs_approval=True)))
    member(customer, version.model.segment, at("2026-11-03"))
    refresh(customer)
    approval = PlanApproval.objects.get(customer=customer)
    assert (approval.model_version, approval.status, approval.asked_on) == (version, "waiting", TODAY)


def test_a_plan_in_another_segment_waits_for_nobody(customer):
    version = approved_version()
    member(customer, version.model.segment, at("2026-11-03"))
    refresh(customer)
    assert not PlanApproval.objects.exists()


def test_a_draft_of_a_model_waits_for_nobody(customer):
    version = ModelVersionFactory(model=CareModelFactory(segment=SegmentFactory(needs_approval=True)))
    member(customer, version.model.segment, at("2026-11-03"))
    refresh(customer)
    assert not PlanApproval.objects.exists()


def test_a_plan_that_waits_is_withdrawn_when_the_customer_leaves_the_segment(customer):
    version = approved_version(CareModelFactory(segment=SegmentFactory(needs_approval=True)))
    other = SegmentFactory(scheme=version.model.segment.scheme)
    row = member(customer, version.model.segment, at("2026-11-03"))
    refresh(customer)
    row.period = DateTimeTZRange(at("2026-11-03"), at("2026-11-19"), "[)")
    row.save()
    member(customer, other, at("2026-11-19"))
    refresh(customer)
    assert not PlanApproval.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_write_each_stay_once():
    model = CareModelFactory()
    customers = [CustomerFactory() for _number in range(5)]
    for one in customers:
        member(one, model.segment, at("2026-11-03"))
    ids = [one.pk for one in customers]

    def run() -> int:
        return stays_refresh(ids, today=TODAY)

    assert sorted(at_once(run, run)) == [0, 5]
    assert ModelStay.objects.filter(model=model).count() == 5
