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
