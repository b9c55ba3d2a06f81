"""Bulk operation: customers and contacts into a frozen selection, and out again by an undo."""

from __future__ import annotations

import pytest

from core.exceptions import BusinessRuleError
from core.tests.bulk import bulk, draft, outcome, undo
from customers.selections import bulk as operations
from customers.selections.models import Selection
from customers.selections.rows import rows_of
from customers.selections.services import members_add, selection_create
from customers.tests.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db
ADD = "selections.add_customers"


def frozen(user, of="customers"):
    return selection_create(user=user, of=of, tree=None, kind="frozen", name="Jäädytetty")


def members(selection, user):
    return set(rows_of(selection, user))


def test_customers_are_added_and_an_undo_takes_out_only_those(user):
    selection, new, old = frozen(user), CustomerFactory(), CustomerFactory()
    members_add(selection=selection, user=user, ids=[old.pk])
    run = bulk(user, ADD, [new, old], selection=selection.pk)
    assert (outcome(run, new), outcome(run, old)) == (("changed", ""), ("unchanged", "is_in"))
    assert members(selection, user) == {new, old}
    run = undo(run)
    assert (run.undone, run.kept) == (1, 0)
    assert members(selection, user) == {old}


def test_new_selection_is_made_by_its_name_with_all_batches(user, monkeypatch):
    monkeypatch.setattr(operations.AddOperation, "batch", 1)
    customers = [CustomerFactory(), CustomerFactory()]
    bulk(user, ADD, customers, name="Uusi")
    assert members(Selection.objects.get(owner=user, name="Uusi", kind="frozen"), user) == set(customers)


def test_contacts_are_added(user):
    selection, contact = frozen(user, "contacts"), ContactFactory()
    bulk(user, "selections.add_contacts", [contact], selection=selection.pk)
    assert members(selection, user) == {contact}


def test_preview_adds_nothing(user):
    run = draft(user, ADD, [CustomerFactory()], name="Uusi")
    assert run.rows.filter(status="waiting").count() == 1
    assert not Selection.objects.exists()


def test_selection_of_others_or_without_a_name_is_refused(user, django_user_model):
    other = frozen(django_user_model.objects.create(username="other"))
    for params in ({"selection": other.pk}, {}):
        with pytest.raises(BusinessRuleError) as error:
            draft(user, ADD, [CustomerFactory()], **params)
        assert error.value.field == "selection"


def test_full_selection_takes_no_more(user, monkeypatch):
    monkeypatch.setattr(operations, "MOST_MEMBERS", 1)
    first, second = CustomerFactory(), CustomerFactory()
    run = bulk(user, ADD, [first, second], selection=frozen(user).pk)
    assert (outcome(run, first), outcome(run, second)) == (("changed", ""), ("refused", "full"))
