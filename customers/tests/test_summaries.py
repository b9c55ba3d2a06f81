from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from accounts.tests.factories import UserFactory
from customers.enums import BranchPurpose
from customers.models import (
    ClassificationBranch,
    ClassificationNode,
    CustomerClassification,
    CustomerSearch,
    CustomerSummary,
    Responsibility,
)
from customers.services.summaries import summaries_refresh
from customers.tests.factories import (
    AddressFactory,
    BranchFactory,
    CustomerFactory,
    MunicipalityFactory,
    NodeFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


def test_summary_has_the_owner_of_today():
    customer = CustomerFactory(owner=UserFactory())
    today = timezone.localdate()
    Responsibility.objects.update(end=today - dt.timedelta(days=1))
    new = UserFactory()
    Responsibility.objects.create(customer=customer, user=new, start=today)
    summaries_refresh([customer.pk])
    assert CustomerSummary.objects.get().owner == new


def test_summary_has_the_first_class_of_each_purpose():
    branch = BranchFactory(purpose=BranchPurpose.GROUP)
    first, second = NodeFactory(branch=branch), NodeFactory(branch=branch)
    customer = CustomerFactory(group=second)
    CustomerClassification.objects.create(customer=customer, node=first)
    CustomerClassification.objects.create(customer=customer, node=NodeFactory())
    summaries_refresh([customer.pk])
    summary = CustomerSummary.objects.get()
    assert (summary.group, summary.segment) == (first, None)


def test_summary_loses_what_is_taken_away():
    customer = CustomerFactory(owner=UserFactory())
    Responsibility.objects.all().delete()
    summaries_refresh([customer.pk])
    assert CustomerSummary.objects.get().owner is None


def test_search_text_holds_all_that_people_search_by():
    customer = CustomerFactory(
        name="Äänekosken Sähkö Oy",
        business_id="1234567-1",
        municipality=MunicipalityFactory(name_fi="Äänekoski"),
        phone="+358401234567",
        email="Info@Sahko.fi",
        numbers={"TOP": "8841"},
    )
    AddressFactory(customer=customer, city="Jyväskylä")
    summaries_refresh([customer.pk])
    text = CustomerSearch.objects.get().text
    for part in (
        " aanekosken sahko oy",
        "1234567-1",
        "12345671",
        "aanekoski",
        "jyvaskyla",
        "8841",
        "+3584012",
        "info@",
    ):
        assert part in text


def test_refresh_of_all_mends_every_customer():
    CustomerFactory.create_batch(3)
    CustomerSearch.objects.update(text="old")
    summaries_refresh()
    assert not CustomerSearch.objects.filter(text="old").exists()


def test_refresh_makes_a_text_that_is_missing():
    kept, lost = CustomerFactory(name="Pysyvä Oy"), CustomerFactory(name="Kadonnut Oy")
    summaries_refresh()
    CustomerSearch.objects.filter(customer=lost).delete()
    summaries_refresh()
    assert set(CustomerSearch.objects.values_list("customer", flat=True)) == {kept.pk, lost.pk}
    assert " kadonnut oy" in CustomerSearch.objects.get(customer=lost).text


def test_refresh_writes_no_text_that_is_right():
    CustomerFactory.create_batch(2)
    summaries_refresh()
    with connection.cursor() as cursor:
        cursor.execute("SELECT customer_id, ctid::text FROM customers_customersearch ORDER BY customer_id")
        before = cursor.fetchall()
        summaries_refresh()
        cursor.execute("SELECT customer_id, ctid::text FROM customers_customersearch ORDER BY customer_id")
        assert cursor.fetchall() == before
