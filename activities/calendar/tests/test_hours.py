"""Hours by week: counting, visibility, entering, copying a week, exports, targets; the team week."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.tests.factories import TeamFactory, UserFactory
from activities.calendar.selectors.hours import last_weeks, week_hours
from activities.calendar.tests.hours_pages import MONDAY, cell, client_of, hours_url, local, own_work, work
from activities.log.enums import ActivityStatus
from activities.log.tests.factories import activity_type
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", last_name="Virtanen")


@pytest.fixture
def page(owner):
    return client_of(owner)


# What counts


def test_hours_that_are_written_count(owner):
    work(owner, hours=Decimal("2.25"))
    assert week_hours(owner, MONDAY).total == Decimal("2.25")


def test_a_done_activity_without_hours_counts_by_its_length(owner):
    work(owner)
    assert week_hours(owner, MONDAY).total == Decimal("1.5")


def test_an_open_activity_without_hours_is_planned(owner):
    work(owner, status=ActivityStatus.OPEN)
    week = week_hours(owner, MONDAY)
    assert (week.total, week.planned) == (0, Decimal("1.5"))


def test_a_length_counts_for_eight_hours_at_most(owner):
    work(owner, end=local(2026, 3, 5, 16))
    assert week_hours(owner, MONDAY).total == 8


def test_an_activity_without_end_or_hours_counts_for_nothing(owner):
    work(owner, end=None)
    assert week_hours(owner, MONDAY).total == 0


def test_types_that_are_not_work_time_are_left_out(owner):
    work(owner, type=activity_type("memo"), hours=3)
    assert week_hours(owner, MONDAY).total == 0


def test_every_participant_has_the_hours(owner):
    second = UserFactory()
    work(owner, participants=[owner, second], hours=2)
    assert week_hours(second, MONDAY).total == week_hours(owner, MONDAY).total == 2


def test_rows_are_types_and_customers_with_other_customer_work_first(owner):
    customer = CustomerFactory(name="Aktia")
    work(owner, customer=customer, hours=1)
    work(owner, customer=customer, hours=2)
    own_work(owner, hours=4)
    rows = [(str(row.type), str(row.customer or ""), row.total) for row in week_hours(owner, MONDAY).rows]
    assert rows == [("Customer work", "", 4), ("Call", "Aktia", 3)]


def test_days_add_up(owner):
    work(owner, hours=1)
    work(owner, hours=2, start=local(2026, 3, 8, 23, 30), end=None)
    assert week_hours(owner, MONDAY).sums == [0, 1, 0, 0, 0, 0, 2]


def test_a_week_ends_at_midnight_of_the_clock(owner):
    work(owner, hours=1, start=local(2026, 3, 9), end=None)
    work(owner, hours=2, start=local(2026, 3, 2), end=None)
    assert week_hours(owner, MONDAY).total == 2


def test_the_night_when_summer_time_begins_is_an_hour_shorter(owner):
    work(owner, start=local(2026, 3, 29, 1), end=local(2026, 3, 29, 5))
    assert week_hours(owner, dt.date(2026, 3, 29)).total == 3


def test_the_night_when_summer_time_ends_is_an_hour_longer(owner):
    work(owner, start=local(2026, 10, 25, 1), end=local(2026, 10, 25, 5))
    assert week_hours(owner, dt.date(2026, 10, 25)).total == 5


def test_the_last_twelve_weeks_are_summed(owner):
    work(owner, hours=1)
    work(owner, hours=2, start=local(2026, 2, 24, 9), end=None)
    sums = last_weeks(owner, MONDAY)
    assert (len(sums), [row.hours for row in sums[:3]], sums[0].number) == (12, [1, 2, 0], 10)


def test_rule_2_hours_with_a_customer_made_passive_stay_and_its_name_goes(page, owner):
    work(owner, hours=2, customer=CustomerFactory(name="Piilosana Oy", passive=True))
    response = page.get(hours_url())
    assert response.context["week"].total == 2
    assert "Piilosana" not in response.content.decode()


def test_rule_2_hours_with_a_customer_made_passive_are_not_changed(page, owner):
    activity = work(owner, hours=2, customer=CustomerFactory(passive=True))
    name = cell(activity.type, activity.customer)
    assert page.post(hours_url(), {name: "9", f"was-{name}": "2"}).status_code == 422
    activity.refresh_from_db()
    assert activity.hours == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_row_and_three(page, owner, rows, django_assert_num_queries):
    for _ in range(rows):
        work(owner)
    page.get(hours_url())
    with django_assert_num_queries(COST_OF_HOURS):
        page.get(hours_url())


COST_OF_HOURS = 11


# The people of the hours that a user sees


def test_hours_of_others_are_not_for_colleagues(owner):
    assert client_of(UserFactory(role="account_manager")).get(hours_url(user=owner.pk)).status_code == 403


@pytest.mark.parametrize("how", ["manager", "leader", "management", "administrator"])
def test_managers_leaders_management_and_administrators_see_hours(owner, how):
    role = how if how in ("management", "administrator") else "account_manager"
    boss = UserFactory(role=role)
    if how == "manager":
        owner.manager = boss
        owner.save()
    if how == "leader":
        TeamFactory(leader=boss, members=[owner])
    work(owner, hours=7)
    response = client_of(boss).get(hours_url(user=owner.pk))
    assert (response.status_code, response.context["week"].total) == (200, 7)
    assert b'name="h-' not in response.content  # to look at, not to write


@pytest.mark.parametrize("user", ["0", "x", "999999", "9" * 40, "\x00"])
def test_someone_who_is_not_there_is_refused(page, user):
    assert page.get(hours_url(user=user)).status_code == 400


def test_nobody_writes_anothers_hours(owner):
    boss = UserFactory(role="administrator")
    activity = own_work(owner)
    response = client_of(boss).post(hours_url(user=owner.pk), {cell(activity.type): "5"})
    assert response.status_code == 403
    activity.refresh_from_db()
    assert activity.hours is None
