"""Lists of selections and views say what things are called now, also when they were renamed after saving."""

from __future__ import annotations

import pytest

from accounts.tests.factories import UserFactory
from customers.models import ClassificationNode
from customers.saved_views.models import SavedView
from customers.saved_views.services import views_reword
from customers.saved_views.tasks import reword_conditions
from customers.saved_views.tests.conftest import view_of
from customers.selections.models import Selection
from customers.selections.services import selections_reword
from customers.selections.tests.conftest import kind, rule, selection_of
from customers.services.classification import CLASSES
from segmentation.membership.tests.factories import segment
from segmentation.schemes.models import Segment

pytestmark = pytest.mark.django_db


def rename() -> None:
    Segment.objects.filter(pk=segment("B").pk).update(name_fi="Nousevat", name_en="Rising")
    ClassificationNode.objects.filter(pk=kind().pk).update(name_fi="Kumppanit", name_en="Partners")


@pytest.fixture
def selection(user):
    return selection_of(user, rule("customer.segment", op="is", rows=[segment("B").pk]))


def test_the_words_follow_a_new_name_in_both_languages(user, selection):
    view = view_of(user, f"group={kind().pk}")
    rename()
    reword_conditions()
    selection.refresh_from_db()
    view.refresh_from_db()
    assert "Nousevat" in selection.words_fi
    assert "Rising" in selection.words_en
    assert "Kumppanit" in view.words_fi
    assert "Partners" in view.words_en


def test_what_is_called_as_before_is_left_alone(user, selection):
    view_of(user, f"group={kind().pk}")
    changed = list(Selection.objects.values_list("updated_at")), list(SavedView.objects.values_list("updated_at"))
    assert (selections_reword(), views_reword()) == (0, 0)
    assert changed == (
        list(Selection.objects.values_list("updated_at")),
        list(SavedView.objects.values_list("updated_at")),
    )


def test_a_condition_with_a_fault_keeps_the_words_that_say_what_it_named(user):
    view = view_of(user, f"group={kind().pk}")
    CLASSES.retire(kind())
    rename()
    before = SavedView.objects.get(pk=view.pk).words_en
    assert views_reword() == 0
    assert SavedView.objects.get(pk=view.pk).words_en == before


def test_the_version_stays_so_that_nobody_is_refused(user, selection):
    rename()
    before = selection.version
    assert selections_reword() == 1
    selection.refresh_from_db()
    assert selection.version == before


def test_views_of_others_follow_too(selection):
    view = view_of(UserFactory(role="account_manager"), f"segment={segment('B').pk}")
    rename()
    assert views_reword() == 1
    view.refresh_from_db()
    assert "Rising" in view.words_en


@pytest.fixture
def committed(django_capture_on_commit_callbacks, tasks_at_once):
    """``with committed():`` does what follows the commit, in the workers too."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def words_of(row):
    row.refresh_from_db()
    return row.words_en


def test_a_new_name_is_said_at_once(user, selection, committed):
    named = UserFactory(first_name="Aino", last_name="Aalto")
    view, other = view_of(user, f"group={kind().pk}"), view_of(user, f"owner={named.pk}")
    with committed():
        CLASSES.change(kind(), name_fi="Kumppanit", name_en="Partners")
        found = segment("B")
        found.name_en = "Rising"
        found.save()
        named.last_name = "Virtanen"
        named.save(update_fields=["last_name"])
    assert "Rising" in words_of(selection)
    assert "Partners" in words_of(view)
    assert "Virtanen" in words_of(other)


def test_the_name_after_a_merge_is_said_at_once(user, committed):
    view = view_of(user, f"group={kind().pk}")
    into = kind("authorities")
    with committed():
        CLASSES.merge(kind(), into)
    assert str(into) in words_of(view)


def test_views_with_deeper_conditions_follow_too(user, committed):
    condition = selection_of(user, rule("customer.segment", op="is", rows=[segment("B").pk]), is_unnamed=True)
    view = view_of(user, f"conditions={condition.pk}")
    with committed():
        found = segment("B")
        found.name_en = "Rising"
        found.save()
    assert "Rising" in words_of(view)


def test_what_no_condition_names_gives_no_work(user, selection, queued, django_capture_on_commit_callbacks):
    named = UserFactory()
    with django_capture_on_commit_callbacks(execute=True):
        named.last_name = "Virtanen"
        named.save()
        found = segment("B")
        found.save(update_fields=["order"])
    assert [name for name, *_args in queued if "reword" in name] == []
