"""What all care models share: statutory tasks, terms, the answer target where treatment is equal."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from careplans.caremodels.models import StatutoryTask, Term
from careplans.caremodels.services.models import answer_target, care_settings
from careplans.caremodels.services.registers import settings_change, statutory_save, term_delete, term_save
from careplans.caremodels.tests.factories import ModelVersionFactory
from careplans.caremodels.tests.steps import call, refused, saved
from core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today() -> Any:
    with clock.frozen(dt.datetime(2026, 11, 29, 10, tzinfo=dt.UTC)):
        yield


def statutory(code: str = "permit", **fields: Any) -> StatutoryTask:
    about = {"name_fi": "Lupa", "name_en": "Permit", "completed_by": ["activity"], "activity_type": call()}
    return StatutoryTask(code=code, frequency="months", count=12, **about, **fields)


def test_no_model_changes_a_statutory_task(keeper):
    draft = ModelVersionFactory(created_by=keeper)
    statutory_save(task=statutory(), types=[], responsible=["role:owner"])
    with refused("statutory_code", "code"):
        saved(draft, code="permit")
    with refused("model_code", "code"):
        statutory_save(task=statutory("contact"), types=[], responsible=["role:owner"])


def test_two_terms_have_no_day_in_common():
    Term.objects.all().delete()
    autumn = term_save(term=Term(name_fi="S", name_en="A", first=dt.date(2027, 8, 1), last=dt.date(2027, 12, 31)))
    with refused("overlap", "first"):
        term_save(term=Term(name_fi="x", name_en="x", first=dt.date(2027, 12, 31), last=dt.date(2028, 5, 31)))
    with refused("wrong_days", "last"):
        term_save(term=Term(name_fi="x", name_en="x", first=dt.date(2028, 5, 31), last=dt.date(2028, 1, 1)))
    term_delete(term=autumn)
    past = Term.objects.create(name_fi="K", name_en="S", first=dt.date(2026, 1, 1), last=dt.date(2026, 5, 31))
    with refused("begun"):
        term_delete(term=past)


def test_days_of_a_term_that_have_passed_stay():
    Term.objects.all().delete()
    term = Term.objects.create(name_fi="S", name_en="A", first=dt.date(2026, 8, 1), last=dt.date(2026, 12, 31))
    term.last = dt.date(2026, 12, 23)
    term_save(term=term)
    term.first = dt.date(2026, 8, 10)
    with refused("begun", "first"):
        term_save(term=term)
    term.refresh_from_db()
    term.last = dt.date(2026, 11, 1)
    with refused("begun", "last"):
        term_save(term=term)


def test_where_treatment_is_equal_all_have_the_same_answer_target():
    version = ModelVersionFactory(answer_days=1)
    assert answer_target(version) == 1
    settings = care_settings()
    settings.is_treatment_equal, settings.answer_days = True, 5
    settings_change(settings=settings)
    assert answer_target(version) == 5
