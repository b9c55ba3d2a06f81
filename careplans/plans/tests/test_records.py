"""What adherence gets to know of customers, computed by hand: models, filters, approvals, inactivity, what was done."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from activities.mail.models import EmailMessage, EmailThread
from careplans.adherence.figures import figures_of, in_period
from careplans.caremodels.tests.factories import CareModelFactory
from careplans.plans.models import InactiveSpan, ModelStay, PlanApproval, PlanUpdate
from careplans.plans.records import read_plans, records
from careplans.plans.services.stays import stays_refresh
from careplans.plans.tests.world import (
    action,
    approval_model,
    at,
    contact_role,
    day,
    evaluated,
    log,
    member,
    over,
    plan,
    reasons,
    replaced_version_of,
    states,
    under,
    version_of,
)
from customers.models import ClassificationNode
from customers.tests.factories import ContactFactory, CustomerFactory, NodeFactory, PositionFactory
from segmentation.criteria.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
YEAR = day("2026-01-01"), day("2026-12-31")


# Adherence by hand


def test_adherence_of_a_monthly_contact(owner):
    """January done, February late by the second call of March, March done, April missed, May done already."""
    version = version_of()
    action(version)
    customer = under(version)
    for on in ("2026-01-10", "2026-03-02", "2026-03-20", "2026-05-03"):
        log(customer, on, user=owner)
    found = evaluated(customer, "2026-05-15", "2026-06-15")
    assert states(found) == [
        ("2026-01-31", "done"), ("2026-02-28", "late"), ("2026-03-31", "done"), ("2026-04-30", "missed"),
        ("2026-05-31", "coming"), ("2026-06-30", "coming"),
    ]  # fmt: skip
    figures = figures_of(in_period(found.occurrences["contact"], YEAR))
    assert (figures.due, figures.done, figures.adherence) == (4, 2, 50)
    assert figures.already_done == 1


def test_adherence_of_every_sixty_days(owner):
    """From 1 January: due 2 March, window from 18 February to 14 March; done on 5 March, so next 4 May ± 12."""
    version = version_of()
    action(version, frequency="every", count=60)
    customer = under(version)
    log(customer, "2026-03-05", user=owner)
    found = evaluated(customer, "2026-05-20")
    assert states(found)[:2] == [("2026-03-05", "done"), ("2026-05-16", "missed")]
    assert found.occurrences["contact"][1].due == day("2026-05-04")


def test_a_customer_that_enters_in_the_second_half_of_a_window_is_asked_for_nothing_in_it():
    version = version_of()
    action(version)
    customer = under(version, "2026-03-18")
    assert over(evaluated(customer, "2026-05-05")) == ["2026-04-30"]


def test_a_new_version_of_the_model_makes_what_is_due_from_its_day():
    model = CareModelFactory()
    old = replaced_version_of(model, "2026-03-31")
    new = version_of(model, "2026-04-01", number=2)
    action(old)
    action(new, count=3)
    customer = under(old)
    assert over(evaluated(customer, "2026-07-05")) == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-06-30",
    ]  # fmt: skip


def test_an_inactive_customer_is_asked_for_nothing():
    version = version_of()
    action(version)
    customer = under(version)
    InactiveSpan.objects.create(customer=customer, first=day("2026-02-10"), last=day("2026-04-05"))
    lasts = over(evaluated(customer, "2026-06-05"))
    assert lasts == ["2026-01-31", "2026-04-30", "2026-05-31"]


def test_a_group_that_is_removed_on_the_due_day_asks_for_nothing():
    node = NodeFactory()
    version = version_of(CareModelFactory(segment=None, node=node))
    action(version)
    customer = CustomerFactory()
    row = customer.classifications.create(node=node)
    stays_refresh([customer.pk], today=day("2026-01-01"))
    row.delete()
    stays_refresh([customer.pk], today=day("2026-02-28"))
    assert states(evaluated(customer, "2026-04-05")) == [("2026-01-31", "missed")]


def test_the_stricter_of_two_models_applies_and_the_action_is_there_once():
    weekly, monthly = version_of(), version_of(CareModelFactory(segment=SegmentFactory()))
    action(weekly, frequency="weeks", count=1)
    action(monthly)
    customer = under(weekly, "2026-01-01")
    ModelStay.objects.create(customer=customer, model=monthly.model, first=day("2026-01-01"))
    found = plan(customer, "2026-02-01").line("contact")
    assert found.action.origin == weekly
    assert [other.origin for other in found.others] == [monthly]


def test_an_update_of_the_plan_completes_its_action():
    version = version_of()
    action(version, code="plan_update", completed_by=["plan"], count=12, scope="internal", is_contact=False)
    customer = under(version)
    PlanUpdate.objects.create(customer=customer, day=day("2026-06-01"))
    found = evaluated(customer, "2027-01-05")
    assert states(found, "plan_update")[0] == ("2026-12-31", "done")


def test_an_action_that_nothing_can_track_is_in_no_figure():
    version = version_of()
    action(version, code="card", completed_by=["campaign"])
    customer = under(version)
    assert {state for _last, state in states(evaluated(customer, "2026-04-05"), "card")} == {"untracked"}
    assert plan(customer, "2026-04-05").figures.due == 0


def test_an_action_follows_its_event(owner):
    """The segment changed on 10 March; a contact is due 14 days later."""
    first, second = version_of(), version_of(CareModelFactory(segment=SegmentFactory()))
    second.model.segment.scheme.feeds_care_models = True
    second.model.segment.scheme.save()
    action(second, frequency="event", event="segment_changed", count=None, delay=14)
    customer = CustomerFactory()
    start = SegmentFactory(scheme=second.model.segment.scheme)
    member(customer, start, "2026-01-01", "2026-03-10")
    member(customer, second.model.segment, "2026-03-10")
    stays_refresh([customer.pk])
    found = evaluated(customer, "2026-04-05")
    assert [(str(one.due), one.state.value) for one in found.occurrences["contact"]] == [("2026-03-24", "missed")]
    assert first.pk != second.pk


# Filters


@pytest.fixture
def version():
    return version_of()


def counted(customer, on: str = "2026-02-05") -> bool:
    return states(evaluated(customer, on))[0] == ("2026-01-31", "done")


@pytest.mark.parametrize(("code", "counts"), [("visit", True), ("call", False)])
def test_the_type_decides_where_the_action_names_types(code, counts, version, owner):
    action(version, types=["visit", "meeting"])
    customer = under(version)
    log(customer, "2026-01-10", code, user=owner, goal="To agree", memo="Agreed.", contacts=[])
    assert counted(customer) == counts


def test_without_types_every_contact_counts_and_work_for_the_customer_does_not(version, owner):
    action(version)
    customer = under(version)
    log(customer, "2026-01-10", "customer_work", user=owner, hours=Decimal(1))
    assert not counted(customer)


@pytest.mark.parametrize(("minutes", "counts"), [(29, False), (30, True)])
def test_the_shortest_length_decides(minutes, counts, version, owner):
    action(version, minimum_minutes=30)
    customer = under(version)
    start = at("2026-01-10")
    log(customer, "2026-01-10", user=owner, start=start, end=start + dt.timedelta(minutes=minutes))
    assert counted(customer) == counts


@pytest.mark.parametrize(("is_of_role", "counts"), [(True, True), (False, False)])
def test_the_role_of_the_contact_decides(is_of_role, counts, version, owner):
    role = contact_role()
    action(version, contact_role=role)
    customer = under(version)
    contact = ContactFactory(customer=customer)
    if is_of_role:
        contact.classifications.create(node=role)
    log(customer, "2026-01-10", user=owner, contacts=[contact])
    assert counted(customer) == counts


@pytest.mark.parametrize(
    ("about", "counts"),
    [({}, True), ({"start": day("2026-01-10"), "end": day("2026-01-10")}, True), ({"start": day("2026-01-11")}, False),
     ({"end": day("2026-01-09")}, False)],
)  # fmt: skip
def test_a_decision_maker_is_who_has_that_position_on_the_day(about, counts, version, owner):
    action(version, decision_maker_only=True)
    customer, maker = under(version), ClassificationNode.objects.get(code="decision_maker")
    contact = ContactFactory(customer=customer)
    contact.positions.update(role=maker, **about)
    log(customer, "2026-01-10", user=owner, contacts=[contact])
    assert counted(customer) == counts


def test_a_decision_maker_of_another_customer_is_none_here(version, owner):
    action(version, decision_maker_only=True)
    customer, maker = under(version), ClassificationNode.objects.get(code="decision_maker")
    contact = ContactFactory(customer=customer)
    PositionFactory(contact=contact, customer=CustomerFactory(), role=maker)
    log(customer, "2026-01-10", user=owner, contacts=[contact])
    assert not counted(customer)


@pytest.mark.parametrize(("wanted", "counts"), [("in", True), ("out", False), ("", True)])
def test_the_direction_of_an_email_decides(wanted, counts, version, owner):
    action(version, direction=wanted)
    customer = under(version)
    message = log(customer, "2026-01-10", "email", user=owner)
    EmailMessage.objects.create(
        activity=message, thread=EmailThread.objects.create(subject="Question"), direction="in", state="filed",
        message_id="q@example.com", sender="asker@example.com", subject="Question",
    )  # fmt: skip
    assert counted(customer) == counts


def test_the_filter_of_the_version_of_its_day_decides(owner):
    model = CareModelFactory()
    old = replaced_version_of(model, "2026-01-31")
    new = version_of(model, "2026-02-01", number=2)
    action(old, types=["visit"])
    action(new)
    customer = under(old)
    for on in ("2026-01-10", "2026-02-10"):
        log(customer, on, user=owner)
    assert states(evaluated(customer, "2026-03-05"))[:2] == [("2026-01-31", "missed"), ("2026-02-28", "done")]


def test_what_is_more_than_was_asked_is_extra(version, owner):
    action(version)
    customer = under(version)
    for on in ("2026-01-10", "2026-01-20"):
        log(customer, on, user=owner)
    assert reasons(evaluated(customer, "2026-02-05")) == {"2026-01-10": "counted", "2026-01-20": "extra"}


# Approvals


def approve(customer, version, on: str) -> None:
    PlanApproval.objects.update_or_create(
        customer=customer, model_version=version,
        defaults={"status": "approved", "asked_on": day(on), "decided_on": day(on)},
    )  # fmt: skip


def test_in_a_segment_that_needs_approval_nothing_is_due_before_it():
    version = version_of(approval_model())
    action(version)
    customer = under(version)
    assert records([customer.pk], day("2026-05-05"))[customer.pk].histories == {}


def test_a_plan_takes_effect_on_the_day_of_its_approval():
    version = version_of(approval_model())
    action(version)
    customer = under(version)
    approve(customer, version, "2026-03-05")
    assert over(evaluated(customer, "2026-05-05")) == ["2026-03-31", "2026-04-30"]


def test_the_version_before_goes_on_until_the_next_one_is_approved():
    model = approval_model()
    old = replaced_version_of(model, "2026-03-31")
    new = version_of(model, "2026-04-01", number=2)
    action(old)
    action(new, count=3)
    customer = under(old)
    approve(customer, old, "2026-01-01")
    found = over(evaluated(customer, "2026-07-05"))
    assert found == [f"2026-0{month}" for month in ("1-31", "2-28", "3-31", "4-30", "5-31", "6-30")]
    approve(customer, new, "2026-04-20")
    found = over(evaluated(customer, "2026-07-05"))
    assert found == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-06-30"]


# Many at once


def test_the_number_of_queries_does_not_grow_with_the_customers(owner):
    version = version_of()
    action(version, types=["call"])
    action(version, code="meeting", frequency="every", count=90)
    customers = [under(version) for _number in range(8)]
    for customer in customers:
        log(customer, "2026-01-10", user=owner)
    with CaptureQueriesContext(connection) as one:
        read_plans([customers[0].pk], day("2026-05-05"))
    with CaptureQueriesContext(connection) as many:
        read_plans([customer.pk for customer in customers], day("2026-05-05"))
    assert len(one) == len(many) <= 30
