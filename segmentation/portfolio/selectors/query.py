"""What the pages about segments ask: a scheme, two days, and filters of the customers as they are today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q
from django.utils import timezone

from segmentation.schemes.models import Scheme

#: The states of a customer without a segment, and of one that was not there then or is not there any more.
NONE, NEW, GONE = "none", "new", "gone"
#: The SQL of the filters; ``c`` is the customer and ``s`` its summary.
_SQL = {
    "owner": "s.owner_id = %(owner)s",
    "group": "s.group_id = %(group)s",
    "industry": "s.industry_id = %(industry)s",
    "municipality": "c.municipality_id = %(municipality)s",
}
PATHS = {
    "owner": "summary__owner",
    "group": "summary__group",
    "industry": "summary__industry",
    "municipality": "municipality",
    "segment": "summary__segment",
}


@dataclass(frozen=True, kw_only=True)
class FlowQuery:
    """A scheme between two days, each meant by its end. ``filters`` has rows by name: owner, group, industry, …

    ``owners`` are people: only their customers count.
    """

    scheme: Scheme
    first: dt.date
    last: dt.date
    filters: dict[str, Any] = field(default_factory=dict)
    owners: Collection[int] | None = None

    @property
    def moments(self) -> dict[str, Any]:
        """The parameters of SQL: the last moments of both days, the days, the scheme, the filters."""
        ids = {name: row.pk for name, row in self.filters.items()}
        days = {"first": self.first, "last": self.last}
        ids["owners"] = list(self.owners or ())
        return {"start": end_of(self.first), "end": end_of(self.last), "scheme": self.scheme.pk, **days, **ids}

    @property
    def wheres(self) -> str:
        """The conditions of the filters, each with AND before it."""
        of_owners = "" if self.owners is None else " AND s.owner_id = ANY(%(owners)s)"
        return of_owners + "".join(f" AND {_SQL[name]}" for name in self.filters)

    @property
    def condition(self) -> Q:
        """The filters as a condition on customers."""
        of_owners = Q() if self.owners is None else Q(summary__owner__in=self.owners)
        return of_owners & Q(**{PATHS[name]: row for name, row in self.filters.items()})

    def on(self, first: dt.date, last: dt.date) -> FlowQuery:
        return replace(self, first=first, last=last)

    def address(self, **more: Any) -> dict[str, Any]:
        """Return the query as the parameters of an address."""
        ids = {name: row.pk for name, row in self.filters.items()}
        days = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        return {"scheme": self.scheme.code, **days, **ids, **more}


def end_of(day: dt.date) -> dt.datetime:
    """Return the last moment of a day in the organisation's time zone."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time())
    return timezone.make_aware(midnight, timezone.get_default_timezone()) - dt.timedelta(microseconds=1)
