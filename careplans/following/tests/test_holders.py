"""Who has an occurrence: as it was on its due day, whatever came later (careplans.md §4, rule 16)."""

from __future__ import annotations

from typing import Any

import pgtrigger
import pytest
from django.apps import apps

from accounts.models import Role, Team, TeamMembership
from accounts.tests.factories import UserFactory
from careplans.caremodels.models import CareAction
from careplans.following.models import CareOccurrence
from careplans.following.people import People
from careplans.following.services.checks import sums_wrong
from careplans.following.services.places import deleted_forget, places_refresh
from careplans.following.tests.world import held, owned, refresh, summed
from careplans.plans.tests.world import at, day, under
from customers.models import Responsibility

pytestmark = pytest.mark.usefixtures("may")


def given_to(version: Any, *responsible: dict[str, Any]) -> None:
    """Give the action of a version to these alone, in their order."""
    action = CareAction.objects.get(version=version)
    action.responsible.all().delete()
    for order, about in enumerate(responsible, 1):
        action.responsible.create(order=order, **about)


def test_the_first_role_with_a_holder_on_the_due_day_has_it(version, owner, colleague):
    CareAction.objects.get(version=version).responsible.create(role="deputy", order=9)
    customer = owned(under(version), colleague, role="deputy")
    owned(customer, owner, "2026-03-01")
    refresh(customer)
    assert held(customer)["2026-02-28"] == f"user:{colleague.pk}"
    assert held(customer)["2026-03-31"] == f"user:{owner.pk}"


def test_what_the_only_one_of_a_group_had_stays_with_that_person(version, customer, director):
    given_to(version, {"group": Role.objects.get(name="management")})
    refresh(customer)
    second = UserFactory(role="management")
    refresh(customer)
    found = held(customer)
    assert second.pk != director.pk
    assert found["2026-04-30"] == f"user:{director.pk}"
    assert found["2026-05-31"] == "group:management"


def test_what_the_only_one_of_a_group_had_stays_when_the_group_is_empty(version, customer, owner, director):
    """The next of the responsible ones gets only what is not over."""
    given_to(version, {"group": Role.objects.get(name="management")}, {"role": "owner"})
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
    given_to(version, {"group": Role.objects.create(name="helpers")}, {"role": "owner"})
    refresh(customer)
    Responsibility.objects.filter(customer=customer).update(user=colleague)
    refresh(customer)
    assert held(customer)["2026-04-30"] == f"user:{colleague.pk}"


def test_what_the_owner_had_while_a_group_was_empty_stays_when_somebody_joins(version, customer, owner, colleague):
    helpers = Role.objects.create(name="helpers")
    given_to(version, {"group": helpers}, {"role": "owner"})
    refresh(customer)
    colleague.groups.add(helpers)
    refresh(customer)
    assert held(customer)["2026-04-30"] == f"user:{owner.pk}"
    assert held(customer)["2026-05-31"] == f"user:{colleague.pk}"


def test_what_a_team_had_is_kept_where_the_team_is_deleted_during_an_evaluation(customer, owner):
    """The plan still names the team, which is not there any more: the owner has what is not over."""
    team = Team.objects.create(name="South", kind="account")
    keys = (f"team:{team.pk}", "role:owner")
    assert People.read([customer.pk], day("2026-05-15")).holder(customer.pk, keys, day("2026-04-30")).team == team.pk
    team.delete()
    holder = People.read([customer.pk], day("2026-05-15")).holder(customer.pk, keys, day("2026-04-30"))
    assert (holder.user, holder.former) == (owner.pk, {keys[0]})


def test_the_night_notes_the_unit_of_what_a_team_has_itself(version, customer):
    first, second = (Team.objects.create(name=name, kind="unit") for name in ("First", "Second"))
    team = Team.objects.create(name="South", kind="account", parent=first)
    given_to(version, {"team": team})
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


@pytest.fixture
def moved(customer, owner):
    """The team that the owner has left, and the one that has come instead, after the customer was evaluated."""
    first, second = (Team.objects.create(name=name, kind="account") for name in ("First", "Second"))
    membership = TeamMembership.objects.create(team=first, user=owner)
    refresh(customer)
    membership.team = second
    membership.save()
    return first, second


def test_an_occurrence_keeps_the_team_that_its_holder_had_on_the_due_day(customer, moved):
    first, second = moved
    refresh(customer)
    assert summed(team=first).missed == 4
    assert summed(team=second).missed == 0
    assert summed(team=second).coming > 0


def test_the_night_notes_the_team_at_the_end_of_the_day(customer, moved):
    """The team changes on 31 May: what was due in April stays, what is due on 31 May has the new one."""
    first, second = moved
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
