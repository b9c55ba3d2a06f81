"""Reads of the pipeline: leads and offers by stage with their sums, and what is expected to come by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    DecimalField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Round, TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from activities.leads.enums import LeadState
from activities.leads.selectors import leads_for
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Participation
from core import clock
from core.paging import InvalidToken, keyset_page
from customers.models import Responsibility
from customers.querysets import of_active
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import Offer, OfferActivity
from offers.products.money import ZERO

#: Decided offers stay on the board so many days.
RECENT_DAYS = 30
CARDS = 20
#: The forecast tells so many months one by one.
MONTHS = 12
LEAD = "lead"
#: The columns of the board from left to right, with the order of their cards: what has stood longest comes first.
COLUMNS: dict[str, tuple[Any, str]] = {
    LEAD: (pgettext_lazy("pipeline", "Leads"), "start"),
    OfferStatus.OPEN: (pgettext_lazy("pipeline", "Being prepared"), "status_since"),
    OfferStatus.SENT: (pgettext_lazy("pipeline", "Sent"), "status_since"),
    OfferStatus.ORDER: (pgettext_lazy("pipeline", "Orders"), "-decided_at"),
    OfferStatus.LOST: (pgettext_lazy("pipeline", "Lost"), "-decided_at"),
}
_MONEY: DecimalField[Any, Any] = DecimalField(max_digits=18, decimal_places=2)


@dataclass(frozen=True)
class Sums:
    """How many, what they are worth and what that comes to by their probability, in euros without VAT."""

    count: int = 0
    net: Decimal = ZERO
    weighted: Decimal = ZERO


@dataclass(frozen=True)
class Column:
    """A stage with the first of its rows and the sums of all. ``next`` is the token of the rows that follow."""

    name: str
    label: Any
    sums: Sums
    rows: list[Any]
    next: str = ""

    @property
    def is_open(self) -> bool:
        return self.name in UNDECIDED

    @property
    def is_recent(self) -> bool:
        return self.name in (OfferStatus.ORDER, OfferStatus.LOST)


@dataclass(frozen=True)
class ForecastRow:
    """What is expected in a month. Without a ``month`` it is what ``kind`` says: overdue, later, no_date."""

    kind: str
    month: dt.date | None
    sums: Sums

    @property
    def label(self) -> str:
        if self.month:
            return date_format(self.month, "YEAR_MONTH_FORMAT")
        named = {
            "overdue": _("Expected close date has passed"),
            "later": _("Later"),
            "no_date": _("No expected close date"),
        }
        return named[self.kind]

    @property
    def short_label(self) -> str:
        """For where there is little room."""
        if self.month:
            return f"{self.month.month}/{self.month.year}"
        short = {"overdue": pgettext("day", "passed"), "later": _("Later"), "no_date": pgettext("decision day", "none")}
        return short[self.kind]


@dataclass(frozen=True)
class Forecast:
    """The months to come and, apart from them, what has no month of its own."""

    rows: list[ForecastRow]
    total: Sums


def likely() -> Case:
    """The probability of an offer in percent as :attr:`Offer.likely` says it, in SQL."""
    usual = {OfferStatus.OPEN: "type__open_probability", OfferStatus.SENT: "type__sent_probability"}
    whens = [When(status=status, then=Coalesce("probability", F(path))) for status, path in usual.items()]
    return Case(*whens, When(status=OfferStatus.ORDER, then=Value(100)), default=Value(0), output_field=IntegerField())


def weighted() -> Round:
    """The value of an offer by its probability, rounded to cents."""
    return Round(ExpressionWrapper(F("net") * likely() / Value(Decimal(100)), output_field=_MONEY), precision=2)


def pipeline_offers(user: Any) -> QuerySet[Offer]:
    """Return the undecided offers that the user sees, with what the table shows. Passive customers' offers rest."""
    return _with_facts(Offer.objects.visible_to(user).undecided().filter(customer__state="active"))


def board_offers(user: Any) -> QuerySet[Offer]:
    """Return the offers of the board: the undecided ones and those decided in the last :data:`RECENT_DAYS`."""
    since = clock.now() - dt.timedelta(days=RECENT_DAYS)
    on_board = Q(status__in=UNDECIDED) | Q(decided_at__gte=since)
    return _with_facts(Offer.objects.visible_to(user).filter(on_board, customer__state="active"))


def _with_facts(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    names = ("type", "customer", "owner", "lost_reason")
    return offers.select_related(*names).annotate(weighted=weighted(), next_step=next_step())


def next_step() -> Subquery:
    """When the next thing to do about an offer is: none is a fault that the page shows."""
    steps = OfferActivity.objects.filter(
        offer=OuterRef("pk"), activity__status__in=(ActivityStatus.OPEN, ActivityStatus.IN_PROGRESS)
    )
    return Subquery(steps.order_by("activity__start").values("activity__start")[:1])


def board_leads(user: Any) -> QuerySet[Activity]:
    """Return the leads that are neither closed nor customers and have no offer yet."""
    going_on = leads_for(user).filter(lead__state__in=(LeadState.UNASSIGNED, LeadState.CLAIMED))
    in_use = going_on.filter(of_active())
    return in_use.filter(offers__isnull=True)


def board(offers: QuerySet[Offer], leads: QuerySet[Activity]) -> list[Column]:
    """Return the columns with the first cards of each and the sums of all, in a constant number of queries."""
    sums = {column.name: column.sums for column in board_sums(offers, leads)}
    return [board_column(name, offers, leads, sums=sums[name]) for name in COLUMNS]


def board_sums(offers: QuerySet[Offer], leads: QuerySet[Activity]) -> list[Column]:
    """Return the columns with their sums alone, in two queries."""
    sums = _sums_by_status(offers) | {LEAD: _sums_of_leads(leads)}
    return [Column(name, label, sums.get(name, Sums()), []) for name, (label, _order) in COLUMNS.items()]


def board_column(
    name: str, offers: QuerySet[Offer], leads: QuerySet[Activity], *, after: str = "", sums: Sums | None = None
) -> Column:
    """Return a column with the cards that follow ``after``; a token that is not its own gives the first ones."""
    label, order = COLUMNS[name]
    rows: QuerySet[Any] = leads if name == LEAD else offers.filter(status=name)
    try:
        page = keyset_page(rows, order, size=CARDS, after=after)
    except InvalidToken:
        page = keyset_page(rows, order, size=CARDS)
    return Column(name, label, sums or Sums(), page.rows, page.next)


def _plain(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """Without what only cards show: sums need no next step."""
    return Offer.objects.filter(pk__in=offers.order_by().values("pk"))


def _figures() -> dict[str, Any]:
    return {"count": Count("pk"), "net_sum": Sum("net"), "weighted_sum": Sum(weighted())}


def _sums(row: dict[str, Any]) -> Sums:
    return Sums(row["count"], row["net_sum"] or ZERO, row["weighted_sum"] or ZERO)


def _sums_by_status(offers: QuerySet[Offer]) -> dict[str, Sums]:
    rows: Any = _plain(offers).values("status").annotate(**_figures()).order_by()
    return {row["status"]: _sums(row) for row in rows}


def _sums_of_leads(leads: QuerySet[Activity]) -> Sums:
    found = leads.order_by().aggregate(count=Count("pk"), net=Sum("lead__value"))
    return Sums(found["count"], found["net"] or ZERO)


def sums_of(offers: QuerySet[Offer]) -> Sums:
    """Return the sums of offers, in one query."""
    return _sums(_plain(offers).aggregate(**_figures()))


def forecast(offers: QuerySet[Offer], today: dt.date | None = None) -> Forecast:
    """Return what undecided offers are expected to bring, by the month of their expected decision, in one query.

    Months that nothing is expected in are told too. A decision day that has passed, one beyond :data:`MONTHS` and none
    at all have a row each, where there are such offers.
    """
    today = today or clock.today()
    first = today.replace(day=1)
    end = month_after(first, MONTHS)
    kind = Case(
        When(expected_close__isnull=True, then=Value("no_date")),
        When(expected_close__lt=today, then=Value("overdue")),
        When(expected_close__gte=end, then=Value("later")),
        default=Value("month"),
    )
    first_day = Cast(TruncMonth("expected_close"), DateField())
    month = Case(When(expected_close__gte=today, expected_close__lt=end, then=first_day))
    by_month: Any = _plain(offers).annotate(kind=kind, month=month).values("kind", "month")
    rows = by_month.annotate(**_figures()).order_by()
    found = {(row["kind"], row["month"]): _sums(row) for row in rows}
    return Forecast(_forecast_rows(found, first), _total(found.values()))


def month_after(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month that many months after that of ``day``, or before it."""
    number = 12 * day.year + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def _forecast_rows(found: dict[tuple[str, dt.date | None], Sums], first: dt.date) -> list[ForecastRow]:
    months = [month_after(first, number) for number in range(MONTHS)]
    wanted = [("overdue", None), *(("month", month) for month in months), ("later", None), ("no_date", None)]
    shown = [key for key in wanted if key[1] or key in found]
    return [ForecastRow(kind, month, found.get((kind, month), Sums())) for kind, month in shown]


def _total(parts: Iterable[Sums]) -> Sums:
    parts = list(parts)
    net, weight = (sum((getattr(one, name) for one in parts), ZERO) for name in ("net", "weighted"))
    return Sums(sum(one.count for one in parts), net, weight)


def offers_to_move(user: Any, offers: Iterable[Offer]) -> set[int]:
    """Return the ids of those that the user may decide: what ``offers.decide_offer`` says of each, in one query."""
    rows = [offer for offer in offers if not offer.customer.is_passive]
    if user.has_perm("offers.change_any_offer"):
        return {offer.pk for offer in rows}
    if not user.has_perm("offers.write_offers"):
        return set()
    customers = {offer.customer_id for offer in rows}
    held = Responsibility.objects.current().filter(user=user, customer__in=customers)
    own = set(held.values_list("customer", flat=True))
    return {offer.pk for offer in rows if offer.owner_id == user.pk or offer.customer_id in own}


def leads_to_close(user: Any, leads: Iterable[Activity]) -> set[int]:
    """Return the ids of those that the user may close: what ``leads.handle_lead`` says of each, in one query."""
    rows = list(leads)
    if user.has_perm("activities.change_any_activity"):
        return {lead.pk for lead in rows}
    if not user.has_perm("activities.log_activity"):
        return set()
    taking_part = Participation.objects.filter(user=user, activity__in=[lead.pk for lead in rows])
    own = set(taking_part.values_list("activity", flat=True))
    return {lead.pk for lead in rows if lead.created_by_id == user.pk or lead.pk in own}
