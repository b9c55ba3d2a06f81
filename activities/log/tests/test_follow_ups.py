"""Logging and changing an activity with what was agreed and the series that it begins: all of it or nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.tests.factories import UserFactory
from activities.log.models import Activity, ActivityType
from activities.log.services.follow_ups import FollowUp, activity_change_with_follow_ups, activity_log_with_follow_ups
from activities.log.tests.factories import ActivityFactory, activity_type
from core.exceptions import BusinessRuleError
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def content(user):
    return {"user": user, "type": activity_type("call"), "title": "Offer discussed", "customer": CustomerFactory()}


def call_back(**changes):
    return FollowUp(title="Call back", due=timezone.localdate() + dt.timedelta(days=7), **changes)


def test_an_activity_is_logged_with_its_follow_up_and_its_series(content):
    colleague = UserFactory()
    activity = activity_log_with_follow_ups(
        **content, start=timezone.now(), follow_ups=[call_back(owner=colleague)], rule="FREQ=WEEKLY;COUNT=3"
    )
    assert list(activity.follow_ups.get().users.all()) == [colleague]
    assert activity.series.activities.count() == 3


def test_nothing_is_logged_when_the_rule_of_the_series_is_wrong(content):
    with pytest.raises(BusinessRuleError) as error:
        activity_log_with_follow_ups(**content, follow_ups=[call_back()], rule="FREQ=SOMETIMES")
    assert error.value.code == "rule_invalid"
    assert not Activity.objects.exists()


def test_a_change_makes_follow_ups(user):
    activity = ActivityFactory(created_by=user)
    activity_type("call")
    activity_change_with_follow_ups(
        activity=activity, user=user, changes={"title": "Met"}, follow_ups=[call_back()], version=activity.version
    )
    assert (Activity.objects.get(pk=activity.pk).title, activity.follow_ups.count()) == ("Met", 1)


def test_nothing_is_changed_when_a_follow_up_is_refused(user):
    activity = ActivityFactory(created_by=user, title="Talk")
    ActivityType.objects.filter(code__in=["call", "planning"]).update(retired_at=timezone.now())
    with pytest.raises(BusinessRuleError) as error:
        activity_change_with_follow_ups(
            activity=activity, user=user, changes={"title": "Met"}, follow_ups=[call_back()]
        )
    assert error.value.code == "type_required"
    assert Activity.objects.get(pk=activity.pk).title == "Talk"
