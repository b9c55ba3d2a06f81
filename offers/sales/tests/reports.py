"""Help for the tests of sales reports: rows to report on, and a report's tables as dictionaries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from offers.offers.tests.factories import OfferFactory
from offers.orders.tests.factories import OrderFactory
from offers.sales.reports import REPORTS
from offers.sales.selectors.reports import ReportQuery

YEAR = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def tables(name, reader, period=YEAR, **narrowed):
    """The rows of a report's tables by the table's name; a row by its first cell."""
    query = ReportQuery(reader=reader, first=period[0], last=period[1], **narrowed)
    by_name = {}
    for table in REPORTS[name].make(query):
        names = [column.name for column in table.columns]
        by_name[table.name] = {str(line[0]): dict(zip(names[1:], line[1:], strict=True)) for line in table.lines}
    return by_name


def make_offer(net="1000", day="2026-03-10", **fields):
    return OfferFactory(estimate=Decimal(net), date=dt.date.fromisoformat(day), **fields)


def decided(status, net="1000", day="2026-03-10", **fields):
    at = timezone.make_aware(dt.datetime.fromisoformat(f"{day} 12:00"))
    return make_offer(net, fields.pop("dated", day), status=status, decided_at=at, **fields)


def order(net="1000", day="2026-03-10", **fields):
    return OrderFactory(estimate=Decimal(net), date=dt.date.fromisoformat(day), **fields)
