"""Which team the team week opens with, and who is in it."""

import pytest

from accounts.tests.factories import TeamFactory, UserFactory
from activities.calendar.selectors.team import members_of, team_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(role="management")


def test_the_team_week_opens_with_a_team_of_sales_before_a_care_team(user):
    TeamFactory(name="A care", kind="care", members=[user])
    sales = TeamFactory(name="Sales", members=[user])
    assert team_of(user, "") == sales


def test_without_a_team_of_ones_own_it_opens_with_the_first_that_has_members(user):
    TeamFactory(name="A unit", kind="unit")
    TeamFactory(name="Care", kind="care", members=[UserFactory()])
    sales = TeamFactory(name="Sales", members=[UserFactory()])
    assert team_of(user, "") == sales


def test_the_week_of_a_unit_has_the_people_of_its_parts(user):
    unit = TeamFactory(name="Unit", kind="unit")
    TeamFactory(name="Sales", parent=unit, members=[user, UserFactory(is_active=False)])
    assert members_of(unit) == ([user], 1)
