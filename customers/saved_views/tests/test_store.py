"""What a view keeps of a list, and what has gone since."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps

from accounts.tests.factories import UserFactory
from core.exceptions import BusinessRuleError
from customers.saved_views import store
from customers.saved_views.lists import list_class
from customers.saved_views.models import SavedView
from customers.saved_views.services import view_change
from customers.saved_views.tests.conftest import view_of
from customers.selections.models import ClassReference, SegmentReference, UserReference
from customers.selections.tests.conftest import kind
from customers.services.classification import CLASSES
from customers.tests.factories import NodeFactory
from segmentation.membership.tests.factories import SchemeFactory, SegmentFactory, segment
from segmentation.schemes.services.schemes import segment_set_retired

pytestmark = pytest.mark.django_db


def test_view_stands_for_the_filters_the_order_and_the_columns_it_was_saved_with(user):
    b = segment("B")
    query = f"segment={b.pk}&owner={user.pk}&last_contact=60&sort=-name&columns=name&columns=owner"
    view = view_of(user, query)
    stored = store.read(SavedView.objects.get(pk=view.pk))
    assert stored.query.getlist("segment") == [str(b.pk)]
    assert stored.query.getlist("owner") == [str(user.pk)]
    assert stored.query["last_contact"] == "60"
    assert (stored.query["sort"], stored.query.getlist("columns")) == ("-name", ["name", "owner"])


def test_rows_that_filters_name_are_kept_as_references_and_not_in_the_tree(user):
    view = view_of(user, f"segment={segment('B').pk}&mine=true")
    parts = {part["field"]: part["values"] for part in view.condition["parts"]}
    assert parts == {"customers:list.segment": {}, "customers:list.mine": {"values": ["true"]}}
    assert SegmentReference.objects.get(view=view).target == segment("B")


def test_view_says_what_it_shows_in_both_languages(user):
    view = view_of(user, f"segment={segment('B').pk}&mine=true&sort=-name")
    assert view.words_en == f"My customers; Segment: {segment('B')}; sorted by Customer, descending"
    assert view.words_fi.startswith("Omat asiakkaat; Segmentti: ")


def test_a_view_with_the_former_filter_of_all_schemes_gets_one_for_each(user):
    one, other = (SegmentFactory(scheme=SchemeFactory()) for _number in range(2))
    view = view_of(user, f"segment_{one.scheme_id}={one.pk}&mine=true")
    mine, kept = view.condition["parts"]
    if kept["field"].endswith(".mine"):
        mine, kept = kept, mine
    view.condition["parts"] = [mine, {**kept, "field": "customers:list.further_segment"}]
    view.save()
    SegmentReference.objects.create(view=view, rule=kept["id"], operand="rows", target=other, label="Other")
    importlib.import_module("customers.saved_views.migrations.0003_filter_of_each_scheme").split_views(apps, None)
    stored = store.read(SavedView.objects.get(pk=view.pk))
    assert {name: stored.query[name] for name in stored.query if name.startswith("segment_")} == {
        f"segment_{one.scheme_id}": str(one.pk),
        f"segment_{other.scheme_id}": str(other.pk),
    }
    assert stored.query["mine"] == "true"
    assert not stored.faults


def test_a_view_of_segments_that_are_gone_does_not_show_everything(user):
    one = SegmentFactory(scheme=SchemeFactory())
    view = view_of(user, f"segment_{one.scheme_id}={one.pk}")
    view.condition["parts"][0]["field"] = "customers:list.further_segment"
    view.save()
    SegmentReference.objects.filter(view=view).update(target=None)
    importlib.import_module("customers.saved_views.migrations.0003_filter_of_each_scheme").split_views(apps, None)
    assert store.read(SavedView.objects.get(pk=view.pk)).faults


def test_class_that_is_merged_is_replaced_in_views(user):
    view = view_of(user, f"group={kind().pk}")
    CLASSES.merge(kind(), kind("authorities"))
    stored = store.read(view)
    assert stored.query.getlist("group") == [str(kind("authorities").pk)]
    assert not stored.faults


def test_retired_class_is_a_fault_of_the_view(user):
    view = view_of(user, f"group={kind().pk}")
    CLASSES.retire(kind())
    assert [fault.text for fault in store.read(view).faults] == [f"Class “{kind()}” was retired."]


def test_retired_segment_is_a_fault_of_the_view(user):
    view = view_of(user, f"segment={segment('B').pk}")
    segment_set_retired(segment=segment("B"), retired=True)
    assert [fault.text for fault in store.read(view).faults] == [f"Segment “{segment('B')}” was retired."]


def test_deactivated_user_is_a_fault_of_the_view(user):
    other = UserFactory(first_name="Aino", last_name="Aalto")
    view = view_of(user, f"owner={other.pk}")
    other.is_active = False
    other.save()
    assert "is not active any more" in store.read(view).faults[0].text


def test_view_whose_only_row_was_deleted_lets_nothing_through(user, page):
    other = UserFactory()
    view = view_of(user, f"owner={other.pk}")
    UserReference.objects.filter(view=view).update(target=None)
    assert store.read(view).query.getlist("owner") == [store.NO_ROW]
    response = page.get(f"/customers/?view={view.pk}")
    assert response.status_code == 400
    assert not response.context["table"].rows


def test_list_says_in_words_what_of_its_view_has_gone(user, page):
    other = UserFactory(first_name="Aino", last_name="Aalto")
    view = view_of(user, f"owner={other.pk}")
    UserReference.objects.filter(view=view).update(target=None)
    shown = " ".join(page.get(f"/customers/?view={view.pk}").content.decode().split())
    alerts = shown.partition('role="note">')[2].partition("empty-box")[0]
    assert "Aino Aalto" in alerts
    assert "Correct the filters and save the changes." in alerts
    assert "Select a valid choice" not in alerts


def test_column_that_the_list_no_longer_has_is_a_fault_and_is_left_out(user):
    view = view_of(user, "columns=name")
    SavedView.objects.filter(pk=view.pk).update(layout={"columns": ["name", "gone"], "sort": ["gone"]})
    view.refresh_from_db()
    stored = store.read(view)
    assert [fault.text for fault in stored.faults] == ["The list has no column “gone” any more."]
    opened = store.open_query(view, stored)
    assert (opened.getlist("columns"), opened["sort"]) == (["name"], "name")


def test_state_that_the_list_cannot_read_is_not_saved(user):
    with pytest.raises(BusinessRuleError, match="nothing"):
        view_of(user, "nothing=1")
    assert not SavedView.objects.exists()


def test_list_that_the_user_may_not_open_has_no_views(user):
    with pytest.raises(BusinessRuleError) as error:
        view_of(user, "", list="core:jobs")
    assert error.value.code == "no_list"


def test_changed_view_keeps_no_references_of_before(user):
    view = view_of(user, f"segment={segment('B').pk}")
    view_change(view=view, user=user, query="mine=true")
    assert not SegmentReference.objects.filter(view=view).exists()
    assert SavedView.objects.get(pk=view.pk).words_en.startswith("My customers;")


@pytest.mark.parametrize(
    "name",
    ["customers:list", "customers:contacts", "activities:list", "offers:list", "orders:list", "leads:list",
     "products:list", "feedback:list", "mail:inbox", "accounts:list"],
)  # fmt: skip
def test_filters_by_rows_keep_references(name):
    filters = list_class(name).filterset_class.base_filters
    by_rows = [key for key, item in filters.items() if "queryset" in item.extra]
    without = [key for key in by_rows if store.rows_model(list_class(name).filterset_class, key) is None]
    assert not without


def test_fault_names_the_class_that_there_was_last_and_what_was_merged_into_it(user):
    first, second, third = (NodeFactory(branch=kind("suppliers").branch, name_en=name) for name in ("A", "B", "C"))
    view = view_of(user, f"group={first.pk}")
    CLASSES.merge(first, second)
    CLASSES.retire(second)
    [retired] = store.read(view).faults
    assert retired.text == "Class “B” was retired. “A” had been merged into it."
    CLASSES.merge(second, third)
    ClassReference.objects.filter(view=view).update(target=None)
    [gone] = store.read(view).faults
    assert gone.text == "Class “C” was deleted. “A” had been merged into it."


def test_fault_names_a_deleted_class_as_it_was_called_in_the_end(user):
    node = NodeFactory(branch=kind("suppliers").branch, name_en="Once")
    view = view_of(user, f"group={node.pk}")
    type(node).objects.filter(pk=node.pk).update(name_en="Lately")
    CLASSES.delete(type(node).objects.get(pk=node.pk))
    [fault] = store.read(view).faults
    assert fault.text == "Class “Lately” was deleted."
