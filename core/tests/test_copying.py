"""New rows by COPY are those that an INSERT makes."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError

from accounts.tests.factories import UserFactory
from activities.log.enums import ActivityStatus
from activities.log.models import Activity
from activities.log.tests.factories import ActivityFactory
from careplans.content.models import EditionLink
from careplans.following.models import CareReach
from core import clock
from core.copying import Pattern, cells_of, copy_lines, copy_rows, new_keys
from core.history import history_of
from customers.saved_views.models import SavedView
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 5, 4)
ODD = 'a\\b\tc\nd\r"e" \\N \\. äö😀'


def unsaved(**given):
    known = ActivityFactory()
    return Activity(
        **{"type": known.type, "customer": known.customer, "title": "Made", "start": known.start, "end": known.end}
        | given
    )


def copied(item):
    """Insert a row equal to an unsaved object; return its key."""
    [key] = new_keys(type(item), 1)
    pattern = Pattern.of(item, ("id",))
    copy_lines(type(item), pattern.names, map(pattern.line, cells_of([(key,)])))
    return key


def test_a_row_keeps_its_values_whatever_they_are():
    made = unsaved(title=ODD[:20], memo=f"<p>{ODD}</p>", created_by=UserFactory(), status=ActivityStatus.IN_PROGRESS)
    kept = Activity.objects.get(pk=copied(made))
    for field in Activity._meta.concrete_fields:
        if not (field.generated or field.primary_key) and not getattr(field, "auto_now", False):
            assert getattr(kept, field.attname) == getattr(made, field.attname), field.name


def test_a_copied_object_has_a_history_as_an_inserted_one():
    made = Activity.objects.get(pk=copied(unsaved()))
    assert len(history_of(made, [])) == len(history_of(ActivityFactory(), [])) == 1


def test_a_row_that_breaks_a_constraint_is_refused_as_an_insert_is():
    row = (CustomerFactory().pk, "x", DAY, DAY, [])
    with pytest.raises(IntegrityError):
        copy_rows(CareReach, ("customer_id", "code", "first", "last", "days"), [row, row])


def test_arrays_of_days_are_copied():
    customer = CustomerFactory()
    days = [DAY, DAY + dt.timedelta(days=1)]
    copy_rows(CareReach, ("customer_id", "code", "first", "last", "days"), [(customer.pk, ODD[:9], DAY, DAY, days)])
    [kept] = CareReach.objects.filter(customer=customer)
    assert (kept.code, kept.days) == (ODD[:9], days)


def test_json_is_copied_whatever_is_in_it():
    content = {"text": ODD, "none": None, "many": [1, 2.5, True, {"inner": "ä\\n"}], "day": "2026-05-04"}
    link = EditionLink(
        customer=CustomerFactory(), language="fi", digest="0" * 64, expires_at=clock.now(), content=content
    )
    names = [field.attname for field in EditionLink._meta.concrete_fields if not field.primary_key]
    copy_rows(EditionLink, names, [[EditionLink._meta.get_field(name).pre_save(link, add=True) for name in names]])
    assert EditionLink.objects.get().content == content


def test_no_value_in_a_json_field_is_null_as_with_an_insert():
    user = UserFactory()
    view = {"owner": user, "list": "customers:list", "name": "Mine"}
    copied(SavedView(**view, earlier=None))
    copied(SavedView(**{**view, "name": "Other"}, earlier={}))
    assert SavedView.objects.get(earlier__isnull=True).name == "Mine"
    assert SavedView.objects.get(name="Other").earlier == {}


def test_what_copy_does_not_know_is_no_text():
    with pytest.raises(TypeError, match="knows no frozenset"):
        copy_rows(CareReach, ("customer_id",), [(frozenset({1}),)])


def test_rows_of_a_pattern_differ_in_their_varying_fields_only():
    like = unsaved(title=ODD[:20], memo=f"<p>{ODD}</p>", created_by=UserFactory())
    other = CustomerFactory()
    pattern = Pattern.of(like, ("id", "customer_id"))
    keys = new_keys(Activity, 2)
    copy_lines(
        Activity, pattern.names, map(pattern.line, cells_of(zip(keys, [like.customer_id, other.pk], strict=True)))
    )
    first, second = Activity.objects.filter(pk__in=keys).order_by("pk")
    assert (first.customer, second.customer) == (like.customer, other)
    for field in Activity._meta.concrete_fields:
        if not field.generated and field.name not in ("id", "customer", "created_at", "updated_at"):
            assert getattr(first, field.attname) == getattr(second, field.attname) == getattr(like, field.attname)


def test_a_pattern_without_a_key_gets_one_from_the_database():
    pattern = Pattern.of(
        CareReach(customer=CustomerFactory(), first=DAY, last=DAY, days=[]), ("code",), without_key=True
    )
    copy_lines(CareReach, pattern.names, map(pattern.line, cells_of([("a",), ("b",)])))
    assert sorted(CareReach.objects.values_list("code", flat=True)) == ["a", "b"]
