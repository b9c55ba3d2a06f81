"""Skipping, postponing and correcting occurrences, and taking it back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from careplans.adherence.occurrences import Key
from careplans.adherence.periods import Kind
from careplans.caremodels.models import SkipReason
from careplans.plans.services.occurrences import (
    correction_undo,
    decision_undo,
    occurrence_correct,
    occurrence_postpone,
    occurrence_skip,
)
from careplans.plans.tests.world import action, day, evaluated, log, reasons, refused, states, under, version_of
from core import clock
from customers.models import Customer

pytestmark = pytest.mark.django_db
MAY, APRIL, JANUARY = (
    Key("contact", Kind.CALENDAR, day(last)) for last in ("2026-05-31", "2026-04-30", "2026-01-31")
)  # fmt: skip


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.frozen(dt.datetime(2026, 5, 15, 9, tzinfo=dt.UTC)):
        yield


@pytest.fixture
def customer() -> Customer:
    version = version_of()
    action(version)
    return under(version)


@pytest.fixture
def reason(db: None) -> SkipReason:
    return SkipReason.objects.create(code="asked", name_fi="Asiakas pyysi", name_en="The customer asked for it")


def state(customer: Customer, last: str, on: str = "2026-06-05") -> str | None:
    return dict(states(evaluated(customer, on))).get(last)


# Skips


def test_a_skipped_occurrence_is_in_no_figure(customer, owner, reason):
    occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)
    assert state(customer, "2026-05-31") == "skipped"


def test_a_reason_that_is_not_accepted_is_kept_and_changes_nothing(customer, owner, reason):
    reason.is_accepted = False
    reason.save()
    occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)
    assert state(customer, "2026-05-31") == "missed"


def test_after_a_reason_that_is_not_accepted_an_accepted_one_leaves_it_out(customer, owner, reason):
    SkipReason.objects.filter(pk=reason.pk).update(is_accepted=False)
    occurrence_skip(customer=customer, key=MAY, reason=SkipReason.objects.get(pk=reason.pk), user=owner)
    occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)
    assert state(customer, "2026-05-31") == "skipped"


def test_a_skip_is_taken_back(customer, owner, reason):
    decision = occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)
    decision_undo(decision=decision, user=owner)
    assert state(customer, "2026-05-31") == "missed"


def test_after_the_window_an_owner_skips_nothing(customer, owner, reason):
    with refused("too_late"):
        occurrence_skip(customer=customer, key=APRIL, reason=reason, user=owner)


def test_after_the_window_who_manages_plans_may_skip(customer, keeper, reason):
    occurrence_skip(customer=customer, key=APRIL, reason=reason, user=keeper)
    assert state(customer, "2026-04-30") == "skipped"


def test_a_managers_late_skip_is_not_taken_back_by_the_owner(customer, keeper, owner, reason):
    decision = occurrence_skip(customer=customer, key=APRIL, reason=reason, user=keeper)
    with refused("managers_decision"):
        decision_undo(decision=decision, user=owner)


def test_what_is_done_is_not_skipped_by_an_owner(customer, owner, reason):
    log(customer, "2026-05-10", user=owner)
    with refused("done_already"):
        occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)


def test_an_occurrence_is_skipped_once(customer, owner, reason):
    occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)
    with refused("skipped"):
        occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)


def test_an_occurrence_that_does_not_exist_is_refused(customer, owner, reason):
    with refused("unknown_occurrence"):
        occurrence_skip(customer=customer, key=MAY._replace(code="other"), reason=reason, user=owner)


def test_a_retired_reason_is_refused(customer, owner, reason):
    reason.retired_at = clock.now()
    with refused("retired_reason", "reason"):
        occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)


# Postponements


def test_a_postponed_occurrence_is_due_later(customer, owner, reason):
    occurrence_postpone(customer=customer, key=MAY, to=day("2026-06-20"), reason=reason, user=owner)
    assert state(customer, "2026-06-20") == "coming"


def test_a_postponement_is_taken_back(customer, owner, reason):
    decision = occurrence_postpone(customer=customer, key=MAY, to=day("2026-06-20"), reason=reason, user=owner)
    decision_undo(decision=decision, user=owner)
    assert state(customer, "2026-05-31") == "missed"


@pytest.mark.parametrize(("to", "code"), [("2026-05-31", "not_later"), ("2027-12-31", "too_far")])
def test_a_day_that_cannot_be_is_refused(to, code, customer, owner, reason):
    with refused(code, "to"):
        occurrence_postpone(customer=customer, key=MAY, to=day(to), reason=reason, user=owner)


def test_postponing_again_and_again_leads_no_further_than_a_year_from_today(customer, owner, reason):
    occurrence_postpone(customer=customer, key=MAY, to=day("2027-05-01"), reason=reason, user=owner)
    with refused("too_far", "to"):
        occurrence_postpone(customer=customer, key=MAY, to=day("2027-06-30"), reason=reason, user=owner)


def test_what_is_over_is_not_postponed(customer, keeper, reason):
    with refused("too_late"):
        occurrence_postpone(customer=customer, key=APRIL, to=day("2026-06-20"), reason=reason, user=keeper)


# Corrections


def test_a_person_says_for_which_occurrence_something_counts(customer, owner):
    done = log(customer, "2026-05-10", user=owner)
    occurrence_correct(
        customer=customer, code="contact", source="activity", fulfilment=done.pk, key=APRIL, user=owner
    )  # fmt: skip
    assert (state(customer, "2026-04-30"), state(customer, "2026-05-31")) == ("late", "missed")


def test_a_person_says_that_something_does_not_count(customer, owner):
    done = log(customer, "2026-05-10", user=owner)
    occurrence_correct(
        customer=customer, code="contact", source="activity", fulfilment=done.pk, key=None, user=owner
    )  # fmt: skip
    assert reasons(evaluated(customer, "2026-06-05")) == {"2026-05-10": "excluded"}


def test_a_correction_is_taken_back(customer, owner):
    done = log(customer, "2026-05-10", user=owner)
    correction = occurrence_correct(
        customer=customer, code="contact", source="activity", fulfilment=done.pk, key=None, user=owner
    )  # fmt: skip
    correction_undo(correction=correction)
    assert state(customer, "2026-05-31") == "done"


def test_what_was_done_for_another_customer_is_refused(customer, owner):
    other = log(under(version_of()), "2026-05-10", user=owner)
    with refused("unknown_fulfilment"):
        occurrence_correct(
            customer=customer, code="contact", source="activity", fulfilment=other.pk, key=APRIL, user=owner
        )  # fmt: skip


def test_an_occurrence_that_a_person_has_given_to_something_is_not_given_away(customer, owner):
    first, second = log(customer, "2026-05-10", user=owner), log(customer, "2026-05-11", user=owner)
    about = {"customer": customer, "code": "contact", "source": "activity", "user": owner, "key": APRIL}
    occurrence_correct(fulfilment=first.pk, **about)
    with refused("occurrence_taken", "occurrence"):
        occurrence_correct(fulfilment=second.pk, **about)
