"""Absences: who enters them, what is refused, and the substitute who sees the work as own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Notification, Team, TeamMembership
from accounts.tests.factories import UserFactory
from activities.calendar.selectors.calendar import Window, calendar_events
from activities.calendar.selectors.team import team_week
from activities.log.selectors import my_open
from activities.log.services.activities import activity_log
from careplans.caremodels.plugs import absences as absent_hours
from careplans.caremodels.tests.test_api import api
from careplans.plans.tests.world import action, at, day, kind, refused, version_of
from careplans.work.models import Absence, AbsenceKind
from careplans.work.services.absences import (
    absence_add,
    absence_change,
    absence_delete,
    absence_restore,
    absence_undo,
)
from careplans.work.tests.world import may, owned, run, work_of
from core.permissions import allowed
from customers.tests.factories import CustomerFactory
from imports.tests.helpers import counts, run_import
from imports.tests.undoing import undo

__all__ = ["may"]
pytestmark = pytest.mark.usefixtures("may")


def holiday(
    person: Any, first: str = "2026-05-15", last: str = "2026-05-22", user: Any = None, **about: Any
) -> Absence:
    about = {"kind": AbsenceKind.objects.get(code="holiday"), **about}
    return absence_add(absence=Absence(person=person, first=day(first), last=day(last), **about), user=user)


def planned(owner: Any, on: str = "2026-05-20", **about: Any) -> Any:
    about = {"customer": CustomerFactory(), "start": at(on, "10:00"), "title": "Call them", **about}
    return activity_log(user=owner, type=kind("call"), **about)


# Who enters them


def test_a_person_enters_own_absences(owner):
    assert holiday(owner, user=owner).created_by == owner


def test_nobody_enters_those_of_a_colleague(owner, colleague):
    with refused("may_not_enter", "person"):
        holiday(colleague, user=owner)


def test_the_leader_of_a_team_and_who_keeps_plans_enter_those_of_others(owner, colleague, keeper):
    team = Team.objects.create(name="Sales", leader=colleague)
    TeamMembership.objects.create(team=team, user=owner)
    holiday(owner, user=colleague)
    holiday(owner, "2026-07-01", "2026-07-20", user=keeper)
    assert Absence.objects.filter(person=owner).count() == 2


def test_read_only_users_enter_none(reader):
    assert not allowed(reader, "carework.add_absence")


# Bad input


def test_an_end_before_the_start_is_refused(owner):
    with refused("wrong_days", "last"):
        holiday(owner, "2026-05-20", "2026-05-19")


def test_overlapping_with_itself_is_refused(owner):
    holiday(owner)
    with refused("overlap", "first"):
        holiday(owner, "2026-05-22", "2026-05-30")


def test_a_substitute_is_somebody_else_who_is_here(owner, colleague, keeper):
    with refused("substitute_self", "substitute"):
        holiday(owner, substitute=owner)
    holiday(colleague, "2026-05-22", "2026-05-23")
    with refused("substitute_absent", "substitute"):
        holiday(owner, substitute=colleague)
    keeper.is_active = False
    keeper.save()
    with refused("substitute_inactive", "substitute"):
        holiday(owner, substitute=keeper)


def test_ten_years_are_refused(owner):
    with refused("too_long", "last"):
        holiday(owner, "2026-05-15", "2036-05-15")


def test_a_deactivated_person_is_refused(owner):
    owner.is_active = False
    owner.save()
    with refused("person_inactive", "person"):
        holiday(owner)


# Undo


def test_a_change_and_a_deletion_are_undone(owner):
    absence = holiday(owner)
    absence_change(absence=absence, changes={"last": day("2026-05-29")}, user=owner)
    assert absence_undo(absence=absence).last == day("2026-05-22")
    absence_delete(absence=absence)
    assert not Absence.objects.visible_to(owner).exists()
    absence_restore(absence=absence)
    assert Absence.objects.visible_to(owner).get() == absence


def test_days_that_somebody_has_taken_meanwhile_are_not_restored(owner):
    absence = absence_delete(absence=holiday(owner))
    holiday(owner)
    with refused("overlap", "first"):
        absence_restore(absence=absence)


# What follows


def test_absences_are_hours_that_the_person_is_away(owner):
    holiday(owner, "2026-05-15", "2026-05-16")
    assert absent_hours([owner.pk], day("2026-05-16"), day("2026-05-20")) == {
        owner.pk: {day("2026-05-16"): Decimal("7.5")}
    }


def test_the_substitute_is_told_and_sees_the_work_as_own_meanwhile(owner, colleague):
    act = planned(owner)
    assert not my_open(colleague).groups
    holiday(owner, substitute=colleague, user=owner)
    assert [row.activity for group in my_open(colleague).groups for row in group.rows] == [act]
    assert allowed(colleague, "activities.edit_activity", act)
    assert Notification.objects.get(user=colleague).kind == "stand_in"


def test_work_of_which_the_time_ends_in_an_absence_is_spread_over_the_days_after_it(owner):
    version = version_of()
    action(version, types=["call"])
    customers = [owned(owner, version=version) for _number in range(12)]
    holiday(owner, "2026-05-15", "2026-06-05")
    run(*customers)
    days = [work_of(one).written_day for one in customers]
    assert min(days) == day("2026-06-08")
    assert max(days.count(one) for one in days) == 2  # ten working days


def test_before_and_after_the_absence_the_substitute_does_not(owner, colleague):
    act = planned(owner)
    holiday(owner, "2026-05-18", "2026-05-22", substitute=colleague)
    assert not my_open(colleague).groups
    assert not allowed(colleague, "activities.edit_activity", act)


def test_the_calendar_and_the_team_week_show_who_is_away(owner, colleague):
    holiday(owner, substitute=colleague)
    window = Window(at("2026-05-18", "00:00"), at("2026-05-25", "00:00"))
    [event], _is_cut = calendar_events(colleague, [owner], window)
    assert event.is_all_day
    assert event.title == f"Away, substitute: {colleague}"
    [own], _is_cut = calendar_events(owner, [owner], window)
    assert own.title.startswith("Holiday")
    team = Team.objects.create(name="Sales")
    TeamMembership.objects.create(team=team, user=owner)
    [sums], _is_cut = team_week(colleague, team, day("2026-05-18"))
    assert [one.is_away for one in sums.days] == [True] * 5 + [False] * 2
    assert sums.count == 0


def told_away() -> list[tuple[Any, Any]]:
    rows = Notification.objects.filter(kind="stand_in_away").order_by("pk")
    return [(row.user, row.data["first"]) for row in rows]


def test_the_person_and_the_leader_are_told_once_that_the_substitute_is_away_too(owner, colleague, keeper):
    TeamMembership.objects.create(team=Team.objects.create(name="Sales", leader=keeper), user=owner)
    holiday(owner, "2026-05-15", "2026-05-22", substitute=colleague)
    absence = holiday(colleague, "2026-05-20", "2026-05-30", user=colleague)
    both = {(owner, "2026-05-20"), (keeper, "2026-05-20")}
    assert (len(told_away()), set(told_away())) == (2, both)
    absence_change(absence=absence, changes={"last": day("2026-06-05")}, user=colleague)
    assert len(told_away()) == 2


def test_who_is_on_other_days_or_enters_the_absence_is_not_told(owner, colleague, keeper):
    TeamMembership.objects.create(team=Team.objects.create(name="Sales", leader=keeper), user=owner)
    holiday(owner, "2026-05-15", "2026-05-22", substitute=colleague)
    absence = holiday(colleague, "2026-05-23", "2026-05-30", user=keeper)
    assert told_away() == []
    absence_change(absence=absence, changes={"first": day("2026-05-22")}, user=keeper)
    assert told_away() == [(owner, "2026-05-22")]


# Pages and API


def page(client: Any, user: Any, name: str, *args: Any) -> Any:
    client.force_login(user)
    return client.get(reverse(name, args=args))


def test_the_list_tells_the_reason_to_those_whom_it_concerns(client, owner, colleague, keeper):
    holiday(owner, note="To Lapland")
    for user, is_told in ((owner, True), (keeper, True), (colleague, False)):
        text = page(client, user, "carework:absences").content.decode()
        assert str(owner) in text
        assert ("Holiday" in text) is is_told


def test_it_is_entered_on_its_page(client, owner, colleague):
    form = page(client, owner, "carework:absence_add").context["form"]
    data = {
        "submission_key": str(form["submission_key"].initial), "person": owner.pk, "first": "18.5.2026",
        "last": "2026-05-19", "kind": AbsenceKind.objects.get(code="holiday").pk, "substitute": colleague.pk,
    }  # fmt: skip
    answer = client.post(reverse("carework:absence_add"), data)
    assert answer.status_code == 302, answer.context["form"].errors
    assert Absence.objects.get().substitute == colleague
    wrong = client.post(reverse("carework:absence_add"), {**data, "submission_key": "", "last": "2026-05-01"})
    assert wrong.status_code == 422
    assert "last" in wrong.context["form"].errors


def test_the_page_says_whose_substitute_is_away_now(client, owner, colleague):
    holiday(owner, "2026-05-15", "2026-05-22", substitute=colleague)
    client.force_login(colleague)
    data = {
        "person": colleague.pk, "first": "18.5.2026", "last": "19.5.2026",
        "kind": AbsenceKind.objects.get(code="holiday").pk,
    }  # fmt: skip
    page = client.post(reverse("carework:absence_add"), data, follow=True).content.decode()
    assert f"{colleague} is the substitute of {owner} meanwhile" in page


def test_who_is_away_first_is_first_and_of_the_past_who_was_last(client, owner):
    for first in ("2026-08-01", "2026-05-18", "2026-04-01", "2026-03-02"):
        holiday(owner, first, first)
    client.force_login(owner)
    found = {
        tab: client.get(reverse("carework:absences"), {"tab": tab}).context["table"].rows for tab in ("coming", "past")
    }
    firsts = {tab: [str(row.object.first) for row in rows] for tab, rows in found.items()}
    assert firsts == {"coming": ["2026-05-18", "2026-08-01"], "past": ["2026-04-01", "2026-03-02"]}


def test_the_list_costs_the_same_for_one_and_three(client, owner):
    client.force_login(owner)
    costs = []
    for first in ("2026-05-18", "2026-07-01", "2026-08-01", "2026-09-01"):
        holiday(owner, first, first)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("carework:absences"))
        costs.append(len(found))
    assert costs[1] == costs[3]


def test_the_api_adds_changes_and_deletes(owner, colleague):
    client = api(owner)
    made = client.post(
        "/api/v1/absences/",
        {"person": owner.pk, "first": "2026-05-18", "last": "2026-05-19", "kind": "holiday", "note": "x"},
    )
    assert made.status_code == 201, made.json()
    url = f"/api/v1/absences/{made.json()['id']}/"
    assert client.patch(url, {"last": "2026-05-20", "version": 1}).json()["last"] == "2026-05-20"
    assert client.patch(url, {"last": "2026-05-21", "version": 1}).status_code == 409
    other = api(colleague).get(url).json()
    assert (other["kind"], other["note"]) == ("", "")
    assert api(colleague).patch(url, {"last": "2026-05-21"}).status_code == 403
    assert client.delete(url).status_code == 204
    assert client.post(f"{url}restore/").status_code == 200


def test_the_api_says_in_the_users_language_that_the_person_stays(owner, colleague, monkeypatch):
    monkeypatch.setattr("careplans.work.api._", lambda text: f"fi: {text}")
    answer = api(owner).patch(f"/api/v1/absences/{holiday(owner).pk}/", {"person": colleague.pk})
    assert answer.json()["error"]["fields"] == {"person": ["fi: It stays as it was entered."]}


# Import


def test_absences_are_imported_and_the_same_file_again_changes_nothing(owner, colleague):
    keeper = UserFactory(role="administrator")
    text = f"Henkilö;Alku;Loppu;Laji;Sijainen\n{owner.username};18.5.2026;22.5.2026;Vuosiloma;{colleague.username}\n"
    assert counts(run_import(text, "absences", owner=keeper))[0] == 1
    assert counts(run_import(text, "absences", owner=keeper)) == (0, 0, 1, 0, 0)
    assert counts(run_import(text.replace("22.5.", "25.5."), "absences", owner=keeper)) == (0, 1, 0, 0, 0)
    assert Absence.objects.get().last == day("2026-05-25")
    assert not Notification.objects.exists()


def test_an_import_holds_what_the_rules_refuse_and_is_undone(owner):
    keeper = UserFactory(role="administrator")
    lines = f"{owner.username};18.5.2026;17.5.2026;Vuosiloma\n{owner.username};1.7.2026;3.7.2026;Vuosiloma\n"
    run = run_import("Henkilö;Alku;Loppu;Laji\n" + lines, "absences", owner=keeper)
    assert counts(run)[0] == 1
    undo(run)
    assert not Absence.objects.filter(deleted_at=None).exists()
