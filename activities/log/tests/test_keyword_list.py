"""The list of a keyword in time: read along the keyword's own index, which triggers keep."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from activities.log.models import Activity, ActivityKeyword
from activities.log.tests.factories import ActivityFactory, keyword
from core.paging import keyset_page

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def positive():
    """Five activities with the keyword among others, two of them at the same moment."""
    now, word = timezone.now(), keyword("positive")
    for days in (3, 1, 4, 1, 5):
        activity = ActivityFactory(start=now - days * DAY)
        activity.keywords.add(word, keyword("national"))
        ActivityFactory(start=now - days * DAY).keywords.add(keyword("national"))
    return word


def walked(rows, order):
    """Return the keys of all pages of two rows."""
    found, after = [], ""
    while True:
        page = keyset_page(rows, order, size=2, after=after)
        found += [row.pk for row in page.rows]
        after = page.next
        if not after:
            return found


@pytest.mark.parametrize("order", ["start", "-start"])
def test_pages_of_a_keyword_have_each_activity_once_and_in_time(order, positive):
    having = Activity.objects.filter(pk__in=ActivityKeyword.objects.filter(keyword=positive).values("activity"))
    expected = list(having.order_by(order, order.replace("start", "pk")).values_list("pk", flat=True))
    assert walked(Activity.objects.with_keyword(positive), order) == expected
    assert len(expected) == 5


def test_page_before_a_page_is_the_one_that_was_left(positive):
    rows = Activity.objects.with_keyword(positive)
    first = keyset_page(rows, "-start", size=2)
    second = keyset_page(rows, "-start", size=2, after=first.next)
    assert keyset_page(rows, "-start", size=2, before=second.previous).rows == first.rows


def test_moved_activity_moves_in_the_list_of_its_keyword_and_leaves_no_history_of_it(positive):
    rows = Activity.objects.with_keyword(positive)
    oldest = rows.order_by("start").first()
    events = ActivityKeyword.pgh_event_model.objects.count()
    Activity.objects.filter(pk=oldest.pk).update(start=timezone.now())
    assert walked(rows, "-start")[0] == oldest.pk
    assert ActivityKeyword.pgh_event_model.objects.count() == events


def test_keyword_and_type_together_find_the_activities_of_both(positive):
    activity = Activity.objects.with_keyword(positive).first()
    other = ActivityFactory(type=activity.type)
    found = Activity.objects.filter(type=activity.type).with_keyword(positive)
    assert activity in found
    assert other not in found
