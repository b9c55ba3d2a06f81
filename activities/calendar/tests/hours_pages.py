"""Helpers of the tests of the pages of hours."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from activities.log.tests.factories import ActivityFactory, activity_type

MONDAY = dt.date(2026, 3, 2)
WEEK = {"week": "2026-03-02"}


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def local(*parts):
    return timezone.make_aware(dt.datetime(*parts))


def work(owner, **fields):
    defaults = {"created_by": owner, "start": local(2026, 3, 3, 9), "end": local(2026, 3, 3, 10, 30)}
    return ActivityFactory(**(defaults | fields))


def own_work(owner, **fields):
    return work(owner, **({"type": activity_type("customer_work"), "customer": None} | fields))


def hours_url(**query):
    return reverse("calendar:hours", query=WEEK | query)


def cell(kind, customer=None, day="20260303"):
    return f"h-{kind.pk}-{customer.pk if customer else 0}-{day}"
