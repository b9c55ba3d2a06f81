"""The lists that the figures of reports lead to: exactly the offers or orders that a figure counts.

Each has the filters of the report. Rows of inactive customers are counted, but not everyone may see them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from customers.state_filters import ALL_STATES, may_see_inactive
from offers.offers.enums import UNDECIDED, OfferStatus
from offers.orders.enums import OrderStatus
from offers.sales.selectors.reports import ReportQuery

#: The figures of an outcome, each with the statuses of the offers that it counts.
STATUSES: Mapping[str, Sequence[str]] = {
    "offered": (),
    "open": tuple(UNDECIDED),
    "won": (OfferStatus.ORDER,),
    "lost": (OfferStatus.LOST,),
}
NOT_CANCELLED = [status for status in OrderStatus.values if status != OrderStatus.CANCELLED]


def offers_url(query: ReportQuery, **filters: Any) -> str:
    """Return the list of the offers dated in the period, with the report's filters and these."""
    return open_url(query, date_from=query.first, date_to=query.last, **filters)


def decided_url(query: ReportQuery, **filters: Any) -> str:
    """Return the list of the offers decided in the period, with the report's filters and these."""
    return open_url(query, decided_from=query.first, decided_to=query.last, **filters)


def open_url(query: ReportQuery, **filters: Any) -> str:
    """Return the list of the offers of any date that a report counts, with the report's filters and these."""
    return reverse("offers:list", query={"tab": "all", **_own(query), "in_reports": "true", **filters})


def orders_url(query: ReportQuery, **filters: Any) -> str:
    """Return the list of the orders of the period, with the report's filters and these."""
    period = {"date_from": query.first, "date_to": query.last, "status": NOT_CANCELLED, **with_inactive(query.reader)}
    return reverse("orders:list", query={"tab": "all", **_own(query), **period, **filters})


def with_inactive(reader: Any) -> dict[str, str]:
    """Return the filter of a list that has the rows of inactive customers too, for those who may see them."""
    return {"customer_state": ALL_STATES} if may_see_inactive(reader) else {}


def outcome_links(url: Any, query: ReportQuery, *figures: str, **filters: Any) -> dict[str, str]:
    """Return the lists of an outcome's figures, each by number and by value, made by ``url``."""
    links = {}
    for name in figures:
        statuses = {"status": list(STATUSES[name])} if STATUSES[name] else {}
        links[name] = links[f"{name}_net"] = url(query, **filters, **statuses)
    return links


def _own(query: ReportQuery) -> dict[str, Any]:
    asked = {name: row.pk for name in ("type", "group", "owner") if (row := getattr(query, name))}
    return asked | ({"team": query.team.pk} if query.team else {})
