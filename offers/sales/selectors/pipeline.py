"""Reads of the pipeline: leads and offers by stage with their sums, and the forecast by month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
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
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Round, TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from activities.leads.enums import LeadState
from activities.leads.models import Lead
from activities.leads.selectors import leads_for
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, Participation
from core import clock
from core.paging import keyset_page, page_of
from customers.models import Responsibility
from customers.querysets import of_active
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import Offer, OfferActivity
from offers.products.money import ZERO

#: The number of days that decided offers stay on the board.
RECENT_DAYS = 30
#: The number of cards of a column that are loaded at a time.
CARDS = 12
#: The sums of a column are exact up to this many rows; of more there is neither number nor sum.
COUNTED = 10_000
#: The number of months of the forecast.
MONTHS = 12
LEAD = "lead"
#: The columns of the board from left to right, with the order of their cards: the longest at the stage first.
COLUMNS: dict[str, tuple[Any, str]] = {
    LEAD: (pgettext_lazy("pipeline", "Leads"), "start"),
    OfferStatus.OPEN: (pgettext_lazy("pipeline", "Draft"), "status_since"),
    OfferStatus.SENT: (pgettext_lazy("pipeline", "Sent"), "status_since"),
    OfferStatus.ORDER: (pgettext_lazy("pipeline", "Orders"), "-decided_at"),
    OfferStatus.LOST: (pgettext_lazy("pipeline", "Lost"), "-decided_at"),
}
_MONEY: DecimalField[Any, Any] = DecimalField(max_digits=18, decimal_places=2)


@dataclass(frozen=True)
class Sums:
    """Number, value and weighted value, in euros without VAT. ``is_more``: there are more rows than were counted."""

    count: int = 0
    net: Decimal = ZERO
    weighted: Decimal = ZERO
    is_more: bool = False


@dataclass(frozen=True)
class Column:
    """A stage with its first rows and the sums of all its rows. ``next`` is the token of the next rows."""

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
    """The sums expected in a month or, without a ``month``, of a ``kind``: overdue, later, no_date."""

    kind: str
    month: dt.date | None
    sums: Sums

    @property
    def label(self) -> str:
        if self.month:
            return date_format(self.month, "YEAR_MONTH_FORMAT")
        labels = {
            "overdue": _("Expected close date has passed"),
            "later": _("Later"),
            "no_date": _("No expected close date"),
        }
        return labels[self.kind]

    @property
    def short_label(self) -> str:
        """Return the label for narrow places."""
        if self.month:
            return f"{self.month.month}/{self.month.year}"
        labels = {
            "overdue": pgettext("day", "passed"),
            "later": _("Later"),
            "no_date": pgettext("decision day", "none"),
        }
        return labels[self.kind]


@dataclass(frozen=True)
class Forecast:
    """The coming months and the rows without a month, with the total."""

    rows: list[ForecastRow]
    total: Sums


def likely() -> Case:
    """Return the SQL expression of :attr:`Offer.likely`, the probability of an offer in percent."""
    usual = {OfferStatus.OPEN: "type__open_probability", OfferStatus.SENT: "type__sent_probability"}
    whens = [When(status=status, then=Coalesce("probability", F(path))) for status, path in usual.items()]
    return Case(*whens, When(status=OfferStatus.ORDER, then=Value(100)), default=Value(0), output_field=IntegerField())


def weighted() -> Round:
    """Return the SQL expression of an offer's value weighted by its probability, rounded to cents."""
    return Round(ExpressionWrapper(F("net") * likely() / Value(Decimal(100)), output_field=_MONEY), precision=2)


def pipeline_offers(user: Any) -> QuerySet[Offer]:
    """Return the visible undecided offers of active customers, with the data of the table."""
    return _with_card_data(Offer.objects.all_visible_to(user).undecided().filter(customer__state="active"))


def board_offers(user: Any) -> QuerySet[Offer]:
    """Return the offers of the board: the undecided ones and those decided in the last :data:`RECENT_DAYS`."""
    offers = Offer.objects.all_visible_to(user).filter(Q(status__in=UNDECIDED) | is_recent())
    return _with_card_data(offers.filter(customer__state="active"))


def is_recent() -> Q:
    """Return the condition on offers that they were decided in the last :data:`RECENT_DAYS`."""
    return Q(decided_at__gte=clock.now() - dt.timedelta(days=RECENT_DAYS))


def _with_card_data(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    names = ("type", "customer", "owner", "lost_reason")
    return offers.select_related(*names).annotate(weighted=weighted(), next_step=next_step())


def next_step() -> Subquery:
    """Return the SQL expression of the start of an offer's next activity; the page warns if there is none."""
    steps = OfferActivity.objects.filter(
        offer=OuterRef("pk"), activity__status__in=(ActivityStatus.OPEN, ActivityStatus.IN_PROGRESS)
    )
    return Subquery(steps.order_by("activity__start").values("activity__start")[:1])


def board_leads(user: Any) -> QuerySet[Activity]:
    """Return the unassigned and claimed leads that have no offer, of active customers or none."""
    undecided = leads_for(user).filter(lead__state__in=(LeadState.UNASSIGNED, LeadState.CLAIMED))
    return undecided.filter(of_active()).filter(offers__isnull=True)


def board(offers: QuerySet[Offer], leads: QuerySet[Activity]) -> list[Column]:
    """Return the columns with the first cards of each and the sums of all, in four queries."""
    sums = column_sums(offers, leads)
    rows = _rows(_first_ids(offers, leads), offers, leads)
    pages = {name: page_of(rows[name], order, CARDS) for name, (_label, order) in COLUMNS.items()}
    return [Column(name, COLUMNS[name][0], sums[name], page.rows, page.next) for name, page in pages.items()]


def board_column(name: str, offers: QuerySet[Offer], leads: QuerySet[Activity], *, after: str = "") -> Column:
    """Return a column with the cards after the token ``after``. Raises :class:`core.paging.InvalidToken`."""
    label, order = COLUMNS[name]
    narrow = _stage(name, offers, leads).select_related(None).only(order.lstrip("-"))
    # Of the decided ones the board has those since a day: all have one.
    page = keyset_page(narrow, order, size=CARDS, after=after, is_filled=order.endswith("decided_at"))
    rows = _rows({name: [row.pk for row in page.rows]}, offers, leads)
    return Column(name, label, Sums(), rows[name], page.next)


def _stage(name: str, offers: QuerySet[Offer], leads: QuerySet[Activity]) -> QuerySet[Any]:
    """Return the rows of a column. The days of the decided ones are a range of their index."""
    if name == LEAD:
        return leads
    return offers.filter(status=name) if name in UNDECIDED else offers.filter(is_recent(), status=name)


def _first_ids(offers: QuerySet[Offer], leads: QuerySet[Activity]) -> dict[str, list[int]]:
    """Return the ids of the first rows of each column, one more than it shows, in one query."""
    firsts: list[Any] = []
    for name, (_label, order) in COLUMNS.items():
        ordered: Any = _stage(name, offers, leads).order_by(order, "-pk" if order.startswith("-") else "pk")
        firsts.append(ordered.values_list(Value(str(name), TextField()), "pk")[: CARDS + 1])
    ids: dict[str, list[int]] = {name: [] for name in COLUMNS}
    for name, pk in firsts[0].union(*firsts[1:], all=True):
        ids[name].append(pk)
    return ids


def _rows(ids: dict[str, list[int]], offers: QuerySet[Offer], leads: QuerySet[Activity]) -> dict[str, list[Any]]:
    """Return the rows of each column in its order, with all that their cards show.

    Read at once with their ids, PostgreSQL would join every lead with what is shown before it takes the first ones.
    """
    rows: dict[str, list[Any]] = {name: [] for name in ids}
    if ids.get(LEAD):
        rows[LEAD] = list(leads.order_by().filter(pk__in=ids[LEAD]))
    of_offers = [pk for name in ids if name != LEAD for pk in ids[name]]
    for offer in offers.order_by().filter(pk__in=of_offers) if of_offers else ():
        rows.get(offer.status, []).append(offer)
    for name in ids:
        order = COLUMNS[name][1]
        rows[name].sort(key=attrgetter(order.lstrip("-"), "pk"), reverse=order.startswith("-"))
    return rows


def has_own(user: Any) -> bool:
    """Return whether the user has an undecided offer or an open lead, in two short queries."""
    if Offer.objects.undecided().filter(owner=user).exists():
        return True
    own = Q(state=LeadState.CLAIMED, taken_by=user) | Q(state=LeadState.UNASSIGNED, offered_to=user)
    return Lead.objects.filter(own).exists()


def column_sums(offers: QuerySet[Offer], leads: QuerySet[Activity]) -> dict[str, Sums]:
    """Return the sums of the columns by name, in one query that reads at most :data:`COUNTED` rows of each."""
    no_weight = Value(None, _MONEY)
    parts = [_part(leads, LEAD, "lead__value", no_weight)]
    stages = {name: _stage(name, offers, leads) for name in COLUMNS if name != LEAD}
    parts += [_part(rows, name, "net", F("weighted")) for name, rows in stages.items()]
    sums = dict.fromkeys(COLUMNS, Sums())
    with suppress(EmptyResultSet), connection.cursor() as cursor:  # nothing to ask: there are none
        rows, params = parts[0].union(*parts[1:], all=True).query.sql_with_params()
        total = "SELECT name, count(*), sum(net), sum(weighted)"
        cursor.execute(f"{total} FROM ({rows}) AS part (name, net, weighted) GROUP BY name", params)
        for name, count, net, weight in cursor.fetchall():
            is_more = count > COUNTED
            sums[name] = Sums(COUNTED, is_more=True) if is_more else Sums(count, net or ZERO, weight or ZERO)
    return sums


def _part(rows: Any, name: str, net: str, weight: Any) -> Any:
    """Return the rows of a column as its sums read them, one more than they count."""
    text, value = Value(str(name), TextField()), Cast(net, _MONEY)
    return rows.order_by().values_list(text, value, Cast(weight, _MONEY))[: COUNTED + 1]


def board_sums(offers: QuerySet[Offer], leads: QuerySet[Activity]) -> list[Column]:
    """Return the columns with only their sums, in two queries."""
    by_status: Any = _without_annotations(offers).values("status").annotate(**_sum_expressions()).order_by()
    sums = {row["status"]: _sums_from(row) for row in by_status}
    lead_sums = leads.order_by().aggregate(count=Count("pk"), net=Sum("lead__value"))
    sums[LEAD] = Sums(lead_sums["count"], lead_sums["net"] or ZERO)
    return [Column(name, label, sums.get(name, Sums()), []) for name, (label, _order) in COLUMNS.items()]


def _without_annotations(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    """Return the offers without the annotations of cards, which sums do not need."""
    return Offer.objects.filter(pk__in=offers.order_by().values("pk"))


def _sum_expressions() -> dict[str, Any]:
    return {"count": Count("pk"), "net_sum": Sum("net"), "weighted_sum": Sum(weighted())}


def _sums_from(row: dict[str, Any]) -> Sums:
    return Sums(row["count"], row["net_sum"] or ZERO, row["weighted_sum"] or ZERO)


def sums_of(offers: QuerySet[Offer]) -> Sums:
    """Return the sums of offers, in one query."""
    return _sums_from(_without_annotations(offers).aggregate(**_sum_expressions()))


def forecast(offers: QuerySet[Offer], today: dt.date | None = None) -> Forecast:
    """Return the expected value of undecided offers by the month of their expected close, in one query.

    Months without offers are included. Offers with a past close date, one beyond :data:`MONTHS` or none have their own
    rows, if there are any.
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
    by_month: Any = _without_annotations(offers).annotate(kind=kind, month=month).values("kind", "month")
    rows = by_month.annotate(**_sum_expressions()).order_by()
    sums = {(row["kind"], row["month"]): _sums_from(row) for row in rows}
    return Forecast(_forecast_rows(sums, first), _total_of(sums.values()))


def month_after(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month that many months after that of ``day``, or before it."""
    number = 12 * day.year + day.month - 1 + months
    return dt.date(number // 12, number % 12 + 1, 1)


def _forecast_rows(sums: dict[tuple[str, dt.date | None], Sums], first: dt.date) -> list[ForecastRow]:
    months = [month_after(first, number) for number in range(MONTHS)]
    keys = [("overdue", None), *(("month", month) for month in months), ("later", None), ("no_date", None)]
    shown = [key for key in keys if key[1] or key in sums]
    return [ForecastRow(kind, month, sums.get((kind, month), Sums())) for kind, month in shown]


def _total_of(parts: Iterable[Sums]) -> Sums:
    parts = list(parts)
    net, weight = (sum((getattr(part, name) for part in parts), ZERO) for name in ("net", "weighted"))
    return Sums(sum(part.count for part in parts), net, weight)


def offers_to_move(user: Any, offers: Iterable[Offer]) -> set[int]:
    """Return the ids of the offers that the user may decide, as ``offers.decide_offer`` allows, in one query."""
    offers = [offer for offer in offers if not offer.customer.is_passive]
    if user.has_perm("offers.change_any_offer"):
        return {offer.pk for offer in offers}
    if not user.has_perm("offers.write_offers"):
        return set()
    customers = {offer.customer_id for offer in offers}
    responsibilities = Responsibility.objects.current().filter(user=user, customer__in=customers)
    own = set(responsibilities.values_list("customer", flat=True))
    return {offer.pk for offer in offers if offer.owner_id == user.pk or offer.customer_id in own}


def leads_to_close(user: Any, leads: Iterable[Activity]) -> set[int]:
    """Return the ids of the leads that the user may close, as ``leads.handle_lead`` allows, in one query."""
    leads = list(leads)
    if user.has_perm("activities.change_any_activity"):
        return {lead.pk for lead in leads}
    if not user.has_perm("activities.log_activity"):
        return set()
    taking_part = Participation.objects.filter(user=user, activity__in=[lead.pk for lead in leads])
    own = set(taking_part.values_list("activity", flat=True))
    return {lead.pk for lead in leads if lead.created_by_id == user.pk or lead.pk in own}
