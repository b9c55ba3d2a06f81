"""Capacity by hand, where each figure leads, and who sees it."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Any

import pytest

from accounts.models import Team, TeamMembership
from activities.calendar.models import WorkTarget
from careplans.adherence.capacity import hours_by_week, parts_by_week, works_of
from careplans.adherence.days import plus_days
from careplans.adherence.evaluation import evaluate
from careplans.following.capacity import capacity_of, coming_weeks, hours_in_week
from careplans.following.capacity_tables import drawn_rows
from careplans.following.models import CareOccurrence
from careplans.following.querysets import window_in_week
from careplans.plans.records import records
from careplans.plans.tests.world import action, day, log, version_of
from careplans.work.models import Absence, AbsenceKind, CareWork
from careplans.work.services.absences import absence_add
from careplans.work.services.planning import works_place
from careplans.work.tests.world import TODAY, owned, run, work_of
from core.working_days import is_working_day

pytestmark = pytest.mark.usefixtures("may")
THIS, NEXT, LAST = "2026-05-11", "2026-05-18", "2026-05-25"


def version(code: str = "contact", **about: Any) -> Any:
    found = version_of()
    action(found, code, **about)
    return found


@pytest.fixture
def orders(may, owner) -> Any:
    """The owner's customer that should order something each month: 19 hours, an hour for each working day of May."""
    customer = owned(owner, version=version("order", completed_by=["order"], duration=19 * 60))
    run(customer)
    return customer


@pytest.fixture
def calls(may, owner) -> Any:
    """The owner's customer that is called each month, which takes 40 hours."""
    customer = owned(owner, version=version(types=["call"], duration=40 * 60))
    run(customer)
    return customer


def weeks_of(person: Any, reader: Any = None) -> dict[str, Any]:
    """Return the loads of a person by week."""
    [row] = capacity_of(reader or person, [person], coming_weeks(TODAY)).rows
    return {str(week): row.load(week) for week in coming_weeks(TODAY)}


def in_team(*people: Any, leader: Any = None) -> Team:
    team = Team.objects.create(name="Sales", leader=leader)
    TeamMembership.objects.bulk_create(TeamMembership(team=team, user=one) for one in people)
    return team


# Figures


def test_there_are_twelve_weeks_from_this_one_on():
    weeks = coming_weeks(TODAY)
    assert (len(weeks), weeks[0], weeks[-1]) == (12, day(THIS), day("2026-07-27"))


def test_hours_fall_evenly_on_the_working_days_of_the_window(orders, owner):
    """May has 19 working days. Ascension Day, 14 May, leaves four with 30 hours in its week: 4 ÷ 30 = 13.3 %."""
    found = weeks_of(owner)
    assert [(found[week].hours, found[week].available, found[week].percent) for week in (THIS, NEXT, LAST)] == [
        (4, 30, 14), (5, Fraction(75, 2), 14), (5, Fraction(75, 2), 14),
    ]  # fmt: skip


def test_hours_fall_in_the_week_of_the_entry_that_a_person_has_moved(calls, owner):
    works_place(user=owner, ids=[work_of(calls).pk], day=day("2026-05-27"))
    found = weeks_of(owner)
    assert [found[week].hours for week in (THIS, NEXT, LAST)] == [0, 0, 40]
    assert (found[LAST].percent, found[LAST].is_overload) == (107, True)


def test_hours_fall_in_the_week_in_which_it_was_done(calls, owner):
    log(calls, "2026-05-12", user=owner)
    run(calls)
    found = weeks_of(owner)
    assert [found[week].hours for week in (THIS, NEXT, LAST)] == [40, 0, 0]
    assert found[THIS].percent == 134


def test_working_time_is_the_target_without_absences(orders, owner):
    """25 hours a week are five a day; of the week from 18 May two days are left: 5 ÷ 10."""
    WorkTarget.objects.create(user=owner, hours=25)
    kind = AbsenceKind.objects.get(code="holiday")
    absence = Absence(person=owner, first=day("2026-05-20"), last=day("2026-05-29"), kind=kind)
    absence_add(absence=absence, user=owner)
    found = weeks_of(owner)
    assert (found[NEXT].available, found[NEXT].percent) == (10, 50)
    assert (found[LAST].percent, found[LAST].is_overload) == (None, True)


def test_kept_rows_have_the_hours_that_the_evaluation_has(orders, calls, owner):
    entries = {row.key: row.activity.start.date() for row in CareWork.objects.filter(state="open")}
    until = plus_days(TODAY, 90)
    evaluations = [evaluate(one, TODAY, until) for one in records([orders.pk, calls.pk], TODAY).values()]
    occurrences = [one for found in evaluations for of_code in found.occurrences.values() for one in of_code]
    computed = hours_by_week(works_of(occurrences, entries), is_working_day)
    assert {week: load.hours for week, load in weeks_of(owner).items()} == {
        str(week): computed.get(week, 0) for week in coming_weeks(TODAY)
    }


def test_what_is_left_out_takes_no_hours(orders, owner):
    CareOccurrence.objects.filter(customer=orders).update(state="skipped")
    assert not any(load.hours for load in weeks_of(owner).values())


def test_people_cost_the_same_number_of_queries(orders, calls, owner, colleague, keeper, django_assert_num_queries):
    assert keeper.has_perm("customers.manage_passive") is not None  # the rights are read once
    for people in ([owner], [owner, colleague, keeper]):
        with django_assert_num_queries(4):
            capacity_of(keeper, people, coming_weeks(TODAY))


# The list


def test_the_windows_of_a_week_are_those_with_hours_in_it(orders, owner):
    """Windows of one to five days around Ascension Day and Easter, also those without a working day."""
    row = CareOccurrence.objects.first()
    made = []
    for first in (*days_from("2026-04-01", 8), *days_from("2026-05-13", 5)):
        for length in (0, 1, 4):
            about = {"first": first, "due": plus_days(first, length // 2), "last": plus_days(first, length)}
            made.append(another(row, start=plus_days(day("2020-01-01"), len(made)), **about))
    CareOccurrence.objects.bulk_create(made)
    for monday in days_from("2026-03-30", 8, 7):
        found = set(CareOccurrence.objects.filter(window_in_week(monday), code="made").values_list("start", flat=True))
        expected = [
            one.start for one in made
            if monday in dict(parts_by_week(one.first, one.due, one.last, is_working_day))
        ]  # fmt: skip
        assert found == set(expected)


def days_from(first: str, count: int, step: int = 1) -> list[dt.date]:
    return [plus_days(day(first), number * step) for number in range(count)]


def another(row: CareOccurrence, **about: Any) -> CareOccurrence:
    kept = {name: getattr(row, name) for name in ("customer", "user", "scope", "is_mandatory", "is_contact", "kind")}
    return CareOccurrence(code="made", state="coming", hours=3, **kept, **about)


def test_every_figure_leads_to_exactly_its_occurrences(orders, calls, owner, colleague, keeper, client):
    other = owned(colleague, version=version("order", completed_by=["order"], duration=19 * 60))
    run(other)
    team = in_team(owner, colleague)
    client.force_login(keeper)
    total, *rows = client.get(f"/care/capacity/?team={team.pk}").context["rows"]
    for row in (total, *rows):
        for cell in row["cells"][1:2]:
            if cell["url"]:
                listed = list(client.get(cell["url"]).context["view"].get_filterset().qs)
                assert float(sum(map(hours_in_week, listed))) == pytest.approx(cell["hours"])
                assert all(map(hours_in_week, listed))
    assert total["cells"][1]["hours"] >= 10
    assert all(bool(cell["url"]) == bool(cell["hours"]) for row in (total, *rows) for cell in row["cells"])


def test_the_list_says_how_many_hours_of_each_are_in_the_week(orders, owner, client):
    client.force_login(owner)
    [row] = client.get("/care/capacity/").context["rows"]
    assert "5.00 / 19.00" in client.get(row["cells"][1]["url"]).content.decode()


def test_the_week_is_one_s_own_unless_somebody_is_chosen(orders, owner, keeper, client):
    for reader, count in ((owner, 1), (keeper, 0)):
        client.force_login(reader)
        assert len(client.get(f"/care/occurrences/?week={NEXT}").context["table"].rows) == count


# The page


def test_the_page_marks_overload_in_words_and_names_the_first_week(calls, owner, client):
    works_place(user=owner, ids=[work_of(calls).pk], day=day("2026-05-27"))
    client.force_login(owner)
    page = client.get("/care/capacity/")
    [row] = page.context["rows"]
    text = page.content.decode()
    assert row["over"] == "Week 22"
    assert "107 %" in text
    assert text.count('<span class="sm">overload</span>') == sum(cell["is_over"] for cell in row["cells"])
    assert "40.0 h of 37.5 h" in text


def test_one_sees_oneself_and_a_leader_the_own_team(orders, owner, colleague, client):
    in_team(owner, colleague)
    assert shown(client, owner) == [str(owner)]
    Team.objects.update(leader=owner)
    assert sorted(shown(client, owner)) == sorted(["Total", str(owner), str(colleague)])
    assert shown(client, owner, "?team=") == [str(owner)]


def test_people_without_hours_share_a_row_until_they_are_asked_for(orders, owner, colleague, director, client):
    team = in_team(owner, colleague, director, leader=owner)
    client.force_login(owner)
    page = client.get(f"/care/capacity/?team={team.pk}").content.decode()
    assert "2 people without hours" in page
    assert f'<th scope="row">{colleague}</th>' not in page
    assert f'href="?team={team.pk}&amp;idle=on"' in page
    page = client.get(f"/care/capacity/?team={team.pk}&idle=on").content.decode()
    assert "2 people without hours" not in page
    assert f'<th scope="row">{colleague}</th>' in page


def test_folded_rows_add_up_to_the_sums(orders, owner, colleague, director):
    found = capacity_of(owner, [owner, colleague, director], coming_weeks(TODAY))
    for with_idle in (False, True):
        total, *rows = drawn_rows(found, owner, with_idle=with_idle)
        for number, cell in enumerate(total["cells"]):
            for name in ("hours", "available"):
                assert cell[name] == sum(row["cells"][number][name] for row in rows)


def test_a_superior_sees_the_own_people(owner, colleague, client):
    colleague.manager = owner
    colleague.save()
    assert sorted(shown(client, owner)) == sorted(["Total", str(owner), str(colleague)])


def test_a_team_of_which_one_sees_nobody_is_refused(owner, colleague, client):
    team = in_team(owner, colleague)
    client.force_login(owner)
    assert client.get(f"/care/capacity/?team={team.pk}").status_code == 400
    assert client.get(f"/api/v1/care-capacity/?team={team.pk}").status_code == 400


def shown(client: Any, reader: Any, query: str = "") -> list[str]:
    client.force_login(reader)
    return [row["label"] for row in client.get(f"/care/capacity/{query}").context["rows"]]


def test_pages_of_adherence_and_planning_lead_to_it(owner, client):
    client.force_login(owner)
    for url in ("/care/adherence/", "/care/planning/"):
        assert 'href="/care/capacity/"' in client.get(url).content.decode()


@pytest.mark.parametrize(("kind", "start"), [("xlsx", b"PK"), ("csv", b"")])
def test_the_figures_are_files(kind, start, orders, client, owner):
    client.force_login(owner)
    answer = client.get("/care/capacity/", {"export": kind, "table": "capacity"})
    assert answer.status_code == 200
    assert answer.getvalue().startswith(start)


def test_the_api_has_the_same_figures(orders, client, keeper, owner):
    team = in_team(owner)
    client.force_login(keeper)
    found = client.get(f"/api/v1/care-capacity/?team={team.pk}").json()
    [row] = found["rows"]
    assert (row["user"], row["first_overload"]) == (owner.pk, None)
    week = {"monday": NEXT, "hours": "5.00", "available": "37.50", "percent": 14, "is_overload": False}
    assert row["weeks"][1] == found["total"][1] == week


@pytest.mark.parametrize("week", ["0001-01-01", "9999-12-31", "2026-12-25"])
def test_a_week_of_any_year_is_read(week, owner, client):
    client.force_login(owner)
    assert client.get(f"/care/occurrences/?week={week}").status_code in (200, 400)
