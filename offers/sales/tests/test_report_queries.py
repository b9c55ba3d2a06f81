"""The people of the figures that a reader sees, and the period that a report is about."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from accounts.tests.factories import TeamFactory, UserFactory
from offers.offers.tests.factories import OfferFactory
from offers.offers.tests.pages import client_of
from offers.products.enums import LineKind
from offers.products.tests.factories import ProductFactory, line, product_group
from offers.sales.forms import ReportForm, default_period
from offers.sales.tests.reports import make_offer, tables

pytestmark = pytest.mark.django_db


# The people of the figures


def people_shown(reader):
    return set(tables("people", reader)["people"]) - {"All account managers"}


def test_everybody_sees_own_figures_and_those_of_all_together(user):
    make_offer(owner=user)
    make_offer(owner=UserFactory())
    assert people_shown(user) == {str(user)}
    assert tables("people", user)["people"]["All account managers"]["offered"] == 2


def test_a_team_leader_and_a_manager_see_their_people(user):
    member, staff, other = UserFactory(), UserFactory(manager=user), UserFactory()
    TeamFactory(leader=user, members=[member])
    for person in (member, staff, other):
        make_offer(owner=person)
    assert people_shown(user) == {str(member), str(staff)}


def test_who_sees_managements_figures_sees_everybody(manager):
    people = {str(make_offer(owner=UserFactory()).owner) for _number in range(3)}
    assert people_shown(manager) == people


def test_nobody_asks_for_a_person_or_team_whose_figures_are_not_theirs(user):
    stranger, team = UserFactory(), TeamFactory(members=[user])
    for field, value in (("owner", stranger.pk), ("team", team.pk)):
        form = ReportForm({field: value}, user=user)
        assert form.query() is None
        assert list(form.errors) == [field]
        answer = client_of(user).get(f"/api/v1/offers/reports/types/?{field}={value}")
        assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, [field])
    assert ReportForm({"owner": user.pk}, user=user).query().owner == user


def test_reports_are_narrowed_by_person_team_type_and_product_group(manager):
    seller = UserFactory()
    group = product_group("Leadership")
    product = ProductFactory(group=group)
    own = OfferFactory(
        owner=seller, date=dt.date(2026, 5, 5),
        lines=[line(kind=LineKind.PRODUCT, product_id=product.pk), line(kind=LineKind.PRODUCT, product_id=product.pk)],
    )  # fmt: skip
    make_offer()
    for narrowed in (
        {"owner": seller}, {"team": TeamFactory(members=[seller])}, {"type": own.type}, {"group": group},
    ):  # fmt: skip
        assert tables("types", manager, **narrowed)["types"]["Total"]["offered"] == 1, narrowed


# Periods


def test_without_a_period_it_is_the_twelve_months_that_end_today(user):
    with time_machine.travel("2026-11-26 12:00 +0200"):
        query = ReportForm(user=user).query()
    assert (query.first, query.last) == (dt.date(2025, 12, 1), dt.date(2026, 11, 26))


def test_a_first_day_alone_goes_on_until_today_and_a_last_day_alone_is_of_a_year(user):
    with time_machine.travel("2026-11-26 12:00 +0200"):
        first = ReportForm({"first": "1.1.2020"}, user=user).query()
        last = ReportForm({"last": "31.12.2017"}, user=user).query()
    assert (first.first, first.last) == (dt.date(2020, 1, 1), dt.date(2026, 11, 26))
    assert (last.first, last.last) == (dt.date(2017, 1, 1), dt.date(2017, 12, 31))
    assert default_period(dt.date(2024, 2, 29))["first"] == dt.date(2023, 3, 1)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"first": "2.1.2026", "last": "1.1.2026"}, "last"),
        ({"first": "0001-01-01"}, "first"),
        ({"last": "9999-12-31"}, "last"),
        ({"first": "some day"}, "first"),
        ({"type": "x"}, "type"),
        ({"group": "9" * 40}, "group"),
    ],
)
def test_a_period_that_cannot_be_is_told_at_its_field(user, data, field):
    form = ReportForm(data, user=user)
    assert form.query() is None
    assert list(form.errors) == [field]
    assert client_of(user).get("/offers/reports/types/", data).status_code == 400
