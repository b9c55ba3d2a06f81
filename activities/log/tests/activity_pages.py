"""Helpers of the tests of the pages of activities."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.utils import timezone

from customers.tests.factories import CustomerFactory

DAY = dt.timedelta(days=1)


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def content(**changes):
    return {"title": "Offer discussed", "start": "2026-03-02T09:00", "customer": CustomerFactory().pk, **changes}


def text(response):
    return response.content.decode()


def local(year, month, day, hour, minute=0):
    return timezone.make_aware(dt.datetime(year, month, day, hour, minute))
