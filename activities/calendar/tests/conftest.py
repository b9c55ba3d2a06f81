"""Who owns the calendar, and a meeting of theirs tomorrow with all that a file can say of it."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from accounts.tests.factories import UserFactory
from activities.calendar.tests.files_of_calendars import tomorrow
from activities.log.enums import ActivityStatus
from activities.log.tests.factories import ActivityFactory, activity_type


@pytest.fixture(autouse=True)
def counters():
    cache.clear()


@pytest.fixture
def owner():
    return UserFactory(role="account_manager", email="owner@portaali.example")


@pytest.fixture
def meeting(owner):
    return ActivityFactory(
        type=activity_type("meeting"),
        title="Offer; with, commas\nand “quotes” äö 🎉",
        goal="Agree on the price",
        memo="<p>Secret memo</p>",
        place="Mannerheimintie 1",
        created_by=owner,
        participants=[owner],
        status=ActivityStatus.OPEN,
        start=tomorrow(),
        end=tomorrow(10),
    )
