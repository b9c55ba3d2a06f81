"""Helpers of the tests of the calendar."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.utils import timezone

from activities.log.tests.factories import ActivityFactory

FEED = "/calendar/events/"


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def local(*parts):
    return timezone.make_aware(dt.datetime(*parts))


def on_tuesday(owner, **fields):
    defaults = {"created_by": owner, "start": local(2026, 3, 3, 9), "end": local(2026, 3, 3, 10)}
    return ActivityFactory(**(defaults | fields))
