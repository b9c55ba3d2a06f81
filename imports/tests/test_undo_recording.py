"""An import's own changes can be recognised among others' by the contexts that it keeps."""

from __future__ import annotations

import pghistory
import pytest

from customers.models import Customer
from imports.tests.helpers import run_import

pytestmark = pytest.mark.django_db


def contexts_of(customer: Customer) -> list:
    events = customer.pgh_event_model.objects.filter(pgh_obj_id=customer.pk).order_by("pgh_id")
    return list(events.values_list("pgh_context_id", flat=True))


def test_an_import_knows_its_changes_from_those_of_others():
    first = run_import("nimi;maa\nAcme;Suomi\n")
    with pghistory.context(user=None):
        customer = Customer.objects.get(name="Acme")
        customer.phone = "+358401234567"
        customer.save()
    second = run_import("nimi;maa\nAcme;Ruotsi\n")
    first.refresh_from_db()
    second.refresh_from_db()
    created, changed, imported = contexts_of(customer)
    assert (first.contexts, second.contexts) == ([created], [imported])
    assert changed not in (created, imported)


def test_a_check_keeps_nothing():
    run = run_import("nimi\nAcme\n", dry_run=True)
    run.refresh_from_db()
    assert run.contexts == []
