"""Segmentation work of the demo is loaded without triggers."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.tests.factories import UserFactory
from activities.log.models import Participation
from customers.tests.factories import CustomerFactory, ResponsibilityFactory
from demo.loading.bare_tables import without_triggers
from demo.loading.casework import _inquiry_load
from segmentation.schemes.models import Scheme


@pytest.mark.django_db
def test_the_question_to_a_former_owner_is_among_the_open_activities_of_that_person():
    manager = UserFactory(role="account_manager", is_demo=True)
    former = UserFactory(role="account_manager", is_demo=True)
    days = {"start": dt.date(2018, 1, 1), "end": dt.date(2019, 12, 31)}
    for _number in range(2):
        customer = CustomerFactory(owner=manager, is_demo=True)
        ResponsibilityFactory(customer=customer, user=former, role="owner", summary=False, **days)
    with without_triggers():
        _inquiry_load(manager, Scheme.objects.get(is_primary=True))
    task = Participation.objects.select_related("activity").get(user=former)
    assert task.due_at == task.start_at == task.activity.start
