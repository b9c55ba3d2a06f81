"""Occurrences, sums and states of customers follow whatever changes in their plans, computed by hand."""

from __future__ import annotations

import random
from typing import Any

import pgtrigger
import pytest
from django.apps import apps

from accounts.models import Role, Team, TeamMembership
from accounts.tests.factories import UserFactory
from activities.log.services.activities import activity_move
from careplans.adherence.figures import Figures
from careplans.adherence.occurrences import Key
from careplans.adherence.periods import Kind
from careplans.caremodels.models import CareAction, SkipReason
from careplans.following.models import CareOccurrence, CareReach, CareStatus, CareSum
from careplans.following.services.checks import sums_mend, sums_wrong
from careplans.following.services.places import deleted_forget, places_refresh
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
def version(may):
    version = version_of(primary_model())
    action(version)
    return version


@pytest.fixture
def customer(version, owner) -> Customer:
    return owned(under(version), owner)


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


# Who has it


def test_the_first_role_with_a_holder_on_the_due_day_has_it(version, owner, colleague):
    CareAction.objects.get(version=version).responsible.create(role="deputy", order=9)
    customer = owned(under(version), colleague, role="deputy")
    owned(customer, owner, "2026-03-01")
    refresh(customer)
    assert held(customer)["2026-02-28"] == f"user:{colleague.pk}"
    assert held(customer)["2026-03-31"] == f"user:{owner.pk}"


def test_what_the_only_one_of_a_group_had_stays_with_that_person(version, customer, director):
    CareAction.objects.get(version=version).responsible.all().delete()
    CareAction.objects.get(version=version).responsible.create(group=Role.objects.get(name="management"))
    refresh(customer)
    second = UserFactory(role="management")
    refresh(customer)
    found = held(customer)
    assert second.pk != director.pk
    assert found["2026-04-30"] == f"user:{director.pk}"
    assert found["2026-05-31"] == "group:management"


def test_what_the_only_one_of_a_group_had_stays_when_the_group_is_empty(version, customer, owner, director):
    """The next of the responsible ones gets only what is not over."""
    row = CareAction.objects.get(version=version)
    row.responsible.all().delete()
    row.responsible.create(group=Role.objects.get(name="management"), order=1)
    row.responsible.create(role="owner", order=2)
    refresh(customer)
    director.groups.clear()
    refresh(customer)
    assert held(customer)["2026-04-30"] == f"user:{director.pk}"
    assert held(customer)["2026-05-31"] == f"user:{owner.pk}"


def deactivated(user: Any, on: str, until: str = "") -> None:
    """Deactivate a person on a day, and open the account again on another, as the history has it."""
    events = apps.get_model("accounts", "UserEvent").objects.filter(pgh_obj=user)
    steps = [(True, "2020-01-01"), (False, on), *([(True, until)] if until else [])]
    for is_active, moment in steps:
        user.is_active = is_active
        user.save()
        with pgtrigger.ignore("accounts.UserEvent:append_only"):  # its days are those of the database's clock
            events.filter(pgh_id=events.latest("pgh_id").pgh_id).update(pgh_created_at=at(moment))


def test_what_fell_due_while_its_owner_was_deactivated_stays_nobodys(customer, owner):
    refresh(customer)
    deactivated(owner, "2026-05-15")
    refresh(customer)
    assert held(customer)["2026-05-31"] == ""
    refresh(customer, on="2026-06-10")
    assert held(customer)["2026-05-31"] == ""
    assert held(customer)["2026-04-30"] == f"user:{owner.pk}"


def test_who_comes_back_does_not_get_what_fell_due_meanwhile(version, customer, owner, colleague):
    """Nor does it leave the deputy, who had it then."""
    CareAction.objects.get(version=version).responsible.create(role="deputy", order=9)
    owned(customer, colleague, role="deputy")
    refresh(customer)
    deactivated(owner, "2026-05-15", until="2026-06-05")
    refresh(customer, on="2026-06-10")
    assert held(customer)["2026-05-31"] == f"user:{colleague.pk}"
    assert {held(customer)[last] for last in ("2026-04-30", "2026-06-30")} == {f"user:{owner.pk}"}


def test_a_corrected_owner_of_the_past_has_what_no_group_had(version, customer, owner, colleague):
    """The group comes first, but nobody has ever been in it."""
    row = CareAction.objects.get(version=version)
    row.responsible.all().delete()
    row.responsible.create(group=Role.objects.create(name="helpers"), order=1)
    row.responsible.create(role="owner", order=2)
    refresh(customer)
    Responsibility.objects.filter(customer=customer).update(user=colleague)
    refresh(customer)
    assert held(customer)["2026-04-30"] == f"user:{colleague.pk}"


def test_what_the_owner_had_while_a_group_was_empty_stays_when_somebody_joins(version, customer, owner, colleague):
    row, helpers = CareAction.objects.get(version=version), Role.objects.create(name="helpers")
    row.responsible.all().delete()
    row.responsible.create(group=helpers, order=1)
    row.responsible.create(role="owner", order=2)
    refresh(customer)
    colleague.groups.add(helpers)
    refresh(customer)
    assert held(customer)["2026-04-30"] == f"user:{owner.pk}"
    assert held(customer)["2026-05-31"] == f"user:{colleague.pk}"


def test_the_night_notes_the_unit_of_what_a_team_has_itself(version, customer):
    first, second = (Team.objects.create(name=name, kind="unit") for name in ("First", "Second"))
    team = Team.objects.create(name="South", kind="account", parent=first)
    row = CareAction.objects.get(version=version)
    row.responsible.all().delete()
    row.responsible.create(team=team)
    refresh(customer)
    team.parent = second
    team.save()
    places_refresh(day("2026-06-01"))
    assert summed(unit=first).missed == 4
    assert CareOccurrence.objects.get(customer=customer, last="2026-05-31").unit == second
    assert places_refresh(day("2026-06-01")) == 0


def test_several_deputies_have_it_together(version, owner, colleague):
    CareAction.objects.get(version=version).responsible.update(role="deputy")
    customer = owned(owned(under(version), owner, role="deputy"), colleague, role="deputy")
    refresh(customer)
    assert held(customer)["2026-04-30"] == "role:deputy"


def test_what_nobody_has_is_a_row_of_its_own_and_rows_add_up(version, customer):
    nobodys = under(version)
    refresh(customer, nobodys)
    assert summed(holder="").missed == 4
    assert summed().missed == 8


def test_an_occurrence_keeps_the_team_that_its_holder_had_on_the_due_day(customer, owner):
    first, second = (Team.objects.create(name=name, kind="account") for name in ("First", "Second"))
    membership = TeamMembership.objects.create(team=first, user=owner)
    refresh(customer)
    membership.team = second
    membership.save()
    refresh(customer)
    assert summed(team=first).missed == 4
    assert summed(team=second).missed == 0
    assert summed(team=second).coming > 0


def test_the_night_notes_the_team_at_the_end_of_the_day(customer, owner):
    """The team changes on 31 May: what was due in April stays, what is due on 31 May has the new one."""
    first, second = (Team.objects.create(name=name, kind="account") for name in ("First", "Second"))
    membership = TeamMembership.objects.create(team=first, user=owner)
    refresh(customer)
    membership.team = second
    membership.save()
    places_refresh(day("2026-06-01"))
    refresh(customer, on="2026-06-01")
    assert summed(team=first).missed == 4
    assert summed(team=second).missed == 1
    assert places_refresh(day("2026-06-01")) == 0


def test_the_unit_is_that_of_the_team(customer, owner):
    unit = Team.objects.create(name="Unit", kind="unit")
    team = Team.objects.create(name="Team", kind="account", parent=unit)
    TeamMembership.objects.create(team=team, user=owner)
    refresh(customer)
    assert summed(team=team, unit=unit).missed == 4


def test_a_team_that_is_deleted_leaves_its_figures_without_a_team(customer, owner):
    team = Team.objects.create(name="Team", kind="account")
    TeamMembership.objects.create(team=team, user=owner)
    refresh(customer)
    team.delete()
    assert not sums_wrong()
    assert summed(team=None).missed == 4


def test_the_night_forgets_a_team_that_was_deleted_during_an_evaluation(customer, owner):
    """The evaluation had read the team before, and wrote it after the deletion had looked for it."""
    team = Team.objects.create(name="Team", kind="account")
    membership = TeamMembership.objects.create(team=team, user=owner)
    refresh(customer)
    membership.delete()
    Team.objects.filter(pk=team.pk)._raw_delete("default")
    assert deleted_forget() == CareOccurrence.objects.filter(user=owner).count()
    assert not sums_wrong()
    assert summed(team=None).missed == 4
    assert deleted_forget() == 0


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
