"""Undo of an import of customers after their care plans have made work."""

from __future__ import annotations

import datetime as dt

import pytest

from activities.log.models import Activity
from careplans.plans.evaluations import care_refresh
from careplans.plans.models import ModelStay
from careplans.plans.tests.world import action, version_of
from careplans.work.models import CareWork
from careplans.work.services.works import work_confirm
from customers.models import Customer
from imports.tests.test_undo_customers import manager, regions, take  # noqa: F401
from imports.tests.undoing import undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned():
    """An imported customer with generated work from a care plan, and the run."""
    run = take("Nokian Konepaja;;;;;;")
    customer = Customer.objects.get(name="Nokian Konepaja")
    version = version_of()
    action(version, types=["call"])
    ModelStay.objects.create(customer=customer, model=version.model, first=dt.date(2026, 1, 1))
    care_refresh([customer.pk])
    assert CareWork.objects.filter(customer=customer).count() == 1
    return run


def test_untouched_work_from_a_care_plan_goes_with_its_customer(planned):
    undo(planned)
    assert not Customer.objects.filter(name="Nokian Konepaja").exists()
    assert not CareWork.objects.exists()
    assert not Activity.objects.exists()


def test_work_that_a_person_has_confirmed_keeps_its_customer(planned):
    work_confirm(work=CareWork.objects.get())
    undo(planned)
    assert CareWork.objects.get().activity.customer.name == "Nokian Konepaja"
