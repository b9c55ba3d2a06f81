"""Inactive rows of a list that is filtered by a selection stay when the list is saved."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory
from core.tests.bulk import bulk, outcome
from customers.saved_views.models import SavedView
from customers.saved_views.services import view_create
from customers.selections.models import Selection
from customers.selections.rows import rows_of
from customers.selections.services import selection_create
from customers.selections.tests.conftest import rule, selection_of
from customers.selections.tests.test_filter import rows
from customers.selections.tests.test_list_conditions import posted
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db
URL = "/customers/"
BOTH = ["Kone", "Kone, ended"]


@pytest.fixture
def keeper():
    return UserFactory(grants=["customers.manage_passive"], language="en")


@pytest.fixture
def page(client, keeper):
    client.force_login(keeper)
    return client


@pytest.fixture
def machines(keeper):
    CustomerFactory(name="Kone")
    CustomerFactory(name="Kone, ended", passive=True)
    named = rule("customer.name", op="contains", text="kone")
    return selection_of(keeper, named, name="Koneet", includes_inactive=True)


def either(selection):
    """Return a group that no filter of the list says: in the selection, or with another name."""
    parts = [
        {"id": 21, "field": "customer.selection", "values": {"op": "is", "rows": [selection.pk]}},
        {"id": 22, "field": "customer.name", "values": {"op": "contains", "text": "zzz"}},
    ]
    return {"id": 20, "join": "any", "parts": parts}


def test_selection_that_is_saved_of_the_list_has_them(page, keeper, machines):
    page.post("/selections/save/", {"of": "customers", "query": f"selection={machines.pk}"})
    made = Selection.objects.exclude(pk=machines.pk).get()
    assert sorted(row.name for row in rows_of(made, keeper)) == BOTH


def test_view_that_is_saved_of_the_list_has_them(page, keeper, machines):
    view_create(user=keeper, list="customers:list", query=f"selection={machines.pk}", name="Oma")
    assert rows(page.get(SavedView.objects.get().list_url, follow=True)) == BOTH


def test_deeper_conditions_of_the_list_have_them_and_so_has_what_is_saved_of_it(page, keeper, machines):
    answer = posted(page, "", either(machines))
    assert rows(page.get(answer.url)) == BOTH
    page.post("/selections/save/", {"of": "customers", "query": answer.url.partition("?")[2]})
    made = Selection.objects.named().exclude(pk=machines.pk).get()
    assert sorted(row.name for row in rows_of(made, keeper)) == BOTH


def test_selection_that_leaves_them_out_brings_none_into_deeper_conditions(page, machines):
    Selection.objects.update(includes_inactive=False)
    assert rows(page.get(posted(page, "", either(machines)).url)) == ["Kone"]


def test_selection_that_is_left_out_asks_for_no_inactive_rows(page, machines):
    CustomerFactory(name="Other")
    CustomerFactory(name="Other, ended", passive=True)
    part = {"id": 20, "join": "none", "parts": [either(machines)["parts"][0]]}
    assert rows(page.get(posted(page, "", part).url)) == ["Other"]


def test_contacts_follow_their_own_selection(client, keeper):
    client.force_login(keeper)
    ContactFactory(last_name="Aalto", is_hidden=False)
    ContactFactory(last_name="Aaltonen", is_hidden=True)
    named = rule("contact.last_name", op="begins", text="aalto")
    wide = selection_of(keeper, named, of="contacts", includes_inactive=True)
    narrow = selection_of(keeper, named, of="contacts", name="Vain aktiiviset")

    def names(query):
        table = client.get("/contacts/", query).context["table"]
        return sorted(row.object.last_name for row in table.rows)

    assert names({"selection": wide.pk}) == ["Aalto", "Aaltonen"]
    assert names({"selection": narrow.pk}) == ["Aalto"]
    client.post("/selections/save/", {"of": "contacts", "query": f"selection={wide.pk}"})
    made = Selection.objects.latest("pk")
    assert sorted(row.last_name for row in rows_of(made, keeper)) == ["Aalto", "Aaltonen"]


def test_new_frozen_selection_of_chosen_rows_shows_the_inactive_ones_too(keeper):
    customers = [CustomerFactory(), CustomerFactory(passive=True)]
    bulk(keeper, "selections.add_customers", customers, name="Uusi")
    assert set(rows_of(Selection.objects.get(name="Uusi"), keeper)) == set(customers)


def test_frozen_selection_without_inactive_rows_takes_none(keeper):
    frozen = selection_create(user=keeper, of="customers", tree=None, kind="frozen", name="Jäädytetty")
    active, ended = CustomerFactory(), CustomerFactory(passive=True)
    run = bulk(keeper, "selections.add_customers", [active, ended], selection=frozen.pk)
    assert (outcome(run, active)[0], outcome(run, ended)) == ("changed", ("refused", "inactive"))
