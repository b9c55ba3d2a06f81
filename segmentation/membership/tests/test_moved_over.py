"""What the migration makes of the segments that the classification had, and of what names them."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from django.db import connection

from customers.models import CustomerClassification, CustomerSummary
from customers.tests.factories import BranchFactory, CustomerFactory, NodeFactory
from segmentation.membership.models import Membership
from segmentation.schemes.models import Scheme, Segment

pytestmark = pytest.mark.django_db
START = dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def classes():
    """The classes A and B of a segment branch, as they were, with segments of the same ids."""
    branch = BranchFactory(purpose="segment")
    scheme = Scheme.objects.create(code="old", name_fi="Vanha", name_en="Old")
    found = {}
    for code in "AB":
        node = NodeFactory(branch=branch, code=code)
        Segment.objects.create(id=node.pk, scheme=scheme, code=code, name_fi=code, name_en=code)
        found[code] = node
    return found


def moved_over():
    migration = import_module("segmentation.membership.migrations.0001_initial")
    with connection.cursor() as cursor:
        cursor.execute(migration.FILL)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


EVENTS = CustomerClassification.pgh_event_model


def given(customer, node, at=None, until=None):
    """Write a class of a customer with the history that the triggers would have kept; without ``at`` it has none."""
    table = EVENTS._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")  # the history is append-only
    row = CustomerClassification.objects.create(customer=customer, node=node)
    events = EVENTS.objects.filter(pgh_obj_id=row.pk)
    if at is None:
        events.delete()
        return
    CustomerClassification.objects.filter(pk=row.pk).update(assigned_at=at)
    EVENTS.objects.filter(pgh_obj_id=row.pk, pgh_label="update").delete()
    EVENTS.objects.filter(pgh_obj_id=row.pk).update(pgh_created_at=at)
    if until:
        pk = row.pk
        row.delete()
        EVENTS.objects.filter(pgh_obj_id=pk, pgh_label="delete").update(pgh_created_at=until)


def strip(customer):
    rows = Membership.objects.filter(customer=customer).order_by("period")
    return [(row.segment.code, row.start, row.end, row.ended_as) for row in rows]


def test_each_class_lasts_until_the_next_one_without_a_gap(classes):
    customer, later = CustomerFactory(), START + dt.timedelta(days=30)
    given(customer, classes["A"], START, until=START + dt.timedelta(days=20))
    given(customer, classes["B"], later)
    moved_over()
    assert strip(customer) == [("A", START, later, ""), ("B", later, None, "")]


def test_a_class_that_was_loaded_without_a_history_is_kept(classes):
    customer = CustomerFactory()
    given(customer, classes["B"])
    moved_over()
    [(code, _start, end, _ended)] = strip(customer)
    assert (code, end) == ("B", None)


def test_the_segment_of_an_inactive_customer_has_ended(classes):
    customer = CustomerFactory(passive=True)
    CustomerClassification.objects.create(customer=customer, node=classes["B"])
    moved_over()
    assert [row[3] for row in strip(customer)] == ["inactive"]
    assert CustomerSummary.objects.get(pk=customer.pk).segment is None


def test_a_condition_on_classes_that_names_segments_becomes_one_on_segments():
    migration = import_module("customers.selections.migrations.0005_segment_references")
    inner = {"id": 4, "field": "customer.class", "values": {"op": "is"}}
    tree = {"id": 1, "join": "all", "parts": [{"id": 3, "join": "any", "parts": [inner]}]}
    assert migration.rename(tree, 4)
    assert inner["field"] == "customer.segment"
    assert not migration.rename(tree, 9)
