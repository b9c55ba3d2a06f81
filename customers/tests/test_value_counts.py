"""The menus of filters say how many rows each value has among the rows of the present list."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from core import value_counts
from customers.enums import BranchPurpose
from customers.models import ClassificationBranch, ClassificationNode, CustomerClassification
from customers.tests.factories import BranchFactory, ContactFactory, CustomerFactory, MunicipalityFactory, NodeFactory

pytestmark = pytest.mark.django_db
URL = reverse("customers:list")


@pytest.fixture(autouse=True)
def _own_rows(without):
    """Begin without branches and nodes."""
    without(ClassificationNode, ClassificationBranch)


@pytest.fixture
def user():
    return UserFactory(role="administrator", language="en")


@pytest.fixture
def page(user):
    client = Client()
    client.force_login(user)
    return client


def counts(page, name, url=URL, **query):
    answer = page.get(url, {"counts": name, **query})
    assert answer.status_code == 200, answer.content
    return answer.json()["counts"]


def test_values_are_counted_among_the_rows_of_the_other_filters(page):
    first, second = UserFactory(), UserFactory()
    espoo = MunicipalityFactory(name_fi="Espoo")
    CustomerFactory.create_batch(2, owner=first, municipality=espoo)
    CustomerFactory(owner=first)
    CustomerFactory(owner=second, municipality=espoo)
    assert counts(page, "owner") == {str(first.pk): 3, str(second.pk): 1}
    assert counts(page, "owner", municipality=espoo.pk) == {str(first.pk): 2, str(second.pk): 1}
    assert counts(page, "owner", owner=second.pk) == {str(first.pk): 3, str(second.pk): 1}  # not by its own value


def test_a_value_counts_the_rows_that_its_choice_shows(page):
    """Also passive customers are left out, as in the list."""
    owner = UserFactory()
    CustomerFactory.create_batch(2, owner=owner)
    CustomerFactory(owner=owner, passive=True)
    shown = page.get(URL, {"owner": owner.pk}).context["count"]
    assert counts(page, "owner") == {str(owner.pk): shown}


def test_a_class_counts_a_customer_of_two_classes_below_it_once(page):
    top = NodeFactory(branch=BranchFactory(purpose=BranchPurpose.INDUSTRY, is_multiple=True))
    below = [NodeFactory(parent=top), NodeFactory(parent=top)]
    customer = CustomerFactory()
    for node in below:
        CustomerClassification.objects.create(customer=customer, node=node)
    assert counts(page, "industry") == {str(node.pk): 1 for node in (top, *below)}


def test_a_filter_with_a_method_is_counted_value_by_value(page):
    CustomerFactory.create_batch(2)
    CustomerFactory(passive=True)
    assert counts(page, "state") == {"active": 2, "passive": 1, "all": 3}


def test_more_rows_than_can_be_counted_have_no_numbers(page, monkeypatch):
    CustomerFactory.create_batch(3, owner=UserFactory())
    monkeypatch.setattr("core.paging.count_up_to.__defaults__", (2,))
    assert page.get(URL, {"counts": "owner"}).json() == {"counts": {}, "is_exact": False}


def test_a_count_that_takes_too_long_is_given_up(page, monkeypatch):
    CustomerFactory(owner=UserFactory())
    monkeypatch.setattr(value_counts, "LONGEST", 0.001)
    monkeypatch.setattr(value_counts, "_counts", lambda *_args: _sleep())
    assert page.get(URL, {"counts": "owner"}).json() == {"counts": {}, "is_exact": False}


def _sleep():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")


@pytest.mark.parametrize("name", ["owner", "industry", "municipality", "state"])
def test_counting_costs_the_same_whatever_the_number_of_rows(page, django_assert_num_queries, name):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    node = NodeFactory(branch=BranchFactory(purpose=BranchPurpose.INDUSTRY))
    CustomerClassification.objects.create(customer=CustomerFactory(owner=UserFactory()), node=node)
    counts(page, name)
    with CaptureQueriesContext(connection) as captured:
        counts(page, name)
    for customer in CustomerFactory.create_batch(3, owner=UserFactory()):
        CustomerClassification.objects.create(customer=customer, node=node)
    with django_assert_num_queries(len(captured)):
        counts(page, name)


@pytest.mark.parametrize(
    "query", [{"counts": "nothing"}, {"counts": "owner", "owner": "x"}, {"counts": "owner", "x": "1"}]
)
def test_what_cannot_be_read_is_refused(page, query):
    assert page.get(URL, query).status_code == 400


def test_a_filter_that_the_user_may_not_use_is_not_counted():
    client = Client()
    client.force_login(UserFactory(role="account_manager"))
    CustomerFactory(passive=True)
    assert client.get(URL, {"counts": "state"}).status_code == 400


def test_contacts_are_counted_too(page):
    ContactFactory.create_batch(2, language="fi")
    ContactFactory(language="sv")
    assert counts(page, "language", reverse("customers:contacts")) == {"fi": 2, "sv": 1}


def test_a_class_has_a_short_name_in_lists_and_the_whole_one_as_the_tooltip(page):
    node = NodeFactory(branch=BranchFactory(purpose=BranchPurpose.GROUP), name_en="Buyers of all", short_en="Buyers")
    CustomerFactory(group=node)
    assert '<span title="Buyers of all">Buyers</span>' in page.get(URL).content.decode()
    assert node.short_name == "Buyers"
    assert NodeFactory(name_en="Others").short_name == "Others"


def test_an_empty_search_offers_to_add_what_was_searched_for(page):
    body = page.get(URL, {"q": "zzzqqq"}).content.decode()
    assert 'href="/customers/new/?name=zzzqqq"' in body
    assert 'value="zzzqqq"' in page.get("/customers/new/?name=zzzqqq").content.decode()
    contacts = page.get(reverse("customers:contacts"), {"q": "Aino Zzzqqq"}).content.decode()
    assert 'href="/contacts/new/?name=Aino+Zzzqqq"' in contacts
    form = page.get("/contacts/new/?name=Aino%20Zzzqqq").content.decode()
    assert ('value="Aino"' in form, 'value="Zzzqqq"' in form) == (True, True)


def test_who_may_not_add_customers_is_not_offered_to_add_what_was_searched_for():
    client = Client()
    client.force_login(UserFactory(role="read_only"))
    assert "/customers/new/" not in client.get(URL, {"q": "zzzqqq"}).content.decode()
