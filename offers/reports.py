"""The sales reports: for each its words, its tables and its chart, made from the figures of the selectors.

Screen, export and API show the same tables.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from offers.charts import Chart, Series, figures
from offers.enums import OfferStatus
from offers.models import OfferType
from offers.money import ZERO
from offers.selectors_buyers import LINELESS, TAILORED, UNGROUPED, buyers_by_times, groups_by_segment, recurring_buyers
from offers.selectors_reports import (
    AGES,
    Outcome,
    ReportQuery,
    Speed,
    decided_by_month,
    decided_of,
    decision_speed,
    lost_by_competitor,
    lost_by_reason,
    open_by_age,
    outcome_in_all,
    outcomes,
    outcomes_by_person,
    outcomes_by_type,
    percent,
    won_in_all,
)

#: Rows of a long table on the screen; a file has all.
SHOWN = 100
TEXT, COUNT, EUROS, PERCENT, DAYS, DATE = "text", "count", "euros", "percent", "days", "date"


@dataclass(frozen=True)
class ReportColumn:
    name: str
    label: Any
    unit: str = COUNT

    @property
    def is_numeric(self) -> bool:
        return self.unit not in (TEXT, DATE)


@dataclass(frozen=True)
class ReportTable:
    """Rows of values in the order of ``columns``; the first says what the row is about. ``total`` stands at the foot."""

    name: str
    label: Any
    columns: Sequence[ReportColumn]
    rows: list[list[Any]]
    total: list[Any] | None = None
    chart: Chart | None = None
    note: str = ""
    is_wide: bool = False

    @property
    def lines(self) -> list[list[Any]]:
        """All rows as a file has them."""
        return [*self.rows, *([self.total] if self.total else [])]


@dataclass(frozen=True)
class Report:
    """What a report is called, what its figures mean, and how they are computed for a query."""

    name: str
    title: Any
    text: Any
    make: Callable[[ReportQuery], list[ReportTable]]
    #: Filters that do not concern it.
    without: frozenset[str] = field(default_factory=frozenset)


def _columns(*columns: tuple[str, Any, str]) -> list[ReportColumn]:
    return [ReportColumn(*column) for column in columns]


def _month(day: dt.date) -> str:
    return date_format(day, "YEAR_MONTH_FORMAT")


# Open offers


def _open(query: ReportQuery) -> list[ReportTable]:
    rows = open_by_age(query)
    names = ("prepared", "sent", "value", "likely", "stuck", "expired", "stepless")
    lines = [[_age(number, row["age"]), *(row[name] for name in names)] for number, row in enumerate(rows)]
    total = [_("In all"), *(sum((row[name] for row in rows), type(rows[0][name])(0)) for name in names)]
    columns = _columns(
        ("age", _("Days at stage"), TEXT),
        ("prepared", pgettext("offers", "Being prepared"), COUNT),
        ("sent", pgettext("offers", "Sent"), COUNT),
        ("value", pgettext("offer", "Value"), EUROS),
        ("likely", _("By probability"), EUROS),
        ("stuck", _("Over the limit"), COUNT),
        ("expired", pgettext("offers", "Expired"), COUNT),
        ("stepless", _("No next step"), COUNT),
    )
    labels = [str(line[0]) for line in lines]
    series = [Series(str(columns[at].label), figures([line[at] for line in lines]), stack="offers") for at in (1, 2)]
    chart = Chart(_("Open offers by their days at their stage"), labels, series)
    return [ReportTable("open", _("Open offers"), columns, lines, total, chart, is_wide=True)]


def _age(number: int, last: int | None) -> str:
    first = (AGES[number - 1] or 0) + 1 if number else 0
    return _("%(first)d–%(last)d days") % {"first": first, "last": last} if last else _("%d days or more") % first


# What became of offers


def _outcome_columns(first: ReportColumn) -> list[ReportColumn]:
    return [
        first,
        *_columns(
            ("offered", _("Offers"), COUNT),
            ("offered_net", _("Offered"), EUROS),
            ("open", pgettext("offers", "Open"), COUNT),
            ("open_net", _("Value of open ones"), EUROS),
            ("won", pgettext("offers", "Won"), COUNT),
            ("won_net", _("Value of won ones"), EUROS),
            ("lost", pgettext("offers", "Lost"), COUNT),
            ("lost_net", _("Value of lost ones"), EUROS),
            ("hit_rate", _("Hit rate"), PERCENT),
        ),
    ]


def _values(row: Outcome, columns: Sequence[ReportColumn]) -> list[Any]:
    return [getattr(row, column.name) for column in columns]


def _types(query: ReportQuery) -> list[ReportTable]:
    found = outcomes_by_type(query)
    columns = _outcome_columns(ReportColumn("type", pgettext("offer", "Type"), TEXT))
    rows = [[str(row.key), *_values(row, columns[1:])] for row in found]
    total = [_("In all"), *_values(outcome_in_all(found), columns[1:])]
    chart = _outcome_chart(_("Offers by type"), [str(row.key) for row in found], found)
    return [ReportTable("types", _("Totals by type"), columns, rows, total, chart, is_wide=True)]


def _outcome_chart(label: str, names: list[str], found: list[Outcome]) -> Chart:
    parts = (
        (pgettext("offers", "Won"), "won_net"),
        (pgettext("offers", "Open"), "open_net"),
        (pgettext("offers", "Lost"), "lost_net"),
    )
    series = [Series(word, figures([getattr(row, part) for row in found]), EUROS, stack="net") for word, part in parts]
    return Chart(label, names, series, horizontal=True)


def _people(query: ReportQuery) -> list[ReportTable]:
    found, whole = outcomes_by_person(query)
    own = _columns(
        ("ordered_net", _("Orders"), EUROS), ("target", _("Target"), EUROS), ("reached", _("Reached"), PERCENT)
    )
    columns = [*_outcome_columns(ReportColumn("person", _("Account manager"), TEXT)), *own]
    rows = [[str(row.key), *_values(row, columns[1:])] for row in found]
    total = [_("Everybody together"), *_values(whole, columns[1:])]
    shown = [row for row in found if row.ordered_net or row.target]
    series = [
        Series(_("Orders"), figures([row.ordered_net for row in shown]), EUROS),
        Series(_("Target"), figures([row.target for row in shown]), EUROS),
    ]
    chart = Chart(_("Orders and targets by person"), [str(row.key) for row in shown], series, horizontal=True)
    note = _("You see your own figures, those of your staff and of the teams that you lead.")
    is_part = not query.reader.has_perm("accounts.view_reports")
    label = _("Totals by person")
    return [ReportTable("people", label, columns, rows, total, chart, note if is_part else "", is_wide=True)]


# Hit rate


def _hit_columns(first: ReportColumn) -> list[ReportColumn]:
    return [
        first,
        *_columns(
            ("won", pgettext("offers", "Won"), COUNT),
            ("lost", pgettext("offers", "Lost"), COUNT),
            ("hit_rate", _("Hit rate"), PERCENT),
            ("won_net", _("Value of won ones"), EUROS),
            ("lost_net", _("Value of lost ones"), EUROS),
            ("hit_rate_net", _("Hit rate by value"), PERCENT),
        ),
    ]


def _hit_rate(query: ReportQuery) -> list[ReportTable]:
    by_month = decided_by_month(query)
    by_type = outcomes(decided_of(query), F("type"))
    types = OfferType.objects.in_bulk([row.key for row in by_type])
    return [
        _hit_table("months", _("By month of the decision"), by_month, [_month(row.key) for row in by_month]),
        _hit_table("types", _("By type"), by_type, [str(types[row.key]) for row in by_type]),
    ]


def _hit_table(name: str, label: str, found: list[Outcome], names: list[str]) -> ReportTable:
    columns = _hit_columns(ReportColumn(name, _("Month") if name == "months" else pgettext("offer", "Type"), TEXT))
    rows = [[word, *_values(row, columns[1:])] for word, row in zip(names, found, strict=True)]
    total = [_("In all"), *_values(outcome_in_all(found), columns[1:])]
    series = [
        Series(pgettext("offers", "Won"), [row.won for row in found], stack="decided"),
        Series(pgettext("offers", "Lost"), [row.lost for row in found], stack="decided"),
        Series(_("Hit rate"), figures([row.hit_rate for row in found]), PERCENT, line=True),
    ]
    return ReportTable(name, label, columns, rows, total, Chart(label, names, series), is_wide=True)


# Time to decision


def _decision_time(query: ReportQuery) -> list[ReportTable]:
    whole = decision_speed(query, None)
    by_outcome = decision_speed(query, F("status"))
    by_type = decision_speed(query, F("type"))
    types = OfferType.objects.in_bulk([row.key for row in by_type])
    words = {OfferStatus.ORDER: pgettext("offers", "Won"), OfferStatus.LOST: pgettext("offers", "Lost")}
    outcome = [(words[OfferStatus(row.key)], row) for row in by_outcome]
    return [
        _speed_table("types", _("By type"), [(str(types[row.key]), row) for row in by_type], whole),
        _speed_table("outcomes", _("By outcome"), outcome, whole),
    ]


def _speed_table(name: str, label: str, found: list[tuple[str, Speed]], whole: list[Speed]) -> ReportTable:
    columns = _columns(
        (name, pgettext("offer", "Type") if name == "types" else _("Outcome"), TEXT),
        ("count", pgettext("offers", "Decided"), COUNT),
        ("median", _("Median, days"), DAYS),
        ("ninety", _("Nine of ten within, days"), DAYS),
    )
    rows = [[word, *_speed(row)] for word, row in found]
    total = [_("In all"), *_speed(whole[0])] if whole else None
    series = [
        Series(_("Median, days"), [row.median for _word, row in found], DAYS),
        Series(_("Nine of ten within, days"), [row.ninety for _word, row in found], DAYS),
    ]
    chart = Chart(_("Days to the decision"), [word for word, _row in found], series)
    return ReportTable(name, label, columns, rows, total, chart)


def _speed(row: Speed) -> list[Any]:
    return [row.count, round(Decimal(row.median), 1), round(Decimal(row.ninety), 1)]


# Recurring buyers


def _recurring(query: ReportQuery) -> list[ReportTable]:
    return [_times(query), _buyers(query)]


def _times(query: ReportQuery) -> ReportTable:
    found = buyers_by_times(query)
    columns = _columns(
        ("times", _("Orders in the period"), TEXT),
        ("customers", _("Customers"), COUNT),
        ("orders", _("Orders"), COUNT),
        ("net", pgettext("orders", "Value"), EUROS),
        ("share", _("Share of the value"), PERCENT),
    )
    value = sum((row.net for row in found), ZERO)
    words = [_("One"), _("Two"), _("3–5"), _("More than five")]
    rows = [
        [word, row.customers, row.orders, row.net, percent(row.net, value)]
        for word, row in zip(words, found, strict=True)
    ]
    total = [_("In all"), sum(row.customers for row in found), sum(row.orders for row in found), value, None]
    label = _("How often customers buy")
    series = [
        Series(_("Customers"), [row.customers for row in found]),
        Series(pgettext("orders", "Value"), figures([row.net for row in found]), EUROS, line=True),
    ]
    return ReportTable("times", label, columns, rows, total, Chart(label, words, series))


def _buyers(query: ReportQuery) -> ReportTable:
    columns = _columns(
        ("customer", _("Customer"), TEXT),
        ("orders", _("Orders"), COUNT),
        ("net", pgettext("orders", "Value"), EUROS),
        ("first", _("First in the period"), DATE),
        ("last", _("Last in the period"), DATE),
    )
    rows: list[list[Any]] = [
        [row.customer, row.orders, row.net, row.first, row.last] for row in recurring_buyers(query)
    ]
    return ReportTable("buyers", _("Recurring buyers"), columns, rows)


# Why


def _reasons(query: ReportQuery) -> list[ReportTable]:
    reasons, (won, won_net) = lost_by_reason(query), won_in_all(query)
    lost = [(str(reason), count, net) for reason, count, net in reasons]
    competitors = [(name or _("no competitor known"), count, net) for name, count, net in lost_by_competitor(query)]
    decided = won + sum(count for _word, count, _net in lost)
    columns = _columns(
        ("reason", _("Outcome and reason"), TEXT),
        ("count", _("Offers"), COUNT),
        ("share", _("Share of decided"), PERCENT),
        ("net", pgettext("offers", "Value"), EUROS),
    )
    lines = [(pgettext("offers", "Won"), won, won_net), *((_("Lost: %s") % word, *rest) for word, *rest in lost)]
    rows = [[word, count, percent(count, decided), net] for word, count, net in lines]
    total = [_("In all"), decided, None, sum((net for _word, _count, net in lines), ZERO)]
    against = _columns(
        ("competitor", _("Competitor"), TEXT),
        ("count", _("Offers"), COUNT),
        ("net", pgettext("offers", "Value"), EUROS),
    )
    return [
        ReportTable("reasons", _("Won, and lost by reason"), columns, rows, total, _lost_chart(_("Lost by reason"), lost)),
        ReportTable(
            "competitors", _("Lost to competitors"), against, [list(row) for row in competitors],
            chart=_lost_chart(_("Lost to competitors"), competitors[:20]),
        ),
    ]  # fmt: skip


def _lost_chart(label: str, rows: list[tuple[str, int, Decimal]]) -> Chart:
    series = [Series(_("Value of lost ones"), figures([net for _word, _count, net in rows]), EUROS)]
    return Chart(label, [word for word, _count, _net in rows], series, horizontal=True)


# Product groups and segments


def _segments(query: ReportQuery) -> list[ReportTable]:
    matrix = groups_by_segment(query)
    special = {
        TAILORED: _("Tailored"), UNGROUPED: _("Products without a group"), LINELESS: _("Orders without lines"),
    }  # fmt: skip
    names = [str(node) if node else _("No segment") for node in matrix.segments]
    columns = [
        ReportColumn("group", _("Product group"), TEXT),
        *(ReportColumn(f"segment_{node.code if node else 'none'}", name, EUROS)
          for node, name in zip(matrix.segments, names, strict=True)),
        ReportColumn("total", _("In all"), EUROS),
    ]  # fmt: skip
    labels = [special[key] if isinstance(key, str) else str(key) for key, _sums in matrix.rows]
    rows = [[label, *sums, sum(sums, ZERO)] for label, (_key, sums) in zip(labels, matrix.rows, strict=True)]
    totals = matrix.totals
    series = [
        Series(name, figures([sums[at] for _key, sums in matrix.rows]), EUROS, stack="net")
        for at, name in enumerate(names)
        if totals[at]
    ]
    label = _("Orders by product group and segment")
    chart = Chart(label, labels, series, horizontal=True)
    return [
        ReportTable("segments", label, columns, rows, [_("In all"), *totals, sum(totals, ZERO)], chart, is_wide=True)
    ]


def shown_part(table: ReportTable) -> str:
    """Say how much of a long table is on the screen; nothing where all of it is."""
    if len(table.rows) <= SHOWN:
        return ""
    text = ngettext("The first %(shown)d of %(count)d row.", "The first %(shown)d of %(count)d rows.", len(table.rows))
    return text % {"shown": SHOWN, "count": len(table.rows)}


_ALL = (
    Report(
        "open",
        gettext_lazy("Open offers"),
        gettext_lazy(
            "Offers that the customer has not decided yet, by how long they have stood at their stage, today. An "
            "accepted or lost offer is not among them."
        ),
        _open,
        frozenset({"first", "last"}),
    ),
    Report(
        "types",
        gettext_lazy("Totals by type"),
        gettext_lazy("Offers dated in the period and what has become of them. Hit rate: won of decided, in numbers."),
        _types,
    ),
    Report(
        "people",
        gettext_lazy("Totals by person"),
        gettext_lazy(
            "Offers dated in the period by their account manager, and the orders of the period against the euro "
            "targets. A target is the year's own of a whole year, else the quarters' or a part of the year's by days."
        ),
        _people,
    ),
    Report(
        "hit-rate",
        gettext_lazy("Hit rate"),
        gettext_lazy("Offers decided in the period: won of all decided ones, in numbers and in euros."),
        _hit_rate,
    ),
    Report(
        "decision-time",
        gettext_lazy("Time to decision"),
        gettext_lazy(
            "Days from the first sending, or the offer's date where it was not sent from here, to the decision. Half "
            "of the decisions came within the median."
        ),
        _decision_time,
    ),
    Report(
        "recurring",
        gettext_lazy("Recurring buyers"),
        gettext_lazy("Customers with two orders or more in the period. Cancelled orders do not count."),
        _recurring,
    ),
    Report(
        "reasons",
        gettext_lazy("Won and lost by reason"),
        gettext_lazy("Offers decided in the period: why they were lost and to whom."),
        _reasons,
    ),
    Report(
        "segments",
        gettext_lazy("Product groups by segment"),
        gettext_lazy(
            "Orders of the period by the product groups at the top of the register and the customers' present "
            "segment. Euros without VAT."
        ),
        _segments,
    ),
)
REPORTS: dict[str, Report] = {report.name: report for report in _ALL}
