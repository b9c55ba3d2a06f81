"""Previews and back-tests do not stay in the database for ever."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.tests.factories import UserFactory
from core import clock
from core.conditions.tree import Group
from segmentation.criteria import previews
from segmentation.criteria.models import CriteriaVersion, Preview, PreviewMove
from segmentation.criteria.previews import BACK_TESTS_KEPT, DAYS_KEPT, preview_start
from segmentation.criteria.tasks import evaluate_criteria
from segmentation.criteria.tests.factories import draft_of, scheme_with

pytestmark = pytest.mark.django_db
ALL = Group(1)


def version() -> CriteriaVersion:
    scheme, segments = scheme_with("C")
    return draft_of(scheme, {segments["C"]: ALL})


def back_test(criteria: CriteriaVersion, days_ago: int) -> Preview:
    day = clock.today() - dt.timedelta(days=days_ago)
    return preview_start(criteria=criteria, user=UserFactory(), day=day)


def test_only_the_newest_back_tests_of_a_version_are_kept_with_their_preview(monkeypatch: Any) -> None:
    criteria, other = version(), version()
    preview, of_other = preview_start(criteria=criteria, user=UserFactory()), back_test(other, 1)
    made = [back_test(criteria, number) for number in range(1, BACK_TESTS_KEPT + 3)]
    assert set(Preview.objects.all()) == {preview, of_other, *made[-BACK_TESTS_KEPT:]}


def test_one_computed_again_counts_as_new(monkeypatch: Any) -> None:
    monkeypatch.setattr(previews, "BACK_TESTS_KEPT", 2)
    criteria = version()
    first, second = back_test(criteria, 1), back_test(criteria, 2)
    back_test(criteria, 1)
    third = back_test(criteria, 3)
    assert set(Preview.objects.all()) == {first, third}
    assert second not in Preview.objects.all()


def test_the_night_deletes_what_was_computed_long_ago_or_never_finished() -> None:
    criteria = version()
    with clock.frozen(clock.now() - dt.timedelta(days=DAYS_KEPT + 1)):
        preview_start(criteria=criteria, user=UserFactory())
    kept = back_test(criteria, 1)
    Preview.objects.create(criteria=criteria, day=clock.today() - dt.timedelta(days=9), edit=1)
    evaluate_criteria()
    assert list(Preview.objects.all()) == [kept]
    assert not PreviewMove.objects.exclude(preview=kept).exists()
