"""Figures of offers and orders for reports, each computed in the database in a query or two.

Decided offers and orders of inactive customers are counted, so that the figures of past periods do not change, but the
names of these customers are not shown. Their open offers are not: like on the board and in the forecast, nobody can
decide them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, ExtractDay, TruncDate, TruncMonth, Upper
from django.utils import timezone

from accounts.models import Team, User
from activities.log.enums import ActivityStatus
from core import clock
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import LostReason, Offer, OfferActivity, OfferLine, OfferStatusChange, OfferType
from offers.offers.selectors import COUNTED, stuck
from offers.orders.models import Order, OrderLine
from offers.products.models import ProductGroup
from offers.products.money import CENT, ZERO
from offers.sales.enums import TargetKind
from offers.sales.models import SalesTarget
from offers.sales.selectors.pipeline import weighted

#: The classes of offers by days at their stage: the last day of each class, none for the last class.
AGES = (7, 14, 30, 60, 90, None)
WON, LOST = Q(status=OfferStatus.ORDER), Q(status=OfferStatus.LOST)


@dataclass(frozen=True, kw_only=True)
class ReportQuery:
    """The filters and the period of a report, for its reader; both days are included.

    ``customers`` is a query set of customers: only what is theirs counts. Figures without people need no reader.
    """

    reader: Any
    first: dt.date
    last: dt.date
    type: OfferType | None = None
    team: Team | None = None
    owner: User | None = None
    group: ProductGroup | None = None
    customers: Any = None


def year_before(query: ReportQuery) -> ReportQuery:
    """Return the same query about the same days a year before; of the 29th of February, the 28th."""
    return replace(query, first=clock.year_earlier(query.first), last=clock.year_earlier(query.last))


class Percentile(Aggregate):
    """The value below which ``share`` of the rows are, between two rows in proportion (percentile_cont)."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()

    def __init__(self, expression: Any, *, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, **extra)


def people_reported_to(user: User) -> QuerySet[User]:
    """Return the people with figures that ``user`` may see, as ``sales.view_targets`` allows.

    They are the user, the user's staff and the members of teams that the user leads, or everyone for the readers of
    management reports.
    """
    if user.has_perm("accounts.view_reports"):
        return User.objects.all()
    led = User.objects.filter(teams__leader=user).values("pk")
    return User.objects.filter(Q(pk=user.pk) | Q(manager=user) | Q(pk__in=led))


def teams_reported_to(user: User) -> QuerySet[Team]:
    """Return the teams with figures that ``user`` may see: those that the user leads, or all."""
    teams: QuerySet[Team] = Team.objects.all()
    return teams if user.has_perm("accounts.view_reports") else teams.filter(leader=user)


def offers_of(query: ReportQuery) -> QuerySet[Offer]:
    """Return the offers that a report counts (:data:`COUNTED`), of any date."""
    offers: QuerySet[Offer] = _filter_by_query(Offer.objects.order_by().filter(COUNTED), query, OfferLine, "offer")
    return offers


def orders_of(query: ReportQuery) -> QuerySet[Order]:
    """Return the orders of the period, except cancelled ones."""
    in_period = Order.objects.order_by().not_cancelled().filter(date__range=(query.first, query.last))
    orders: QuerySet[Order] = _filter_by_query(in_period, query, OrderLine, "order")
    return orders


def _filter_by_query(rows: Any, query: ReportQuery, lines: Any, parent: str) -> Any:
    if query.customers is not None:
        rows = rows.filter(customer__in=query.customers.values("pk"))
    if query.type:
        rows = rows.filter(type=query.type)
    if query.team:
        rows = rows.filter(owner__in=query.team.members.values("pk"))
    if query.owner:
        rows = rows.filter(owner=query.owner)
    if query.group:
        below = ProductGroup.objects.get_tree(query.group).order_by().values("pk")
        rows = rows.filter(pk__in=lines.objects.filter(product__group__in=below).values(parent))
    return rows


def decided_of(query: ReportQuery) -> QuerySet[Offer]:
    """Return the offers that were decided in the period, in the default time zone."""
    zone = timezone.get_default_timezone()
    start = dt.datetime.combine(query.first, dt.time(), zone)
    end = dt.datetime.combine(query.last + dt.timedelta(days=1), dt.time(), zone)
    return offers_of(query).filter(decided_at__gte=start, decided_at__lt=end)


def percent(part: Any, whole: Any) -> Decimal | None:
    """Return a share in percent with one decimal; None if the whole is zero."""
    if not whole:
        return None
    return (Decimal(100) * Decimal(part) / Decimal(whole)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _days(later: Any, earlier: Any) -> ExtractDay:
    """Return the SQL expression of the whole days between two dates."""
    return ExtractDay(ExpressionWrapper(later - earlier, output_field=DurationField()))


# Open offers


def open_by_age(query: ReportQuery) -> list[dict[str, Any]]:
    """Return a row for each class of :data:`AGES`: open offers by their days at their stage, whatever the period."""
    today = clock.today()
    since = TruncDate("status_since", tzinfo=timezone.get_default_timezone())
    days = _days(Value(today, output_field=DateField()), since)
    steps = OfferActivity.objects.filter(
        offer=OuterRef("pk"), activity__status__in=(ActivityStatus.OPEN, ActivityStatus.IN_PROGRESS)
    )
    rows = (
        offers_of(query)
        .filter(status__in=UNDECIDED)
        .annotate(days=days)
        .annotate(age=Case(*(When(days__lte=age, then=age) for age in AGES if age), output_field=IntegerField()))
        .values("age")
        .annotate(
            prepared=Count("pk", filter=Q(status=OfferStatus.OPEN)),
            sent=Count("pk", filter=Q(status=OfferStatus.SENT)),
            value=Sum("net"),
            weighted=Sum(weighted()),
            stuck=Count("pk", filter=stuck()),
            expired=Count("pk", filter=Q(valid_until__lt=today)),
            stepless=Count("pk", filter=~Exists(steps)),
        )
        .order_by()
    )
    by_age = {row["age"]: row for row in rows}
    empty = dict.fromkeys(("prepared", "sent", "stuck", "expired", "stepless"), 0) | {"value": ZERO, "weighted": ZERO}
    return [{"age": age, **(by_age.get(age) or empty)} for age in AGES]


# Outcomes


@dataclass
class Outcome:
    """The offers of the period and their outcomes, in numbers and euros without VAT."""

    key: Any
    offered: int = 0
    offered_net: Decimal = ZERO
    open: int = 0
    open_net: Decimal = ZERO
    won: int = 0
    won_net: Decimal = ZERO
    lost: int = 0
    lost_net: Decimal = ZERO
    ordered_net: Decimal = ZERO
    target: Decimal | None = None

    @property
    def hit_rate(self) -> Decimal | None:
        """Return the share of decided offers that were won, by number."""
        return percent(self.won, self.won + self.lost)

    @property
    def hit_rate_net(self) -> Decimal | None:
        """Return the share of decided offers that were won, by value."""
        return percent(self.won_net, self.won_net + self.lost_net)

    @property
    def reached(self) -> Decimal | None:
        return percent(self.ordered_net, self.target) if self.target else None


_OUTCOMES: dict[str, Q] = {"offered": Q(), "open": Q(status__in=UNDECIDED), "won": WON, "lost": LOST}


def _outcome_figures() -> dict[str, Any]:
    counts = {name: Count("pk", filter=condition) for name, condition in _OUTCOMES.items()}
    sums = {f"{name}_net": Coalesce(Sum("net", filter=condition), ZERO) for name, condition in _OUTCOMES.items()}
    return counts | sums


def outcomes(offers: QuerySet[Offer], by: Any) -> list[Outcome]:
    """Return the outcomes of ``offers`` by an expression, in its order."""
    rows = offers.values(key=by).annotate(**_outcome_figures()).order_by("key")
    return [Outcome(**row) for row in rows]


def total_outcome(parts: Iterable[Outcome]) -> Outcome:
    """Return the sums of outcomes."""
    whole = Outcome("")
    names = [name for part in _OUTCOMES for name in (part, f"{part}_net")]
    for outcome in parts:
        for name in [*names, "ordered_net"]:
            setattr(whole, name, getattr(whole, name) + getattr(outcome, name))
        if outcome.target is not None:
            whole.target = (whole.target or ZERO) + outcome.target
    return whole


def outcomes_by_type(query: ReportQuery) -> list[Outcome]:
    """Return what became of the offers dated in the period, by type, the greatest won value first."""
    by_type = outcomes(offers_of(query).filter(date__range=(query.first, query.last)), F("type"))
    types = OfferType.objects.in_bulk([outcome.key for outcome in by_type])
    for outcome in by_type:
        outcome.key = types[outcome.key]
    return sorted(by_type, key=lambda outcome: (-outcome.won_net, -outcome.offered_net))


def outcomes_by_person(query: ReportQuery) -> tuple[list[Outcome], Outcome]:
    """Return the figures of the people that the reader may see, and those of all people in total."""
    by_owner = {
        outcome.key: outcome
        for outcome in outcomes(offers_of(query).filter(date__range=(query.first, query.last)), F("owner"))
    }
    for owner, net in orders_of(query).values_list("owner").annotate(Sum("net")).order_by():
        by_owner.setdefault(owner, Outcome(owner)).ordered_net = net
    whole = total_outcome(by_owner.values())
    people = people_reported_to(query.reader).in_bulk()
    targets = euro_targets(query, people)
    shown = [by_owner.get(pk) or Outcome(pk) for pk in people if pk in by_owner or pk in targets]
    for outcome in shown:
        outcome.target, outcome.key = targets.get(outcome.key), people[outcome.key]
    return sorted(shown, key=lambda outcome: (-outcome.ordered_net, -outcome.offered_net, outcome.key.sort_key)), whole


def decided_by_month(query: ReportQuery) -> list[Outcome]:
    """Return won and lost offers by the month of the decision; months without any are included."""
    month = TruncMonth("decided_at", tzinfo=timezone.get_default_timezone())
    by_month = {outcome.key.date(): outcome for outcome in outcomes(decided_of(query), month)}
    return [by_month.get(month) or Outcome(month) for month in months(query.first, query.last)]


def months(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the first day of each month of a period."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [dt.date(number // 12, number % 12 + 1, 1) for number in numbers]


# Time to decision


@dataclass(frozen=True)
class Speed:
    """The days that ``count`` decisions took: the ``median`` and the 90th percentile."""

    key: Any
    count: int
    median: float
    ninety: float


def decision_days(query: ReportQuery) -> QuerySet[Any]:
    """Return decided offers with ``days``: from the first sending, or the offer's own date, to the decision."""
    zone = timezone.get_default_timezone()
    sent = OfferStatusChange.objects.filter(offer=OuterRef("pk"), to_status=OfferStatus.SENT).order_by("at")
    begun = Coalesce(TruncDate(Subquery(sent.values("at")[:1]), tzinfo=zone), F("date"))
    return decided_of(query).annotate(days=_days(TruncDate("decided_at", tzinfo=zone), begun))


def decision_speed(query: ReportQuery, by: Any) -> list[Speed]:
    """Return the days to decision by an expression; ``by`` None gives the total."""
    rows = decision_days(query).values(key=by if by is not None else Value(""))
    figures = {"count": Count("pk"), "median": Percentile("days", share=0.5), "ninety": Percentile("days", share=0.9)}
    return [Speed(**row) for row in rows.annotate(**figures).order_by("key") if row["count"]]


# Lost reasons


def lost_by(query: ReportQuery, by: Any) -> list[tuple[Any, int, Decimal]]:
    """Return (key, number, value) of the offers lost in the period by an expression, the greatest value first."""
    rows = decided_of(query).filter(LOST).values(key=by).annotate(count=Count("pk"), total=Sum("net"))
    return [(row["key"], row["count"], row["total"]) for row in rows.order_by("-total", "-count", "key")]


def lost_by_reason(query: ReportQuery) -> list[tuple[LostReason, int, Decimal]]:
    lost = lost_by(query, F("lost_reason"))
    reasons = LostReason.objects.in_bulk([key for key, _count, _net in lost])
    return [(reasons[key], count, net) for key, count, net in lost]


def lost_by_competitor(query: ReportQuery) -> list[tuple[str, int, Decimal]]:
    """Return the competitors that won instead, in any letter case; the last one is the unknown competitor."""
    rows = decided_of(query).filter(LOST).values(key=Upper("competitor"))
    rows = rows.annotate(name=Min("competitor"), count=Count("pk"), total=Sum("net")).order_by(
        "-total", "-count", "key"
    )
    competitors = [(row["name"], row["count"], row["total"]) for row in rows]
    return sorted(competitors, key=lambda competitor: not competitor[0])


def total_won(query: ReportQuery) -> tuple[int, Decimal]:
    won = decided_of(query).filter(WON).aggregate(count=Count("pk"), total=Coalesce(Sum("net"), ZERO))
    return won["count"], won["total"]


# Targets


def euro_targets(query: ReportQuery, people: Iterable[int]) -> dict[int, Decimal]:
    """Return the euro targets of people for the period.

    A whole year has its yearly target; otherwise the targets of the quarters, or their share of the yearly target, are
    counted by the days in the period.
    """
    years = range(query.first.year, query.last.year + 1)
    rows = SalesTarget.objects.filter(user__in=list(people), year__in=years, kind=TargetKind.EUROS)
    given: dict[int, dict[tuple[int, int], Decimal]] = defaultdict(dict)
    for user, year, quarter, amount in rows.values_list("user", "year", "quarter", "amount"):
        given[user or 0][year, quarter] = amount
    return {
        user: sum((_year_target(own, year, query) for year in years), ZERO).quantize(CENT, ROUND_HALF_UP)
        for user, own in given.items()
    }


def _year_target(own: dict[tuple[int, int], Decimal], year: int, query: ReportQuery) -> Decimal:
    is_whole = query.first <= dt.date(year, 1, 1) and dt.date(year, 12, 31) <= query.last
    if is_whole and (year, 0) in own:
        return own[year, 0]
    return sum((_quarter_target(own, year, quarter, query) for quarter in (1, 2, 3, 4)), ZERO)


def _quarter_target(own: dict[tuple[int, int], Decimal], year: int, quarter: int, query: ReportQuery) -> Decimal:
    first = dt.date(year, 3 * quarter - 2, 1)
    after = dt.date(year + quarter // 4, 3 * quarter % 12 + 1, 1)
    days = (min(after, query.last + dt.timedelta(days=1)) - max(first, query.first)).days
    if days <= 0:
        return ZERO
    if (year, quarter) in own:
        return own[year, quarter] * days / (after - first).days
    return own.get((year, 0), ZERO) * days / (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
