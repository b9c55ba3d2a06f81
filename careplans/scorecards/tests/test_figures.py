"""The figures of scorecards by hand, for a customer, the customers of a team, and all; each is declared once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from accounts.models import Team, TeamMembership
from accounts.tests.factories import UserFactory
from activities.feedback.models import Feedback
from activities.log.tests.factories import ActivityFactory
from careplans.following.models import CareOccurrence, CareStatus
from careplans.plans.tests.world import member
from core import clock
from core.metrics import Unit
from customers.scores import ALL, CUSTOMER, TEAM, Scope, score_metrics, score_of
from customers.tests.factories import CustomerFactory
from offers.offers.tests.factories import OfferFactory
from offers.orders.tests.factories import OrderFactory
from segmentation.membership.models import Membership
from segmentation.metrics.services.refresh import metrics_refresh
from segmentation.schemes.models import Scheme

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 5, 15)


@pytest.fixture(autouse=True)
def may(db):
    with clock.frozen(TODAY):
        yield


@pytest.fixture
def team(owner):
    found = Team.objects.create(name="Sales")
    TeamMembership.objects.create(team=found, user=owner)
    return found


@pytest.fixture
def scopes(customer, team):
    """The owner's customer, the customers of the owner's team, and all: one customer more."""
    CustomerFactory()
    return {CUSTOMER: Scope(customer=customer), TEAM: Scope(team=team), ALL: Scope()}


def figures(code, scopes, year=2026):
    return [score_of(score_metrics()[code], scope, year) for scope in scopes.values()]


def test_every_figure_is_declared_in_full_and_of_a_known_unit():
    assert len(score_metrics()) >= 19
    for metric in score_metrics().values():
        assert str(metric.label)
        assert str(metric.definition)
        assert isinstance(metric.unit, Unit)
        assert set(metric.scopes) <= {CUSTOMER, TEAM, ALL}


@pytest.mark.parametrize("year", [2024, 2026, 2027])
def test_every_figure_answers_every_scope_that_it_has(year, scopes):
    """With hardly any data: a number or not known, and nothing of a year to come."""
    for metric in score_metrics().values():
        for kind, scope in scopes.items():
            value = score_of(metric, scope, year, TODAY)
            assert value is None or isinstance(value, Decimal)
            if year > TODAY.year or kind not in metric.scopes:
                assert value is None


def test_orders_and_buyers_of_the_year(scopes, customer):
    other = CustomerFactory()
    for one, days in ((customer, ("2025-03-01", "2026-02-01", "2026-03-01")), (other, ("2026-04-01",))):
        for day in days:
            OrderFactory(customer=one, date=dt.date.fromisoformat(day))
    OrderFactory(customer=other, date=dt.date(2026, 4, 2), status="cancelled")
    assert figures("orders", scopes) == [2, 2, 3]
    assert figures("orders", scopes, 2025) == [1, 1, 1]
    assert figures("new_customers", scopes) == [None, 0, 1]
    assert figures("new_customers", scopes, 2025) == [None, 1, 1]
    assert figures("repeat_buyers", scopes) == [None, 1, 1]
    assert figures("retention", scopes) == [None, 100, 100]


def test_the_hit_rate_is_that_of_offers_decided_in_the_year(scopes, customer):
    decided = dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC)
    for status in ("order", "lost", "lost"):
        OfferFactory(customer=customer, status=status, decided_at=decided)
    assert figures("hit_rate", scopes) == [Decimal("33.3")] * 3
    assert figures("hit_rate", scopes, 2025) == [None] * 3


def test_metrics_of_customers_are_added_up(scopes, customer):
    metrics_refresh()
    assert figures("meetings", scopes) == [0, 0, 0]
    assert figures("framework_agreements", scopes) == [None, 0, 0]
    assert figures("decision_makers", scopes) == [None, 0, 0]
    assert figures("data_quality", scopes)[2] is not None


def test_contact_overdue_and_adherence_are_those_of_care_plans(scopes, customer, owner, team):
    CareStatus.objects.create(customer=customer, overdue_since="2026-05-01", asks_for_contact=True)
    assert figures("contact_overdue", scopes) == [None, 1, 1]
    assert figures("contact_overdue", scopes, 2025) == [None, None, None]
    for month, state in ((1, "done"), (2, "missed"), (3, "done"), (4, "done")):
        day = dt.date(2026, month, 20)
        CareOccurrence.objects.create(
            customer=customer, code="contact", kind="calendar", start=day, first=day, due=day, last=day, state=state,
            scope="customer", is_mandatory=True, is_contact=True, holder=f"user:{owner.pk}", user=owner, team=team,
        )  # fmt: skip
    assert figures("adherence", scopes) == [75, 75, 75]


def _occurrences(customer, states, **place):
    """Occurrences of January, February and so on."""
    for month, state in enumerate(states, 1):
        day = dt.date(2026, month, 20)
        CareOccurrence.objects.create(
            customer=customer, code="contact", kind="calendar", start=day, first=day, due=day, last=day, state=state,
            scope="customer", is_mandatory=True, is_contact=True, holder=f"user:{place['user'].pk}", **place,
        )  # fmt: skip


@pytest.mark.parametrize(("kind", "place"), [("care", "team"), ("unit", "unit")])
def test_the_adherence_of_a_team_is_that_of_its_people_and_of_what_it_had(kind, place, customer, owner):
    """Those noted in another team and those of the teams below are its people; who has left had its work then."""
    team = Team.objects.create(name="Upper", kind=kind)
    first, below = Team.objects.create(name="First"), Team.objects.create(name="Below", parent=team)
    lower, left, outsider = (UserFactory(role="account_manager") for _number in range(3))
    for one, user in ((first, owner), (team, owner), (below, lower)):
        TeamMembership.objects.create(team=one, user=user)
    _occurrences(customer, ["done"], user=owner, team=first)
    _occurrences(CustomerFactory(), ["done"], user=lower, team=below)
    _occurrences(CustomerFactory(), ["missed", "done"], user=left, **{place: team})
    _occurrences(CustomerFactory(), ["missed"] * 4, user=outsider, team=first)
    assert figures("adherence", {TEAM: Scope(team=team)}) == [75]
    assert figures("adherence", {TEAM: Scope(team=below)}) == [100]
    assert score_metrics()["adherence"].version == 2


def test_moves_upwards_and_the_share_of_growing_customers(scopes, customer):
    """A customer that was potential when the year began is in a segment that counts as growing."""
    scheme = Scheme.objects.primary().get()
    growing = scheme.segments.filter(counts_as_growing=True).exclude(pk=scheme.lead_segment_id).first()
    Membership.objects.filter(customer=customer).delete()
    member(customer, scheme.lead_segment, "2025-06-01", "2026-03-01")
    member(customer, growing, "2026-03-01")
    assert figures("moves_up", scopes) == [None, 1, 1]
    assert figures("growing", scopes)[1] == 100


def test_satisfaction_is_the_share_of_positive_feedback(customer, scopes):
    """Of the customer two of three pieces are positive; an idea and what the year before had say nothing."""
    for words, on in (("positive", 5), ("positive", 4), ("negative", 3), ("national", 2)):
        at = dt.datetime(2026, on, 4, 12, tzinfo=dt.UTC)
        Feedback.objects.create(activity=ActivityFactory(customer=customer, words=[words], start=at))
    Feedback.objects.create(activity=ActivityFactory(words=["negative"], start=dt.datetime(2026, 2, 1, tzinfo=dt.UTC)))
    assert figures("satisfaction", scopes) == [Decimal("66.70"), Decimal("66.70"), Decimal("50.00")]
    assert figures("satisfaction", scopes, 2025) == [None, None, None]
