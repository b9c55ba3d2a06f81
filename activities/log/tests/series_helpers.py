"""Helpers of the tests of series."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.services.series import series_make
from core.exceptions import BusinessRuleError

HELSINKI = ZoneInfo("Europe/Helsinki")
WEEK = dt.timedelta(weeks=1)


def coming_day(weekday=0, hour=9):
    """The next Monday (0) at nine in Helsinki, at least a day ahead."""
    day = timezone.localdate() + dt.timedelta(days=2)
    day += dt.timedelta(days=(weekday - day.weekday()) % 7)
    return dt.datetime.combine(day, dt.time(hour), tzinfo=HELSINKI)


def rows(series):
    return list(series.activities.order_by("start"))


def refused(code, call, **kwargs):
    with pytest.raises(BusinessRuleError) as caught:
        call(**kwargs)
    assert caught.value.code == code


def set_done(activity):
    """Write it as done, whenever it begins: older data has such rows."""
    Activity.objects.filter(pk=activity.pk).update(status=ActivityStatus.DONE)


def make(first, owner, rule="FREQ=WEEKLY;BYDAY=MO"):
    return series_make(activity=first, user=owner, rule=rule)


# Pages


def client_of(user):
    client = Client()
    client.force_login(user)
    return client
