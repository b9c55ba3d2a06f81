"""Targets and their actuals, computed from orders and activities (domain.md §1).

* new customers: customers with their first order in the period, for the account manager of that order;
* repeat purchases: orders made in the period by customers that had ordered before, for their account managers;
* customer meetings: done activities of the period that are contact with a customer, face to face or by video, for each
  participant (a team counts each meeting once);
* euros: sums without VAT of the orders made in the period, for their account managers.

Cancelled orders are not counted.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Team, User
from activities.log.models import Participation
from activities.log.querysets import is_meeting
from core import clock
from offers.orders.models import Order
from offers.sales.enums import TargetKind
from offers.sales.models import SalesTarget

ZERO = Decimal(0)
MAX_PEOPLE = 200

#: The definitions shown beside the figures.
DEFINITIONS = {
    TargetKind.EUROS: _(
        "Value of the orders made in the period, in euros without VAT. Cancelled orders are not counted. Orders of"
        " customers that are now inactive are, but the list does not show them."
    ),
    TargetKind.NEW_CUSTOMERS: _("Customers who placed their first order in the period."),
    TargetKind.REPEAT_PURCHASES: _("Orders made in the period by customers that had ordered before."),
    TargetKind.MEETINGS: _("Done activities with customers, face to face or by video."),
}
KINDS = tuple(DEFINITIONS)


@dataclass(frozen=True)
class Period:
    """A year (``quarter`` 0) or one of its quarters."""

    year: int
    quarter: int = 0
    #: The last day that is counted, if it is not the period's own.
    until: dt.date | None = None

    @property
    def end(self) -> dt.date:
        """Return the last day that is counted."""
        return self.until or self.last

    @property
    def former(self) -> Period:
        """Return the same period a year before, until the same day as this one has come to."""
        day = min(clock.today(), self.last)
        is_leap_day = (day.month, day.day) == (2, 29)
        until = day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
        former = Period(self.year - 1, self.quarter)
        return replace(former, until=max(min(until, former.last), former.first - dt.timedelta(days=1)))

    @classmethod
    def of(cls, day: dt.date) -> Period:
        return cls(day.year)

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, max(3 * self.quarter - 2, 1), 1)

    @property
    def last(self) -> dt.date:
        """Return the last day of the period."""
        end_month = 3 * self.quarter if self.quarter else 12
        begin_next = dt.date(self.year + end_month // 12, end_month % 12 + 1, 1)
        return begin_next - dt.timedelta(days=1)

    @property
    def passed(self) -> Decimal:
        """Return the part of the period that has passed, 0–1."""
        days = (self.last - self.first).days + 1
        passed = (min(clock.today(), self.last) - self.first).days + 1
        return max(ZERO, Decimal(passed) / days)


@dataclass(frozen=True)
class Progress:
    """A target and its actual. ``state``: ``reached``, ``ahead`` or ``behind`` schedule; empty without target."""

    kind: TargetKind
    actual: Decimal
    target: Decimal | None
    state: str
    passed: Decimal = ZERO
    #: The actual of the same days a year before, where it was asked for.
    before: Decimal | None = None
    #: The list of the rows that the actual counts, where there is one.
    url: str = ""

    @property
    def label(self) -> Any:
        return self.kind.label

    @property
    def definition(self) -> Any:
        return DEFINITIONS[self.kind]

    @property
    def is_euros(self) -> bool:
        return self.kind == TargetKind.EUROS

    @property
    def percent(self) -> int | None:
        return int(self.actual * 100 / self.target) if self.target else None

    @property
    def bar_kind(self) -> str:
        return "warn" if self.state == "behind" else "ok"

    @property
    def bar_label(self) -> str:
        """Return what the bar of the target shows, for those who do not see it."""
        text = _("%(label)s: %(percent)d %% of the target, expected by today %(expected)d %%")
        return str(text) % {"label": self.label, "percent": self.percent or 0, "expected": round(self.passed * 100)}

    @property
    def expected(self) -> Decimal | None:
        """Return what should have been reached by today."""
        return self.target * self.passed if self.target else None


@dataclass(frozen=True)
class PersonProgress:
    person: User
    rows: list[Progress]


def progress_of(people: Collection[User], period: Period, *, compare: bool = False) -> list[PersonProgress]:
    """Return the targets and actuals of people, and with ``compare`` those of a year before, in a few queries."""
    keys = [person.pk for person in people]
    actual, targets = actuals(keys, period), targets_of(SalesTarget.objects.filter(user__in=keys), period, "user_id")
    before = actuals(keys, period.former) if compare else {}
    return [
        PersonProgress(person, _progress_rows(actual[person.pk], targets[person.pk], period, before.get(person.pk)))
        for person in people
    ]


def team_progress(team: Team, period: Period) -> list[Progress]:
    """Return the team's targets and the joint actuals of its members."""
    members = list(team.members.values_list("pk", flat=True))
    by_member = actuals(members, period)
    sums = {kind: sum((figures[kind] for figures in by_member.values()), ZERO) for kind in KINDS}
    together = _meetings(members, period).aggregate(meetings=Count("activity", distinct=True))
    sums[TargetKind.MEETINGS] = Decimal(together["meetings"])
    targets = targets_of(SalesTarget.objects.filter(team=team), period, "team_id")
    return _progress_rows(sums, targets[team.pk], period)


def _progress_rows(
    actual: Mapping[TargetKind, Decimal],
    targets: Mapping[TargetKind, Decimal],
    period: Period,
    before: Mapping[TargetKind, Decimal] | None = None,
) -> list[Progress]:
    rows = [_progress(kind, actual[kind], targets.get(kind), period) for kind in KINDS]
    return [replace(row, before=before[row.kind]) for row in rows] if before else rows


def _progress(kind: TargetKind, actual: Decimal, target: Decimal | None, period: Period) -> Progress:
    if not target:
        return Progress(kind, actual, target, "")
    if actual >= target:
        return Progress(kind, actual, target, "reached", period.passed)
    return Progress(kind, actual, target, "ahead" if actual >= target * period.passed else "behind", period.passed)


def actuals(people: Collection[int], period: Period) -> dict[int, dict[TargetKind, Decimal]]:
    """Return the actuals of each person in the period by the definitions above, in two queries."""
    figures = {pk: dict.fromkeys(KINDS, ZERO) for pk in people}
    for row in _order_sums(people, period):
        figures[row["owner"]] |= {
            TargetKind.EUROS: row["euros"] or ZERO,
            TargetKind.NEW_CUSTOMERS: Decimal(row["orders"] - row["repeats"]),
            TargetKind.REPEAT_PURCHASES: Decimal(row["repeats"]),
        }
    for user, count in _meetings(people, period).values_list("user").annotate(Count("pk")).order_by():
        figures[user][TargetKind.MEETINGS] = Decimal(count)
    return figures


def _order_sums(people: Collection[int], period: Period) -> Iterable[Any]:
    """Return the sums of orders by account manager.

    An order is a repeat if its customer has an earlier one; orders of the same day count in the order of entry.
    """
    orders = Order.objects.not_cancelled().filter(owner__in=people, date__range=(period.first, period.end))
    made = orders.with_is_repeat()
    sums = {"euros": Sum("net"), "orders": Count("pk"), "repeats": Count("pk", filter=Q(is_repeat=True))}
    return made.values("owner").annotate(**sums).order_by()


def _meetings(people: Collection[int], period: Period) -> QuerySet[Participation]:
    """Return the participations in customer meetings, by the index of the calendar.

    The period is in the organisation's time zone, whoever reads the figures.
    """
    zone = timezone.get_default_timezone()
    begin = dt.datetime.combine(period.first, dt.time(), zone)
    end = dt.datetime.combine(period.end + dt.timedelta(days=1), dt.time(), zone)
    return Participation.objects.filter(
        user__in=people,
        start_at__gte=begin,
        start_at__lt=end,
    ).filter(is_meeting("activity__"))


def targets_of(targets: QuerySet[SalesTarget], period: Period, key: str) -> dict[int, dict[TargetKind, Decimal]]:
    """Return the targets of the period by person or team. A year without its own target has the sum of its quarters."""
    amounts: dict[int, dict[TargetKind, Decimal]] = defaultdict(dict)
    sums: dict[int, dict[TargetKind, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for target in targets.filter(year=period.year):
        owner = getattr(target, key)
        if target.quarter == period.quarter:
            amounts[owner][TargetKind(target.kind)] = target.amount
        elif period.quarter == 0:
            sums[owner][TargetKind(target.kind)] += target.amount
    for owner, quarters in sums.items():
        amounts[owner] = dict(quarters) | amounts[owner]
    return amounts


def people_followed_by(user: Any) -> QuerySet[User]:
    """Return the people with targets that the user may see: the user, and those who sell or have targets.

    They are the user's staff and team members or, for the readers of management reports, everyone.
    """
    people = User.objects.active()
    if not user.has_perm("accounts.view_reports"):
        people = people.filter(Q(pk=user.pk) | Q(manager=user) | Q(teams__leader=user))
    sells = Q(groups__permissions__codename="write_offers", groups__permissions__content_type__app_label="offers")
    targets = SalesTarget.objects.filter(user=OuterRef("pk"))
    shown = User.objects.filter(sells).values("pk")
    return people.filter(Q(pk__in=shown) | Exists(targets) | Q(pk=user.pk)).distinct().order_by("sort_key", "pk")


def people_with_targets(user: Any, period: Period) -> QuerySet[User]:
    """Return the active people that the user may follow and who have a target in the period's year."""
    people = User.objects.active()
    if not user.has_perm("accounts.view_reports"):
        people = people.filter(Q(pk=user.pk) | Q(manager=user) | Q(teams__leader=user)).distinct()
    having = SalesTarget.objects.filter(user__isnull=False, year=period.year).values("user")
    return people.filter(pk__in=having).order_by("sort_key", "pk")


def target_grid(targets: QuerySet[SalesTarget], year: int) -> dict[tuple[TargetKind, int], Decimal]:
    """Return the targets of one person or team in a year by kind and quarter (0: the year)."""
    return {(TargetKind(target.kind), target.quarter): target.amount for target in targets.filter(year=year)}
