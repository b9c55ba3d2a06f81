"""What the fields of an action mean to adherence, and which of them are refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from careplans.adherence.actions import Scope
from careplans.adherence.periods import Every, Months, NamedMonths, Once, OnEvent, Terms, Unit, Weeks
from careplans.caremodels.frequencies import (
    TermDates,
    check_window,
    engine_action,
    frequency_of,
    frequency_words,
    is_tracked,
)
from careplans.caremodels.models import CareAction, StatutoryTask, Term
from careplans.caremodels.tests.factories import CareActionFactory
from core.exceptions import BusinessRuleError
from customers.selections.models import Selection


def action(frequency: str, **fields: Any) -> CareAction:
    return CareAction(code="x", completed_by=["activity"], frequency=frequency, **fields)


NO_TERMS = TermDates(())
MEANINGS = [
    (action("weeks", count=1), Weeks(1), "each week"),
    (action("weeks", count=6), Weeks(6), "each 6 weeks"),
    (action("months", count=3), Months(3), "each quarter"),
    (action("months", count=6), Months(6), "each half-year"),
    (action("months", count=12), Months(12), "each year"),
    (action("months", count=24), Months(24), "each 2 years"),
    (action("months", count=5), Months(5), "each 5 months"),
    (action("named", months=[9, 3]), NamedMonths((3, 9)), "March, September"),
    (action("terms"), Terms((), 2), "each term"),
    (action("every", count=60), Every(60), "every 60 days from the last time"),
    (action("every", count=2, unit="month"), Every(2, Unit.MONTH), "every 2 months from the last time"),
    (action("once", count=14), Once(14), "once, in 14 days"),
    (action("event", event="order_delivered"), OnEvent(frozenset({"order_delivered"})), "when an order was delivered"),
    (
        action("event", event="no_contact", quiet_days=90, delay=7),
        OnEvent(frozenset({"no_contact:90"}), 7),
        "7 days after: no contact for 90 days",
    ),
]


@pytest.mark.parametrize(("given", "meant", "words"), MEANINGS, ids=[row[2] for row in MEANINGS])
def test_fields_mean_a_frequency_and_say_it_in_words(given, meant, words):
    assert frequency_of(given, NO_TERMS) == meant
    with translation.override("en"):
        assert frequency_words(given) == words


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        (action("every", count=0), "frequency_number", "count"),
        (action("every", count=Decimal("0.1")), "frequency_number", "count"),
        (action("every", count=None), "frequency_number", "count"),
        (action("every", count=4_000), "frequency_number", "count"),
        (action("weeks", count=0), "frequency_number", "count"),
        (action("months", count=-1), "frequency_number", "count"),
        (action("once", count=0), "frequency_number", "count"),
        (action("named", months=[]), "no_months", "months"),
        (action("named", months=[3, 13]), "no_such_month", "months"),
        (action("named", months=[0]), "no_such_month", "months"),
        (action("event"), "no_event", "event"),
        (action("event", event="enters_selection"), "no_selection", "selection"),
        (action("event", event="no_contact"), "frequency_number", "quiet_days"),
        (action("sometimes"), "no_frequency", "frequency"),
    ],
)
def test_a_frequency_that_cannot_be_is_refused_at_its_field(given, code, field):
    with pytest.raises(BusinessRuleError) as refused:
        frequency_of(given, NO_TERMS)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_windows_of_an_interval_may_not_overlap():
    check_window(action("every", count=10, before=5, after=4), Every(10))
    with pytest.raises(BusinessRuleError) as refused:
        check_window(action("every", count=10, before=5, after=5), Every(10))
    assert (refused.value.code, refused.value.field) == ("window_too_long", "before")
    with pytest.raises(BusinessRuleError):
        check_window(action("every", count=10, after=8), Every(10))  # 2 before by default


def test_a_window_is_at_most_a_year():
    with pytest.raises(BusinessRuleError) as refused:
        check_window(action("months", count=1, after=400), Months(1))
    assert refused.value.field == "after"


@pytest.mark.django_db
def test_terms_come_from_their_register():
    days = [(dt.date(2026, 1, 7), dt.date(2026, 5, 31)), (dt.date(2026, 8, 1), dt.date(2026, 12, 20))]
    days.append((dt.date(2027, 1, 7), dt.date(2027, 5, 31)))
    Term.objects.all().delete()
    Term.objects.bulk_create(Term(name_fi="Lukukausi", name_en="Term", first=a, last=b) for a, b in days)
    assert frequency_of(action("terms")) == Terms(tuple(days), 2)


@pytest.mark.django_db
def test_an_action_is_computed_with_as_it_says():
    row = CareActionFactory(
        frequency="every", count=60, duration=60, preparation=15, travel=15, is_contact=True, is_mandatory=False,
        scope="internal",
    )  # fmt: skip
    made = engine_action(row, model="a")
    assert (made.frequency, made.days_before, made.days_after) == (Every(60), 12, 12)
    assert (made.hours, made.is_contact, made.is_mandatory) == (Decimal("1.5"), True, False)
    assert (made.scope, made.model, made.responsible) == (Scope.INTERNAL, "a", ("role:owner",))


@pytest.mark.django_db
def test_a_statutory_task_is_shown_apart_from_all_models():
    task = StatutoryTask.objects.create(
        code="permit", name_fi="Lupa", name_en="Permit", completed_by=["activity"], frequency="months", count=12
    )
    assert engine_action(task).scope is Scope.STATUTORY


def test_an_action_is_tracked_when_some_app_knows_when_it_is_done_and_due():
    assert not is_tracked(CareAction(completed_by=["campaign"], frequency="months"))
    assert not is_tracked(CareAction(completed_by=["activity"], frequency="event", event="project_planned"))


@pytest.mark.django_db
def test_events_about_selections_name_them(owner):
    selection = Selection.objects.create(name="Quiet ones", owner=owner)
    given = action("event", event="enters_selection", selection=selection)
    assert frequency_of(given) == OnEvent(frozenset({f"enters_selection:{selection.pk}"}))
