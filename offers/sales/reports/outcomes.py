"""Reports of offers: open offers, outcomes by type and person, hit rate, time to decision, lost reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import clock
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.offers.models import OfferType
from offers.products.money import ZERO
from offers.sales.charts import Chart, Series, figures
from offers.sales.reports.links import STATUSES, decided_url, offers_url, open_url, orders_url, outcome_links
from offers.sales.reports.tables import COUNT, DAYS, EUROS, PERCENT, TEXT, ReportColumn, ReportTable, columns_of
from offers.sales.selectors.pipeline import month_after
from offers.sales.selectors.reports import (
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
    outcomes,
    outcomes_by_person,
    outcomes_by_type,
    percent,
    total_outcome,
    total_won,
)

# Open offers

#: The figures of the table of open offers by the filter of the list: what is wrong with them, their stage.
FAULTS = {"stuck": "stuck", "expired": "expired", "stepless": "no_step"}
STAGES = {"prepared": OfferStatus.OPEN, "sent": OfferStatus.SENT}


def age_classes() -> list[tuple[int, int | None]]:
    """Return the first and the last day of each class of :data:`AGES`; the last class has no last day."""
    firsts = [0, *((last or 0) + 1 for last in AGES[:-1])]
    return list(zip(firsts, AGES, strict=True))


def open_offers(query: ReportQuery) -> list[ReportTable]:
    rows = open_by_age(query)
    names = ("prepared", "sent", "value", "weighted", "stuck", "expired", "stepless")
    lines = [[_age_label(number, row["age"]), *(row[name] for name in names)] for number, row in enumerate(rows)]
    total = [_("Total"), *(sum((row[name] for row in rows), type(rows[0][name])(0)) for name in names)]
    columns = columns_of(
        ("age", _("Days at stage"), TEXT),
        ("prepared", pgettext("offers", "Draft"), COUNT),
        ("sent", pgettext("offers", "Sent"), COUNT),
        ("value", pgettext("offer", "Value"), EUROS),
        ("weighted", _("Weighted value"), EUROS),
        ("stuck", _("Over the limit"), COUNT),
        ("expired", pgettext("offers", "Expired"), COUNT),
        ("stepless", _("No next step"), COUNT),
    )
    labels = [str(line[0]) for line in lines]
    series = [
        Series(str(columns[at].label), figures([line[at] for line in lines]), stack="offers", column=columns[at].name)
        for at in (1, 2)
    ]
    chart = Chart(_("Open offers by days at their current stage"), labels, series)
    links, whole = [_open_links(query, *days) for days in age_classes()], _open_links(query)
    table = ReportTable("open", _("Open offers"), columns, lines, total, chart, is_wide=True)
    return [replace(table, links=links, total_links=whole)]


def _open_links(query: ReportQuery, first: int = 0, last: int | None = None) -> dict[str, str]:
    """Return the lists of the open offers that have been from ``first`` to ``last`` days at their stage."""
    days = ({"stage_days_from": first} if first else {}) | ({"stage_days_to": last} if last else {})
    everything = open_url(query, status=list(UNDECIDED), **days)
    links = {name: open_url(query, status=list(UNDECIDED), warning=fault, **days) for name, fault in FAULTS.items()}
    links |= {name: open_url(query, status=status, **days) for name, status in STAGES.items()}
    return links | {"age": everything, "value": everything, "weighted": everything}


def _age_label(number: int, last: int | None) -> str:
    first = (AGES[number - 1] or 0) + 1 if number else 0
    return _("%(first)d–%(last)d days") % {"first": first, "last": last} if last else _("%d days or more") % first


# Outcomes


def _outcome_columns(first: ReportColumn) -> list[ReportColumn]:
    return [
        first,
        *columns_of(
            ("offered", _("Offers"), COUNT),
            ("offered_net", _("Offered"), EUROS),
            ("open", pgettext("offers", "Open"), COUNT),
            ("open_net", _("Value of open offers"), EUROS),
            ("won", pgettext("offers", "Won"), COUNT),
            ("won_net", _("Value of won offers"), EUROS),
            ("lost", pgettext("offers", "Lost"), COUNT),
            ("lost_net", _("Value of lost offers"), EUROS),
            ("hit_rate", _("Hit rate"), PERCENT),
        ),
    ]


def _outcome_values(outcome: Outcome, columns: Sequence[ReportColumn]) -> list[Any]:
    return [getattr(outcome, column.name) for column in columns]


def by_type(query: ReportQuery) -> list[ReportTable]:
    all_outcomes = outcomes_by_type(query)
    columns = _outcome_columns(ReportColumn("type", pgettext("offer", "Type"), TEXT))
    rows = [[str(outcome.key), *_outcome_values(outcome, columns[1:])] for outcome in all_outcomes]
    total = [_("Total"), *_outcome_values(total_outcome(all_outcomes), columns[1:])]
    chart = _outcome_chart(_("Offers by type"), [str(outcome.key) for outcome in all_outcomes], all_outcomes)
    links = [_outcome_links(query, "type", type=outcome.key.pk) for outcome in all_outcomes]
    table = ReportTable("types", _("Totals by type"), columns, rows, total, chart, is_wide=True, links=links)
    return [replace(table, total_links=_outcome_links(query))]


def _outcome_links(query: ReportQuery, head: str = "", **filters: Any) -> dict[str, str]:
    """Return the lists of the figures of a row; ``head`` is the column of its name."""
    links = outcome_links(offers_url, query, *STATUSES, **filters)
    return links | ({head: links["offered"]} if head else {})


def _outcome_chart(label: str, names: list[str], all_outcomes: list[Outcome]) -> Chart:
    parts = (
        (pgettext("offers", "Won"), "won_net"),
        (pgettext("offers", "Lost"), "lost_net"),
        (pgettext("offers", "Open"), "open_net"),
    )
    series = [
        Series(word, figures([getattr(outcome, part) for outcome in all_outcomes]), EUROS, stack="net", column=part)
        for word, part in parts
    ]
    return Chart(label, names, series, horizontal=True)


def by_person(query: ReportQuery) -> list[ReportTable]:
    all_outcomes, whole = outcomes_by_person(query)
    own = columns_of(
        ("ordered_net", _("Orders"), EUROS), ("target", _("Target"), EUROS), ("reached", _("Reached"), PERCENT)
    )
    columns = [*_outcome_columns(ReportColumn("person", _("Account manager"), TEXT)), *own]
    rows = [[str(outcome.key), *_outcome_values(outcome, columns[1:])] for outcome in all_outcomes]
    total = [_("All account managers"), *_outcome_values(whole, columns[1:])]
    shown = [outcome for outcome in all_outcomes if outcome.ordered_net or outcome.target]
    series = [
        Series(_("Orders"), figures([outcome.ordered_net for outcome in shown]), EUROS, column="ordered_net"),
        Series(_("Target"), figures([outcome.target for outcome in shown]), EUROS),
    ]
    if share := passed_of(query):
        expected = [None if outcome.target is None else outcome.target * share for outcome in shown]
        series.append(Series(_("Expected by today"), figures(expected), EUROS, mark=True))
    chart = Chart(_("Orders and targets by person"), [str(outcome.key) for outcome in shown], series, horizontal=True)
    note = _("You see your own figures, those of your staff and of the teams that you lead.")
    is_part = not query.reader.has_perm("accounts.view_reports")
    label = _("Totals by person")
    links = [
        _outcome_links(query, "person", owner=outcome.key.pk) | {"ordered_net": orders_url(query, owner=outcome.key.pk)}
        for outcome in all_outcomes
    ]
    table = ReportTable("people", label, columns, rows, total, chart, note if is_part else "", is_wide=True)
    whole_links = _outcome_links(query) | {"ordered_net": orders_url(query)}
    return [replace(table, links=links, total_links={} if is_part else whole_links)]


def passed_of(query: ReportQuery) -> Decimal | None:
    """Return the part of the report's days that has passed, 0–1; None if the period has ended or not begun."""
    today, days = clock.today(), (query.last - query.first).days + 1
    return Decimal((today - query.first).days + 1) / days if query.first <= today < query.last else None


# Hit rate


def hit_rate(query: ReportQuery) -> list[ReportTable]:
    by_month = decided_by_month(query)
    by_type = outcomes(decided_of(query), F("type"))
    by_type.sort(key=lambda outcome: -(outcome.won + outcome.lost))
    months = [date_format(outcome.key, "YEAR_MONTH_FORMAT") for outcome in by_month]
    types = OfferType.objects.in_bulk([outcome.key for outcome in by_type])
    return [
        _hit_table(
            query,
            "months",
            _("By month of decision"),
            by_month,
            months,
            [_decided_links(_of_month(row.key, query), "months") for row in by_month],
        ),
        _hit_table(
            query,
            "types",
            _("By type"),
            by_type,
            [str(types[outcome.key]) for outcome in by_type],
            [_decided_links(query, "types", type=outcome.key) for outcome in by_type],
        ),
    ]


def _of_month(moment: dt.date, query: ReportQuery) -> ReportQuery:
    """Return the query about a month of its period."""
    month = dt.date(moment.year, moment.month, 1)
    last = month_after(month, 1) - dt.timedelta(days=1)
    return replace(query, first=max(month, query.first), last=min(last, query.last))


def _decided_links(query: ReportQuery, head: str = "", **filters: Any) -> dict[str, str]:
    """Return the lists of the decided offers that the figures of a row count; ``head`` is the column of its name."""
    links = outcome_links(decided_url, query, "won", "lost", **filters)
    return links | ({head: decided_url(query, **filters)} if head else {})


def _hit_table(
    query: ReportQuery,
    name: str,
    label: str,
    all_outcomes: list[Outcome],
    names: list[str],
    links: list[dict[str, str]],
) -> ReportTable:
    columns = columns_of(
        (name, _("Month") if name == "months" else pgettext("offer", "Type"), TEXT),
        ("won", pgettext("offers", "Won"), COUNT),
        ("lost", pgettext("offers", "Lost"), COUNT),
        ("hit_rate", _("Hit rate"), PERCENT),
        ("won_net", _("Value of won offers"), EUROS),
        ("lost_net", _("Value of lost offers"), EUROS),
        ("hit_rate_net", _("Hit rate by value"), PERCENT),
    )
    rows = [[label, *_outcome_values(outcome, columns[1:])] for label, outcome in zip(names, all_outcomes, strict=True)]
    total = [_("Total"), *_outcome_values(total_outcome(all_outcomes), columns[1:])]
    labels = [f"{outcome.key.month}/{outcome.key.year}" for outcome in all_outcomes] if name == "months" else names
    series = [
        Series(pgettext("offers", "Won"), [outcome.won for outcome in all_outcomes], stack="decided", column="won"),
        Series(pgettext("offers", "Lost"), [outcome.lost for outcome in all_outcomes], stack="decided", column="lost"),
        Series(
            _("Hit rate"),
            figures([outcome.hit_rate for outcome in all_outcomes]),
            PERCENT,
            line=True,
            column="hit_rate",
        ),
    ]
    chart = Chart(label, labels, series, is_of_time=name == "months")
    table = ReportTable(name, label, columns, rows, total, chart, is_wide=True, links=links)
    return replace(table, total_links=_decided_links(query))


# Time to decision


def decision_time(query: ReportQuery) -> list[ReportTable]:
    whole = decision_speed(query, None)
    by_outcome = decision_speed(query, F("status"))
    by_type = sorted(decision_speed(query, F("type")), key=lambda row: -row.median)
    types = OfferType.objects.in_bulk([row.key for row in by_type])
    labels = {OfferStatus.ORDER: pgettext("offers", "Won"), OfferStatus.LOST: pgettext("offers", "Lost")}
    outcome = [(labels[OfferStatus(row.key)], row) for row in by_outcome]
    return [
        replace(
            _speed_table("types", _("By type"), [(str(types[row.key]), row) for row in by_type], whole),
            links=[_speed_links(query, "types", type=row.key) for row in by_type],
            total_links=_speed_links(query),
        ),
        replace(
            _speed_table("outcomes", _("By outcome"), outcome, whole),
            links=[_speed_links(query, "outcomes", status=row.key) for row in by_outcome],
            total_links=_speed_links(query),
        ),
    ]


def _speed_links(query: ReportQuery, head: str = "", **filters: Any) -> dict[str, str]:
    """Return the list of the decisions that a row is about, for each of its figures."""
    names = [name for name in (head, "count", "median", "ninety") if name]
    return dict.fromkeys(names, decided_url(query, **filters))


def _speed_table(name: str, label: str, speeds: list[tuple[str, Speed]], whole: list[Speed]) -> ReportTable:
    columns = columns_of(
        (name, pgettext("offer", "Type") if name == "types" else _("Outcome"), TEXT),
        ("count", pgettext("offers", "Decided"), COUNT),
        ("median", _("Median, days"), DAYS),
        ("ninety", _("90th percentile, days"), DAYS),
    )
    rows = [[text, *_speed_values(speed)] for text, speed in speeds]
    total = [_("Total"), *_speed_values(whole[0])] if whole else None
    series = [
        Series(_("Median, days"), [speed.median for _word, speed in speeds], DAYS, column="median"),
        Series(_("90th percentile, days"), [speed.ninety for _word, speed in speeds], DAYS, column="ninety"),
    ]
    chart = Chart(_("Days to decision"), [text for text, _row in speeds], series)
    return ReportTable(name, label, columns, rows, total, chart)


def _speed_values(speed: Speed) -> list[Any]:
    return [speed.count, round(Decimal(speed.median), 1), round(Decimal(speed.ninety), 1)]


# Lost reasons


def reasons(query: ReportQuery) -> list[ReportTable]:
    won, won_net = total_won(query)
    by_reason = lost_by_reason(query)
    lost = [(str(reason), count, net) for reason, count, net in by_reason]
    links = [
        _lost_links(query, "reason", status=OfferStatus.ORDER),
        *(_lost_links(query, "reason", status=OfferStatus.LOST, lost_reason=row[0].pk) for row in by_reason),
    ]
    by_competitor = lost_by_competitor(query)
    competitors = [(name or _("no competitor known"), count, net) for name, count, net in by_competitor]
    decided = won + sum(count for _reason, count, _net in lost)
    columns = columns_of(
        ("reason", _("Outcome and reason"), TEXT),
        ("count", _("Offers"), COUNT),
        ("share", _("Share of decided offers"), PERCENT),
        ("net", pgettext("offers", "Value"), EUROS),
    )
    lost_lines = [(_("Lost: %s") % reason, count, net) for reason, count, net in lost]
    lines = [(pgettext("offers", "Won"), won, won_net), *lost_lines]
    rows = [[text, count, percent(count, decided), net] for text, count, net in lines]
    total = [_("Total"), decided, None, sum((net for _text, _count, net in lines), ZERO)]
    against = columns_of(
        ("competitor", _("Competitor"), TEXT),
        ("count", _("Offers"), COUNT),
        ("net", pgettext("offers", "Value"), EUROS),
    )
    label, to_whom = _("Won, and lost by reason"), _("Lost to competitors")
    by_name = [
        _lost_links(query, "competitor", status=OfferStatus.LOST, **_competitor(name))
        for name, _count, _net in by_competitor
    ]
    chart = _lost_chart(_("Lost by reason"), lost, links[1:])
    other = _lost_chart(to_whom, competitors[:20], by_name[:20])
    return [
        ReportTable("reasons", label, columns, rows, total, chart, links=links, total_links=_lost_links(query)),
        ReportTable("competitors", to_whom, against, [list(row) for row in competitors], chart=other, links=by_name),
    ]


def _competitor(name: str) -> dict[str, str]:
    return {"competitor": name} if name else {"no_competitor": "true"}


def _lost_links(query: ReportQuery, head: str = "", **filters: Any) -> dict[str, str]:
    """Return the list of the decided offers that a row counts, for its name and its figures."""
    return dict.fromkeys([name for name in (head, "count", "net") if name], decided_url(query, **filters))


def _lost_chart(label: str, rows: list[tuple[str, int, Decimal]], links: list[dict[str, str]]) -> Chart:
    values, urls = figures([net for _text, _count, net in rows]), [one["net"] for one in links]
    series = [Series(_("Value of lost offers"), values, EUROS, column="net", urls=urls)]
    return Chart(label, [text for text, _count, _net in rows], series, horizontal=True)
