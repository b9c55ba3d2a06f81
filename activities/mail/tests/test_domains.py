"""The customers that a sender's domain suggests, and that they are found by an index."""

from __future__ import annotations

import pytest
from django.db import connection

from activities.mail.selectors import _OF_DOMAINS, customers_of_domains
from core import clock
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


def found(domain):
    return customers_of_domains([domain])[domain]


@pytest.mark.parametrize(
    "kwargs",
    [
        {"email": "Info@Yritys.fi"},
        {"website": "https://www.yritys.fi/yhteys"},
        {"website": "http://yritys.fi"},
    ],
)
def test_the_address_and_the_website_of_a_customer_suggest_it(kwargs):
    customer = CustomerFactory(**kwargs)
    assert found("yritys.fi") == [customer.pk]


def test_the_customer_with_most_addresses_comes_first():
    less, more = CustomerFactory(email="a@yritys.fi"), CustomerFactory(email="b@yritys.fi")
    ContactFactory(customer=more, email="c@yritys.fi")
    assert found("yritys.fi") == [more.pk, less.pk]


@pytest.mark.parametrize("domain", ["ritys.fi", "yritys.f", "fi", "posti.yritys.fi", "%", "yritys_fi"])
def test_a_part_of_a_domain_suggests_nobody(domain):
    CustomerFactory(email="a@yritys.fi", website="https://www.yritys.fi")
    assert found(domain) == []


def test_domains_are_found_by_their_indexes():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {_OF_DOMAINS}", {"domains": ["yritys.fi"], "today": clock.today()})
        plan = " ".join(line for (line,) in cursor.fetchall())
    for name in ("mail_domains_of_contacts", "mail_domains_of_customers", "mail_domains_of_websites"):
        assert name in plan
