"""The workload of a version, computed by hand: hours by person and week, the first week that is over 100 %."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Team
from accounts.tests.factories import UserFactory
from activities.calendar.models import WorkTarget
from careplans.caremodels.models import ActionResponsible, CareAction, ModelVersion
from careplans.caremodels.tests.factories import (
    CareActionFactory,
    CareModelFactory,
    ModelVersionFactory,
    approved_version,
)
from careplans.caremodels.workload import Row, WhatIf, Workload, workload
from core import clock
from customers.models import ClassificationNode, CustomerClassification
from customers.tests.factories import CustomerFactory
from segmentation.criteria.tests.factories import SegmentFactory
from segmentation.membership.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db
#: A Monday, the first day of week 49. November 2026 has 21 working days, December too: Christmas Eve and Christmas
#: Day are none. 1 January 2027 is a Friday, Epiphany (6 January) a Wednesday.
DAY = dt.date(2026, 11, 30)
CHRISTMAS, NEW_YEAR = dt.date(2026, 12, 21), dt.date(2026, 12, 28)


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.frozen(dt.datetime(2026, 11, 30, 10, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def anna() -> Any:
    """She has 10 hours a week: 2 hours each working day."""
    person = UserFactory(role="account_manager", first_name="Anna", last_name="Aalto")
    WorkTarget.objects.create(user=person, hours=10)
    return person


@pytest.fixture
def draft() -> ModelVersion:
    return ModelVersionFactory()


def monthly(version: ModelVersion, **about: Any) -> CareAction:
    """An hour for each customer and month."""
    return CareActionFactory(version=version, **{"code": "talk", "duration": 45, "travel": 15, **about})


def customers(count: int, segment: Any, owner: Any = None) -> list[Any]:
    rows = [CustomerFactory(owner=owner) for _number in range(count)]
    for row in rows:
        MembershipFactory(customer=row, segment=segment)
    return rows


def row_of(found: Workload, label: str) -> Row:
    return next(row for row in found.rows if row.label == label)


def test_hours_by_the_calendar_fall_evenly_on_the_working_days(draft, anna):
    monthly(draft)
    customers(10, draft.model.segment, anna)
    row = row_of(workload(draft, DAY), "Anna Aalto")
    # 30 November is one of 21 days, 1 to 4 December are four of 21: 10 customers × 1 h × 5/21.
    assert row.hours[DAY] == Fraction(50, 21)
    assert row.load(DAY).percent == 24  # of 10 h: 23.8 %, rounded up
    # 21 to 23 December: 10 × 3/21 of 3 × 2 h = 6 h: 23.8 %
    assert (row.hours[CHRISTMAS], row.available[CHRISTMAS]) == (Fraction(30, 21), 6)
    assert row.load(CHRISTMAS).percent == 24


def test_the_first_week_with_more_work_than_time_is_named(draft, anna):
    monthly(draft, frequency="every", count=7)
    customers(10, draft.model.segment, anna)
    found = workload(draft, DAY)
    row = row_of(found, "Anna Aalto")
    assert row.hours[DAY] == 10  # each week: 10 customers × 1 h
    assert row.load(DAY).percent == 100  # of 10 h: not more than the time
    assert row.load(CHRISTMAS).percent == 167  # of 6 h
    assert found.first_over == (row, CHRISTMAS)


def test_what_if_less_often(draft, anna):
    action = monthly(draft, frequency="every", count=7)
    customers(10, draft.model.segment, anna)
    found = workload(draft, DAY, WhatIf(action.pk, 14))
    row = row_of(found, "Anna Aalto")
    assert row.hours[DAY] == 5
    assert row.load(CHRISTMAS).percent == 84  # 5 of 6 h
    assert row.load(NEW_YEAR).percent == 63  # 5 of 8 h: 62.5 %
    assert found.first_over is None


def test_the_version_takes_the_place_of_the_present_one(anna):
    present = approved_version(valid_from=dt.date(2026, 1, 1))
    monthly(present, frequency="every", count=7)
    draft = ModelVersionFactory(model=present.model, number=2)
    monthly(draft, frequency="every", count=14)
    customers(2, present.model.segment, anna)
    row = row_of(workload(draft, DAY), "Anna Aalto")
    assert (row.total, row.before) == (26, 52)  # 26 weeks: 2 customers × 1 h × 1/2, before 2 × 1


def test_a_customer_of_two_models_has_an_action_once_the_stricter_one(draft, anna):
    other = approved_version(valid_from=dt.date(2026, 1, 1))
    monthly(other, frequency="every", count=7)
    monthly(draft, frequency="every", count=14)
    (customer,) = customers(1, draft.model.segment, anna)
    MembershipFactory(customer=customer, segment=other.model.segment)
    assert row_of(workload(draft, DAY), "Anna Aalto").total == 26  # an hour each week


def test_inactive_customers_and_those_elsewhere_have_no_work(draft, anna):
    monthly(draft)
    customers(1, draft.model.segment, anna)
    MembershipFactory(customer=CustomerFactory(owner=anna, passive=True), segment=draft.model.segment)
    CustomerFactory(owner=anna)
    found = workload(draft, DAY)
    assert found.customers == 1


def test_without_a_holder_the_next_one_has_it_and_in_the_end_nobody(draft):
    action = monthly(draft, frequency="every", count=7)
    customers(2, draft.model.segment)
    assert [row.label for row in workload(draft, DAY).rows] == ["nobody"]
    team = Team.objects.create(name="Coordinators")
    ActionResponsible.objects.create(action=action, order=2, team=team)
    assert [row.label for row in workload(draft, DAY).rows] == ["nobody"]
    team.members.add(UserFactory(first_name="Bo", last_name="Berg"))
    assert [row.label for row in workload(draft, DAY).rows] == ["Bo Berg"]
    team.members.add(UserFactory())
    found = workload(draft, DAY)
    assert [(row.label, row.load(DAY).percent) for row in found.rows] == [("Coordinators", None)]
    assert found.first_over is None


def test_what_cannot_be_foreseen_is_left_out_and_named(draft, anna):
    once = monthly(draft, code="first", frequency="once", count=14)
    untracked = monthly(draft, code="card", completed_by=["campaign"])
    customers(1, draft.model.segment, anna)
    found = workload(draft, DAY)
    assert found.left_out == [once, untracked]
    assert found.rows == []


def test_a_model_of_a_class_has_the_customers_of_its_parts(anna):
    parent = ClassificationNode.objects.get(code="manufacturing")
    draft = ModelVersionFactory(model=CareModelFactory(segment=None, node=parent))
    monthly(draft)
    metal = ClassificationNode.objects.get(code="metal")
    CustomerClassification.objects.create(customer=CustomerFactory(owner=anna), node=metal)
    assert workload(draft, DAY).customers == 1


def test_the_queries_do_not_grow_with_the_customers(draft, anna, django_assert_max_num_queries):
    monthly(draft)
    customers(8, draft.model.segment, anna)
    with django_assert_max_num_queries(30):
        workload(draft, DAY)


def test_the_page_says_who_has_too_much_and_tries_another_number(draft, anna, keeper, reader):
    action = monthly(draft, frequency="every", count=7)
    customers(10, draft.model.segment, anna)
    client, url = Client(), reverse("caremodels:workload", args=[draft.pk])
    client.force_login(keeper)
    page = client.get(url).content.decode()
    assert "Anna Aalto has more work than time first in week 52" in page
    page = client.get(url, {"action": action.pk, "count": 14}).content.decode()
    assert "Nobody has more work than time" in page
    assert "Give the number" in client.get(url, {"action": action.pk}).content.decode()
    client.force_login(reader)
    assert client.get(url).status_code == 403


def test_in_short_it_says_the_hours_and_how_many_more_they_are(anna, keeper, english):
    present = approved_version(valid_from=dt.date(2026, 1, 1))
    monthly(present, frequency="every", count=14)
    draft = ModelVersionFactory(model=present.model, number=2)
    monthly(draft, frequency="every", count=7)
    customers(2, present.model.segment, anna)
    client, url = Client(), reverse("caremodels:workload", args=[draft.pk])
    client.force_login(keeper)
    note = client.get(url, {"late": "note"}).content.decode()
    # 26 weeks: 2 customers × 1 h, before × 1/2
    assert "take 52 h in the coming 26 weeks: +26 h compared with now" in note
    assert "<html" not in note
    CareAction.objects.filter(version=draft).update(count=14)
    assert "take 26 h in the coming 26 weeks: 0 h compared" in client.get(url, {"late": "note"}).content.decode()


def test_a_segment_without_customers_has_no_work():
    draft = ModelVersionFactory(model=CareModelFactory(segment=SegmentFactory(scheme__feeds_care_models=True)))
    monthly(draft)
    assert workload(draft, DAY).rows == []


@pytest.mark.parametrize(("today", "first"), [(30, 30), (29, 30), (24, 30), (23, 23)])
def test_it_begins_with_the_first_whole_week(today, first, draft):
    assert workload(draft, dt.date(2026, 11, today)).weeks[0] == dt.date(2026, 11, first)
