"""Figures of care plans for scorecards: adherence, customers out of cadence, reach."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import TeamKind
from careplans.adherence.figures import Reach
from careplans.following.adherence import Query, figures_by, reach_in, total_of
from careplans.following.models import CareStatus
from core.metrics import Unit
from customers.scores import ALL, CUSTOMER, OF_MANY, Scope, ScoreMetric, Year


def _query(scope: Scope, year: Year) -> Query:
    chosen = {"customer": scope.customer.pk} if scope.customer else {}
    return Query(reader=None, first=year.first, last=year.last, chosen=chosen, also=_of_team(scope))


def _of_team(scope: Scope) -> Q:
    """What the team had on the due day, and all of its people: one is noted in a single team, but may be in several."""
    if scope.team is None:
        return Q()
    place = "unit" if scope.team.kind == TeamKind.UNIT else "team"
    return Q(**{place: scope.team}) | Q(user__in=scope.owners)


def adherence(scope: Scope, year: Year) -> int | None:
    return total_of(figures_by(_query(scope, year))).adherence


def overdue(scope: Scope, year: Year) -> int | None:
    """Count the customers with which contact is overdue now; not known of past years."""
    if not year.is_running:
        return None
    rows = CareStatus.objects.overdue().filter(customer__state="active")
    return rows.count() if scope.kind == ALL else rows.filter(customer__in=scope.customers).count()


def reached(scope: Scope, year: Year) -> int | None:
    found: Reach | None = reach_in(_query(scope, year), year.today)
    return found.percent if found else None


SCORE_METRICS = (
    ScoreMetric(
        code="adherence", label=_("Adherence"), unit=Unit.PERCENT, value=adherence, order=10, version=2,
        definition=_(
            "Mandatory care actions toward customers that were done in their window, per cent of those that were due "
            "in the year. Of a team those of its present people, of the teams that are part of it too, and those that "
            "it had on their due day."
        ),
    ),
    ScoreMetric(
        code="contact_overdue", label=_("Customers out of cadence"), unit=Unit.COUNT, value=overdue, order=11,
        scopes=OF_MANY, less_is_better=True,
        definition=_("Customers with which contact is overdue by their care plan now. Not known of past years."),
    ),
    ScoreMetric(
        code="reach", label=_("Reach of contact"), unit=Unit.PERCENT, value=reached, order=12,
        scopes=(CUSTOMER, ALL),
        definition=_("Customers under a contact action with a contact in the year, per cent."),
    ),
)  # fmt: skip
