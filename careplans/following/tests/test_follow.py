"""Occurrences, sums and states of customers follow whatever changes in their plans, computed by hand."""

from __future__ import annotations

import random

import pytest

from accounts.models import Team, TeamMembership
from activities.log.services.activities import activity_move
from careplans.adherence.figures import Figures
from careplans.adherence.occurrences import Key
from careplans.adherence.periods import Kind
from careplans.caremodels.models import CareAction, SkipReason
from careplans.following.models import CareOccurrence, CareReach, CareStatus, CareSum
from careplans.following.services.checks import sums_mend, sums_wrong
from careplans.following.tests.world import computed, held, kept, over, owned, primary_model, refresh, summed
from careplans.plans.services.occurrences import occurrence_correct, occurrence_postpone, occurrence_skip
from careplans.plans.tests.world import action, at, day, log, member, replaced_version_of, under, version_of
from core import clock
from customers.models import Customer, Responsibility
from segmentation.membership.models import Membership

pytestmark = pytest.mark.usefixtures("may")
MAY = Key("contact", Kind.CALENDAR, day("2026-05-31"))
APRIL = Key("contact", Kind.CALENDAR, day("2026-04-30"))


@pytest.fixture
def reason(db):
    return SkipReason.objects.create(code="asked", name_fi="Asiakas pyysi", name_en="The customer asked for it")


# What is kept


def test_occurrences_are_kept_as_adherence_has_them(customer, owner):
    """January done in time, February late by the second call of March, March done, April missed, May done already."""
    for on in ("2026-01-10", "2026-03-02", "2026-03-20", "2026-05-03"):
        log(customer, on, user=owner)
    refresh(customer)
    assert over(customer) == [
        ("2026-01-31", "done"), ("2026-02-28", "late"), ("2026-03-31", "done"), ("2026-04-30", "missed"),
    ]  # fmt: skip
    figures = summed()
    assert (figures.done, figures.late, figures.missed, figures.already_done) == (2, 1, 1, 1)
    assert figures.adherence == 50


def test_an_occurrence_names_what_completed_it_and_the_action_of_its_version(customer, owner, version):
    done = log(customer, "2026-01-10", user=owner)
    refresh(customer)
    row = CareOccurrence.objects.get(customer=customer, last="2026-01-31")
    assert (row.done_source, row.done_id, row.done_on) == ("activity", done.pk, day("2026-01-10"))
    assert row.action == CareAction.objects.get(version=version)
    assert (row.segment, row.care_model, row.user) == (version.model.segment, version.model, owner)


def test_a_second_run_writes_nothing(customer, django_assert_max_num_queries):
    refresh(customer)
    before = list(CareOccurrence.objects.order_by("pk").values_list())
    refresh(customer)
    assert list(CareOccurrence.objects.order_by("pk").values_list()) == before


def test_an_action_that_nothing_tracks_is_not_kept(version, customer):
    action(version, "card", completed_by=["campaign"])
    refresh(customer)
    assert not CareOccurrence.objects.filter(code="card").exists()


# What changes it


def test_a_window_that_is_over_leaves_the_coming_ones(customer):
    refresh(customer)
    assert ("2026-05-31", "coming") in kept(customer)
    refresh(customer, on="2026-06-01")
    assert ("2026-05-31", "missed") in kept(customer)


def test_an_activity_that_is_moved_to_another_day_completes_what_was_due_then(customer, owner):
    done = log(customer, "2026-04-10", user=owner)
    refresh(customer)
    assert ("2026-04-30", "done") in kept(customer)
    activity_move(activity=done, user=owner, start=at("2026-03-10"), end=None)
    refresh(customer)
    assert ("2026-03-31", "done") in kept(customer)
    assert ("2026-04-30", "missed") in kept(customer)


def test_an_activity_that_is_deleted_completes_nothing_any_more(customer, owner):
    done = log(customer, "2026-04-10", user=owner)
    refresh(customer)
    assert summed().done == 1
    done.delete()
    refresh(customer)
    assert (summed().done, summed().missed) == (0, 4)


def test_a_correction_moves_what_was_done(customer, owner):
    done = log(customer, "2026-05-10", user=owner)
    refresh(customer)
    occurrence_correct(
        customer=customer, code="contact", source="activity", fulfilment=done.pk, key=APRIL, user=owner
    )  # fmt: skip
    refresh(customer)
    assert ("2026-04-30", "late") in kept(customer)
    assert summed().already_done == 0


def test_a_skip_takes_an_occurrence_out_of_the_figures(customer, owner, reason):
    refresh(customer)
    coming = summed().coming
    occurrence_skip(customer=customer, key=MAY, reason=reason, user=owner)
    refresh(customer)
    assert summed().coming == coming - 1
    assert sum(CareSum.objects.values_list("skipped", flat=True)) == 1


def test_a_postponement_moves_the_last_day(customer, owner, reason):
    refresh(customer)
    occurrence_postpone(customer=customer, key=MAY, to=day("2026-06-20"), reason=reason, user=owner)
    refresh(customer)
    row = CareOccurrence.objects.get(customer=customer, start="2026-05-31")
    assert (row.due, row.last, row.state) == (day("2026-06-20"), day("2026-06-20"), "coming")


def test_what_was_due_under_the_former_owner_stays_with_that_person(customer, owner, colleague):
    Responsibility.objects.filter(customer=customer).update(end=day("2026-03-15"))
    owned(customer, colleague, "2026-03-16")
    refresh(customer)
    found = held(customer)
    assert found["2026-02-28"] == f"user:{owner.pk}"
    assert found["2026-03-31"] == f"user:{colleague.pk}"
    assert (summed(user=owner).missed, summed(user=colleague).missed) == (2, 2)


def test_an_occurrence_has_the_segment_of_its_due_day(version, owner):
    other = version_of(primary_model())
    action(other, "talk")
    customer = owned(under(version), owner)
    membership = Membership.objects.get(customer=customer)
    Membership.objects.filter(pk=membership.pk).update(
        period=type(membership.period)(membership.period.lower, day_start("2026-03-10"), "[)")
    )
    member(customer, other.model.segment, "2026-03-10", "")
    Membership.objects.filter(segment=other.model.segment).update(
        period=type(membership.period)(day_start("2026-03-10"), None, "[)")
    )
    refresh(customer)
    assert summed(segment=version.model.segment).missed == 2
    assert summed(segment=other.model.segment, code="talk").missed == 2


def day_start(text):
    import datetime as dt

    return dt.datetime.combine(day(text), dt.time(), clock.now().tzinfo)


def test_a_customer_that_becomes_inactive_has_nothing_coming(customer):
    refresh(customer)
    Customer.objects.filter(pk=customer.pk).update(state="passive", passive_since=day("2026-05-15"))
    refresh(customer)
    assert summed().coming == 0
    assert summed().missed == 4
    assert not CareStatus.objects.filter(customer=customer).exists()


def test_a_new_version_of_the_model_changes_what_is_due_from_its_day(owner):
    model = primary_model()
    old = replaced_version_of(model, "2026-03-31")
    action(old)
    customer = owned(under(old), owner)
    new = version_of(model, "2026-04-01", number=2)
    quarterly = action(new, count=3)
    refresh(customer, on="2026-07-05")
    assert [last for last, _state in over(customer)] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-06-30"]
    assert CareOccurrence.objects.get(last="2026-06-30").action == quarterly


def test_a_customer_that_is_deleted_leaves_the_sums(customer):
    refresh(customer)
    Responsibility.objects.filter(customer=customer).delete()
    customer.activities.all().delete()
    customer.delete()
    assert not CareSum.objects.exists()


def test_a_team_that_is_deleted_leaves_its_occurrences_and_sums_without_a_team(customer, owner):
    team = Team.objects.create(name="South", kind="account")
    TeamMembership.objects.create(team=team, user=owner)
    refresh(customer)
    assert summed(team=team.pk).missed == 4
    team.delete()
    assert set(CareOccurrence.objects.values_list("team", flat=True)) == {None}
    assert summed(team=None).missed == 4
    assert not sums_wrong()


# How a customer is


def test_contact_is_overdue_since_the_last_day_of_the_missed_window(customer, owner):
    refresh(customer)
    status = CareStatus.objects.get(customer=customer)
    assert (status.overdue_since, status.next_due) == (day("2026-04-30"), day("2026-05-31"))
    log(customer, "2026-05-10", user=owner)
    refresh(customer)
    assert CareStatus.objects.get(customer=customer).overdue_since is None


def test_the_days_under_contact_and_those_of_contacts_are_kept(customer, owner):
    for on in ("2026-04-10", "2026-04-20"):
        log(customer, on, user=owner)
    refresh(customer)
    row = CareReach.objects.get(customer=customer)
    assert (row.first, row.days) == (day("2026-01-01"), [day("2026-04-10"), day("2026-04-20")])


# Sums


def test_sums_are_the_figures_of_adherence_in_random_worlds(owner, colleague):
    dice = random.Random(14)
    version = version_of(primary_model())
    action(version)
    action(version, "visit", ("visit",), frequency="every", count=45)
    action(version, "talk", ("meeting",), count=3, is_mandatory=False)
    customers = [owned(under(version, f"2026-0{number}-01"), dice.choice((owner, colleague))) for number in (1, 2, 3)]
    for customer in customers:
        for _number in range(6):
            on = f"2026-{dice.randint(1, 5):02}-{dice.randint(1, 14):02}"
            log(customer, on, dice.choice(("call", "visit", "meeting")), user=owner, goal="Goal")
    for on in ("2026-05-15", "2026-08-01"):
        refresh(*customers, on=on)
        until = day("2026-01-01"), day("2026-09-30")
        assert summed(until) == computed(customers, on, until)
        for code in ("contact", "visit", "talk"):
            assert summed(until, code=code) == computed(customers, on, until, code)


def test_sums_that_went_wrong_are_mended(customer):
    refresh(customer)
    right = summed()
    CareSum.objects.filter(missed=1).update(missed=3)
    assert sums_mend()["missed"] == 8
    assert summed() == right != Figures()
    assert not sums_wrong()
