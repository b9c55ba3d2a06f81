"""The number of rows of a very long list without a filter is that of last night."""

from __future__ import annotations

import datetime as dt

import pytest

from accounts.tests.factories import UserFactory
from core import clock, list_counts
from core.list_counts import lists_count
from core.models import ListCount
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db
TOTAL = {"total": "1"}


@pytest.fixture
def page(client, monkeypatch):
    """A page on which a list is very long from its second row on."""
    monkeypatch.setattr(list_counts, "count_up_to", lambda rows: (1, rows.count() > 1))
    client.force_login(UserFactory(language="en"))
    return client


def shown(page, url="/customers/", **query):
    return page.get(url, {**TOTAL, **query}).content.decode()


def test_long_list_without_a_filter_shows_the_number_of_last_night_and_when_it_was_counted(page):
    CustomerFactory.create_batch(2)
    CustomerFactory(passive=True)
    lists_count()
    CustomerFactory()
    text = shown(page)
    assert ">about 2<" in text
    assert "Counted on" in text


def test_filtered_list_and_one_that_was_never_counted_say_that_there_are_more(page):
    CustomerFactory.create_batch(2)
    assert shown(page) == "1+"
    lists_count()
    assert shown(page, language="fi") in ("0", "1+")
    assert "about" not in shown(page, language="fi")


def test_short_list_is_counted_exactly(page):
    CustomerFactory()
    lists_count()
    assert shown(page) == "1"


def test_old_number_is_not_shown(page):
    CustomerFactory.create_batch(2)
    lists_count()
    ListCount.objects.update(counted_at=clock.now() - dt.timedelta(days=4))
    assert shown(page) == "1+"


def test_hidden_contacts_are_counted_only_when_asked_for(page):
    ContactFactory.create_batch(2)
    ContactFactory(is_hidden=True)
    lists_count()
    assert ">about 2<" in shown(page, "/contacts/")
    page.force_login(UserFactory(grants=["customers.manage_passive"], language="en"))
    assert ">about 2<" in shown(page, "/contacts/")
    assert "about" not in shown(page, "/contacts/", state="all")
