"""What a selection finds: the same person, changes of classes, inactive customers, references that have gone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import UserFactory
from core import clock
from core.conditions import tree as trees
from core.conditions.forms import checked
from core.conditions.tree import TreeError
from core.exceptions import BusinessRuleError
from customers.models import Consent, CustomerClassification
from customers.selections import rows, store
from customers.selections.models import ClassReference, SegmentReference, Selection
from customers.selections.rows import rows_of
from customers.selections.services import (
    members_add,
    members_remove,
    selection_change,
    selection_copy,
    selection_freeze,
)
from customers.selections.sharing import shared_delete
from customers.selections.tests.conftest import group, kind, role, rule, selection_of
from customers.services.classification import CLASSES
from customers.tests.factories import ContactFactory, CustomerFactory
from offers.products.services import GROUPS
from offers.products.tests.factories import product_group
from segmentation.membership.tests.factories import segment
from segmentation.schemes.services.schemes import segment_set_retired

pytestmark = pytest.mark.django_db


def names(selection, user):
    return [row.name for row in rows_of(selection, user).order_by("sort_key")]


def test_conditions_on_a_person_hold_for_the_same_person(user):
    both, apart = CustomerFactory(name="Both"), CustomerFactory(name="Apart")
    boss = ContactFactory(customer=both, customer__role=role("decision_maker"))
    other = ContactFactory(customer=apart)
    ContactFactory(customer=apart, customer__role=role("decision_maker"))
    for contact in (boss, other):
        Consent.objects.create(contact=contact, channel="email", is_given=True, source="form")
    person = group(
        rule("person.role", op="is", rows=[role("decision_maker").pk]),
        rule("person.consent", channel="email", answer="yes"),
        relation="person",
    )
    assert names(selection_of(user, person), user) == ["Both"]


def test_class_given_and_class_removed_in_a_period(user):
    new, old, lost = (CustomerFactory(name=name, group=kind()) for name in ("New", "Old", "Lost"))
    year_ago = clock.now() - dt.timedelta(days=365)
    CustomerClassification.objects.filter(customer=old).update(assigned_at=year_ago)
    CustomerClassification.objects.filter(customer=lost).delete()
    about = {"rows": [kind().pk], "when": "last", "days": 30}
    assert names(selection_of(user, rule("customer.class_change", change="entered", **about)), user) == ["New"]
    assert names(selection_of(user, rule("customer.class_change", change="left", **about)), user) == ["Lost"]
    assert new.pk


def test_my_customers_are_those_of_the_user_who_looks(user):
    colleague = UserFactory()
    CustomerFactory(name="Mine", owner=user)
    CustomerFactory(name="Theirs", owner=colleague)
    selection = selection_of(user, rule("customer.owner", op="me"))
    assert names(selection, user) == ["Mine"]
    assert names(selection, colleague) == ["Theirs"]


def test_inactive_customers_only_when_asked_for_and_for_those_who_may_see_them():
    keeper, other = UserFactory(grants=["customers.manage_passive"]), UserFactory()
    CustomerFactory(name="Active")
    CustomerFactory(name="Gone", passive=True)
    condition = rule("customer.name", op="contains", text="e")
    assert names(selection_of(keeper, condition), keeper) == ["Active"]
    wide = selection_of(keeper, condition, includes_inactive=True)
    assert names(wide, keeper) == ["Active", "Gone"]
    assert names(wide, other) == ["Active"]


def test_condition_on_the_state_finds_nothing_for_users_who_may_not_see_it():
    keeper, other = UserFactory(grants=["customers.manage_passive"]), UserFactory()
    CustomerFactory(name="Active")
    selection = selection_of(keeper, rule("customer.state", op="is", values=["active"]))
    assert names(selection, keeper) == ["Active"]
    assert names(selection, other) == []


def test_merged_class_is_the_other_one_in_selections_too(user):
    CustomerFactory(name="C", group=kind("authorities"))
    selection = selection_of(user, rule("customer.group", op="is", rows=[kind().pk, kind("authorities").pk]))
    CLASSES.merge(kind(), kind("authorities"))
    assert ClassReference.objects.filter(selection=selection).count() == 1
    assert names(selection, user) == ["C"]
    assert not store.read(selection).faults


def test_retired_class_is_a_fault_and_still_found(user):
    CustomerFactory(name="B", group=kind())
    selection = selection_of(user, rule("customer.group", op="is", rows=[kind().pk]))
    CLASSES.retire(kind())
    assert [fault.text for fault in store.read(selection).faults] == [f"Class “{kind()}” was retired."]
    assert names(selection, user) == ["B"]


def test_deleted_class_is_a_fault_and_the_condition_finds_nothing(user):
    CustomerFactory(name="Any")
    group = CLASSES.add(branch=kind().branch, name_fi="Säätiöt", name_en="Foundations")
    name = str(group)
    selection = selection_of(user, rule("customer.group", op="is_not", rows=[group.pk]))
    CLASSES.delete(group)
    assert [fault.text for fault in store.read(selection).faults] == [f"Class “{name}” was deleted."]
    assert names(selection, user) == []


def test_retired_segment_is_a_fault_and_still_found(user):
    CustomerFactory(name="B", segment=segment("B"))
    selection = selection_of(user, rule("customer.segment", op="is", rows=[segment("B").pk]))
    segment_set_retired(segment=segment("B"), retired=True)
    assert [fault.text for fault in store.read(selection).faults] == [f"Segment “{segment('B')}” was retired."]
    assert names(selection, user) == ["B"]


def test_user_who_has_left_is_a_fault(user):
    colleague = UserFactory(first_name="Liisa", last_name="Lähtö")
    selection = selection_of(user, rule("customer.owner", op="is", rows=[colleague.pk]))
    colleague.is_active = False
    colleague.save()
    assert [fault.text for fault in store.read(selection).faults] == ["User “Liisa Lähtö” is not active any more."]


def test_selection_in_a_condition_is_found_and_its_deletion_is_a_fault(user):
    CustomerFactory(name="Kone")
    CustomerFactory(name="Talo")
    inner = selection_of(user, rule("customer.name", op="contains", text="kone"), name="Koneet")
    outer = selection_of(user, group(rule("customer.selection", op="is", rows=[inner.pk]), join="none"))
    assert names(outer, user) == ["Talo"]
    shared_delete(inner)
    assert [fault.text for fault in store.read(outer).faults] == ["Selection “Koneet” was deleted."]
    assert names(outer, user) == []  # not those who were to be left out


def test_rows_that_have_gone_are_not_any_rows(user):
    CustomerFactory(name="Any")
    gone = product_group("Gone")
    selection = selection_of(user, rule("customer.bought", amount="none", groups=[gone.pk], when="ever"))
    assert names(selection, user) == ["Any"]
    GROUPS.delete(gone)
    assert [fault.text for fault in store.read(selection).faults] == ["Product group “Gone” was deleted."]
    assert names(selection, user) == []
    copy = selection_copy(selection=selection, user=user)
    assert [fault.text for fault in store.read(copy).faults] == ["What the condition named was deleted."]
    assert names(copy, user) == []
    with pytest.raises(TreeError, match="at least one"):  # nor when it is sent back as it was read
        checked(store.read(selection).tree, "customer", user)


@pytest.mark.parametrize("when", ["between", "not_since"])
def test_period_without_its_days_is_refused(user, when):
    with pytest.raises(TreeError, match="Fill this in"):
        selection_of(user, rule("customer.last_contact", when=when))


def test_period_may_be_open_at_one_end(user):
    CustomerFactory(name="New")
    assert names(selection_of(user, rule("customer.created", **{"when": "between", "to": "2000-01-01"})), user) == []
    assert names(selection_of(user, rule("customer.created", **{"when": "between", "from": "2000-01-01"})), user)


def test_last_day_of_the_calendar_is_no_error(user):
    CustomerFactory(name="New")
    tree = trees.read(group(rule("customer.created", **{"when": "between", "to": "9999-12-31"})))
    assert rows.rows_of_tree(tree, "customers", "customer", user, includes_inactive=False).count() == 1
    with pytest.raises(TreeError, match="between 1900 and 2199"):
        checked(tree, "customer", user)


def test_selection_cannot_name_itself_through_others(user):
    first = selection_of(user, rule("customer.name", op="contains", text="a"), name="First")
    second = selection_of(user, rule("customer.selection", op="is", rows=[first.pk]), name="Second")
    tree = store.read(second).tree
    looped = replace(tree, parts=(replace(tree.parts[0], values={"op": "is", "rows": [second.pk]}),))
    with pytest.raises(BusinessRuleError, match="names the selection itself"):
        selection_change(selection=first, user=user, tree=looped)


def test_condition_is_kept_in_words_in_both_languages(user):
    selection = selection_of(user, rule("customer.segment", op="is", rows=[segment("B").pk]))
    assert selection.words_en == f"Segment: {segment('B').name_en}"
    assert selection.words_fi == f"Segmentti: {segment('B').name_fi}"


def test_rows_of_a_condition_are_foreign_keys_and_not_in_its_json(user):
    selection = selection_of(user, rule("customer.segment", op="is", rows=[segment("B").pk]))
    stored = Selection.objects.get(pk=selection.pk).condition
    assert stored["parts"][0]["values"] == {"op": "is"}
    assert SegmentReference.objects.get(selection=selection).target == segment("B")


def test_frozen_selection_stays_as_it_was(user):
    customer = CustomerFactory(name="Kone")
    live = selection_of(user, rule("customer.name", op="contains", text="kone"))
    frozen = selection_freeze(selection=live, user=user, name="Frozen")
    customer.name = "Talo"
    customer.save()
    CustomerFactory(name="Kone 2")
    assert names(frozen, user) == ["Talo"]
    assert names(live, user) == ["Kone 2"]


def test_rows_are_added_to_a_frozen_selection_once_and_taken_out(user):
    customer, hidden = CustomerFactory(name="A"), CustomerFactory(passive=True)
    live = selection_of(user, rule("customer.name", op="contains", text="x"))
    frozen = selection_freeze(selection=live, user=user, name="Frozen")
    assert members_add(selection=frozen, user=user, ids=[customer.pk, hidden.pk]) == [customer.pk]
    assert members_add(selection=frozen, user=user, ids=[customer.pk]) == []
    assert names(frozen, user) == ["A"]
    assert members_remove(selection=frozen, ids=[customer.pk]) == 1
    with pytest.raises(BusinessRuleError):
        members_add(selection=live, user=user, ids=[customer.pk])


def test_far_more_rows_than_are_counted_are_known_by_a_sample(user, monkeypatch):
    """Without the sample PostgreSQL may read whole tables for the first 10,000 rows of a nested condition."""
    monkeypatch.setattr(rows, "MANY", 4)
    monkeypatch.setattr(rows, "SAMPLE", 10**9)  # every id
    for number in range(6):
        CustomerFactory(name=f"Many {number}")
    selection = selection_of(user, rule("customer.name", op="contains", text="many"))
    with CaptureQueriesContext(connection) as queries:
        found = rows_of(selection, user)
    assert found.more_than == rows.COUNT_LIMIT
    assert not any("LIMIT 10001" in query["sql"] for query in queries)
    assert found.by_row.count() == 6
    CustomerFactory(name="Other")
    few = rows_of(selection_of(user, rule("customer.name", op="contains", text="other")), user)
    assert not hasattr(few, "more_than")
    assert [row.name for row in few] == ["Other"]
