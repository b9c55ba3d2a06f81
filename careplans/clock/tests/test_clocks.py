"""The clocks of a customer, a version, a team and all: rows, what there is in each month, and where marks lead."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from accounts.tests.factories import TeamFactory
from careplans.caremodels.defaults import models_add
from careplans.caremodels.tests.factories import ModelVersionFactory
from careplans.clock.clocks import clock_of_all, clock_of_customer, clock_of_team, clock_of_version
from careplans.clock.pdf import clock_html
from careplans.clock.rows import Clock, ClockRow, Count
from careplans.clock.tests.world import event
from careplans.following.filters import OccurrenceFilter
from careplans.following.models import CareOccurrence
from careplans.following.tests.world import owned, primary_model, refresh
from careplans.plans.tests.world import action, day, log, under, version_of
from customers.tests.factories import CustomerFactory
from segmentation.schemes.services.sets import scheme_set_add

pytestmark = pytest.mark.usefixtures("may")
TODAY = day("2026-05-15")


@pytest.fixture
def version(may) -> Any:
    version = version_of(primary_model())
    action(version, "talk", frequency="named", count=None, months=[2, 4, 9], place="Online")
    action(version, "weekly", frequency="weeks", count=1, is_shared=True)
    return version


@pytest.fixture
def customer(version, owner) -> Any:
    """Done in February, missed in April; September comes."""
    found = owned(under(version), owner)
    log(found, "2026-02-10", user=owner)
    refresh(found)
    return found


def found(clock: Clock, code: str) -> ClockRow:
    return next(row for row in clock.rows if row.code == code)


def counts(row: ClockRow) -> dict[int, Count]:
    return {month: mark.count for month, mark in row.marks.items()}


def listed(url: str, user: Any) -> int:
    """Return how many occurrences the list at an address has."""
    from django.http import QueryDict

    data = QueryDict(url.partition("?")[2])
    rows = OccurrenceFilter(data, CareOccurrence.objects.visible_to(user), request=_request(user))
    assert rows.form.is_valid(), rows.form.errors
    return rows.qs.count()


def _request(user: Any) -> Any:
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = user
    return request


def test_the_clock_of_a_customer_has_its_months_with_their_states(customer, owner):
    clock = clock_of_customer(owner, customer, 2026, TODAY)
    row = found(clock, "talk")
    assert counts(row) == {2: Count(done=1), 4: Count(missed=1), 9: Count(coming=1)}
    assert (row.when, row.where, row.to_whom) == ("February, April, September", "Online", "customer")


def test_each_mark_leads_to_exactly_its_occurrences(customer, owner, version):
    for clock in (
        clock_of_customer(owner, customer, 2026, TODAY), clock_of_all(owner, 2026, TODAY),
        clock_of_version(owner, version, 2026, TODAY),
    ):  # fmt: skip
        row = found(clock, "talk")
        assert [listed(mark.url, owner) for mark in row.marks.values()] == [1, 1, 1]
        weekly = found(clock, "weekly")
        assert listed(weekly.url, owner) == weekly.count.total > 20


def test_the_sums_of_many_are_those_of_each(customer, version, owner, keeper):
    other = owned(under(version), owner)
    refresh(other)
    of_all = found(clock_of_all(keeper, 2026, TODAY), "talk")
    parts = [found(clock_of_customer(keeper, one, 2026, TODAY), "talk") for one in (customer, other)]
    for month in (2, 4, 9):
        assert of_all.marks[month].count == parts[0].marks[month].count + parts[1].marks[month].count
        assert listed(of_all.marks[month].url, keeper) == 2


def test_what_is_coming_and_done_already_is_done(customer, version, owner):
    action(version, "card", frequency="named", count=None, months=[5], types=["memo"], is_contact=False)
    log(customer, "2026-05-03", "memo", user=owner)
    refresh(customer)
    for clock in (clock_of_customer(owner, customer, 2026, TODAY), clock_of_all(owner, 2026, TODAY)):
        assert counts(found(clock, "card")) == {5: Count(done=1)}


def test_days_after_the_due_day_leave_a_mark_in_the_month_in_which_it_is_due(customer, version, owner):
    action(version, "report", frequency="named", count=None, months=[3], after=20, types=["memo"], is_contact=False)
    refresh(customer)
    row = found(clock_of_all(owner, 2026, TODAY), "report")
    assert counts(row) == {3: Count(missed=1)}
    assert listed(row.marks[3].url, owner) == 1


def test_models_that_ask_for_the_same_share_a_row(customer, version, owner):
    other = version_of(primary_model())
    action(other, "talk", frequency="named", count=None, months=[2, 4, 9], place="Online", name_fi="X", name_en="X")
    twin = action(other, "same", frequency="named", count=None, months=[6])
    action(version, "same", frequency="named", count=None, months=[6], name_fi=twin.name_fi, name_en=twin.name_en)
    clock = clock_of_all(owner, 2026, TODAY)
    codes = [row.code for row in clock.rows]
    assert (codes.count("talk"), codes.count("same")) == (2, 1)
    assert str(other.model) in found(clock, "same").origin


def test_the_clock_of_a_unit_has_what_its_people_have(version, owner, colleague):
    team = TeamFactory(members=[owner])
    refresh(owned(under(version), owner))
    other = TeamFactory(members=[colleague])
    assert found(clock_of_team(owner, team, 2026, TODAY), "talk").count.total == 3
    assert "talk" not in [row.code for row in clock_of_team(owner, other, 2026, TODAY).rows]


def test_an_action_of_a_team_is_on_its_clock_before_anything_is_due(version, owner):
    team = TeamFactory(members=[owner])
    row = action(version, "fair", frequency="named", count=None, months=[10], owner=False)
    row.responsible.all().delete()
    row.responsible.create(team=team)
    assert found(clock_of_team(owner, team, 2026, TODAY), "fair").months == (10,)


def test_a_draft_has_its_actions_and_no_occurrences(owner):
    draft = ModelVersionFactory()
    action(draft, "talk", frequency="named", count=None, months=[2])
    clock = clock_of_version(owner, draft, 2026, TODAY)
    assert counts(found(clock, "talk")) == {2: Count()}
    assert not clock.is_followed


def test_internal_events_are_on_the_clock_of_all_and_of_their_team_only(customer, owner, version):
    team = TeamFactory(members=[owner])
    event("meeting", responsible=[f"team:{team.pk}"], frequency="named", count=None, months=[3, 8])
    for clock in (clock_of_all(owner, 2026, TODAY), clock_of_team(owner, team, 2026, TODAY)):
        assert counts(found(clock, "meeting")) == {3: Count(missed=1), 8: Count(coming=1)}
    for clock in (clock_of_customer(owner, customer, 2026, TODAY), clock_of_version(owner, version, 2026, TODAY)):
        assert "meeting" not in [row.code for row in clock.rows]


@pytest.mark.parametrize("many", [1, 3])
def test_a_clock_costs_the_same_whatever_there_is_on_it(many, customer, version, owner, django_assert_num_queries):
    for number in range(many):
        action(version, f"more{number}", frequency="named", count=None, months=[6])
        event(f"event{number}")
        refresh(owned(under(version, customer=CustomerFactory()), owner))
    with django_assert_num_queries(QUERIES_OF_ALL):
        clock_of_all(owner, 2026, TODAY)


QUERIES_OF_ALL = 16

#: What stands in careplans.md §1 C, in Finnish: what, who, to whom, when, where.
TKU = [
    ("IT-messut", "Hallintopalvelut", "asiakas", "Maaliskuu", "IT"),
    ("Budjettiarvot toimitettu", "Palveluiden johto", "Kumppanuuksien johto", "Huhtikuu, marraskuu", "IT"),
    ("Budjettikokous", "Kumppanuuksien johto", "asiakas", "Toukokuu, joulukuu", "Asiakkaan luona"),
    ("Asiakastyytyväisyyskysely", "Hallintopalvelut", "asiakas", "Elokuu", "WWW"),
    ("Kyselyn analyysi", "Hallintopalvelut", "Tietohallinnon johto", "Lokakuu", "IT"),
]


@pytest.fixture
def portfolio(may) -> Any:
    scheme_set_add(name="tku")
    return models_add("tku")[0]


def test_the_clock_of_the_service_centre_has_its_five_rows_exactly(portfolio, owner):
    with override("fi"):
        clock = clock_of_version(owner, portfolio, 2026, TODAY)
        rows = [(row.what, row.who, row.to_whom, row.when, row.where) for row in clock.rows]
    assert rows == TKU


def test_it_prints_them_in_five_columns(portfolio, owner):
    with override("fi"):
        page = clock_html(clock_of_version(owner, portfolio, 2026, TODAY))
    heads = "".join(f"<th>{word}</th>" for word in ("Mitä", "Kuka", "Kenelle", "Milloin", "Missä"))
    assert f"<tr>{heads}</tr>" in page
    for number, row in enumerate(TKU, 1):
        cells = [f"{number}. {row[0]}", *row[1:]]
        assert "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>" in page


def test_the_five_portfolios_share_the_rows_on_the_clock_of_all(portfolio, owner):
    codes = [row.code for row in clock_of_all(owner, 2026, TODAY).rows]
    assert [codes.count(code) for code in ("fair", "budget_values", "budget_meeting")] == [1, 1, 1]
