"""Reads of a customer's segments: by scheme with the strip of years, and the decisions with undone pairs folded."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core import clock
from customers.models import Customer
from segmentation.membership.enums import EndKind, MoveKind
from segmentation.membership.models import Membership
from segmentation.schemes.models import Scheme, Segment

#: How many years the strip shows.
YEARS = 5


@dataclass(frozen=True)
class Bar:
    """A part of the strip: where it begins and how long it is, in per cent of the strip, and its membership."""

    left: str
    width: str
    membership: Membership


@dataclass
class SchemeOfCustomer:
    """A scheme with the customer's present memberships and the strip of the last years."""

    scheme: Scheme
    present: list[Membership] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    years: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class Decision:
    """A membership as the history shows it; ``undone`` is the decision that this one took back, folded into it."""

    membership: Membership
    before: Segment | None = None
    undone: Membership | None = None


def _memberships(customer: Customer) -> list[Membership]:
    related = ("segment__scheme", "scheme", "decided_by", "reason", "proposal")
    return list(Membership.objects.filter(customer=customer).select_related(*related).order_by("period"))


def schemes_of(customer: Customer) -> list[SchemeOfCustomer]:
    """Return the schemes in use, and retired ones in which the customer has been, with the strip of years."""
    rows: dict[int, list[Membership]] = defaultdict(list)
    for membership in _memberships(customer):
        rows[membership.scheme_id].append(membership)
    schemes = [scheme for scheme in Scheme.objects.all() if not scheme.is_retired or scheme.pk in rows]
    return [_of_scheme(scheme, rows[scheme.pk]) for scheme in schemes]


def _of_scheme(scheme: Scheme, rows: list[Membership]) -> SchemeOfCustomer:
    now = clock.now()
    since = now.replace(year=now.year - YEARS + 1, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    whole = (now - since).total_seconds()

    def at(moment: dt.datetime) -> float:
        return max(0.0, min(100.0, (moment - since).total_seconds() / whole * 100))

    bars = [
        Bar(f"{at(row.start):.2f}", f"{at(row.end or now) - at(row.start):.2f}", row)
        for row in rows
        if row.end is None or row.end > since
    ]
    years = [(year, f"{at(since.replace(year=year)):.2f}") for year in range(since.year, now.year + 1)]
    return SchemeOfCustomer(scheme, [row for row in rows if row.end is None], bars, years)


def history_of_segments(customer: Customer) -> list[Decision]:
    """Return every decision about the customer, the newest first; an undo has the decision that it took back."""
    found: list[Decision] = []
    for _scheme, rows in _by_scheme(_memberships(customer)).items():
        found += _decisions(rows)
    return sorted(found, key=lambda decision: decision.membership.start, reverse=True)


def _by_scheme(rows: Iterable[Membership]) -> dict[int, list[Membership]]:
    found: dict[int, list[Membership]] = defaultdict(list)
    for row in rows:
        found[row.scheme_id].append(row)
    return found


def _decisions(rows: list[Membership]) -> list[Decision]:
    found: list[Decision] = []
    for row in rows:
        last = found[-1] if found else None
        follows = last is not None and row.is_exclusive and last.membership.ended_as == EndKind.FOLLOWED
        if row.kind == MoveKind.UNDONE and last is not None and follows:
            found[-1] = Decision(row, last.before, last.membership)
        else:
            found.append(Decision(row, last.membership.segment if last is not None and follows else None))
    return found


def present_segments(customers: Iterable[Any], scheme: Scheme) -> dict[int, list[Segment]]:
    """Return the present segments of these customers in a scheme, in one query."""
    ids = [customer.pk for customer in customers]
    rows = Membership.objects.present().filter(scheme=scheme, customer__in=ids).select_related("segment")
    found: dict[int, list[Segment]] = defaultdict(list)
    for row in rows.order_by("segment__order"):
        found[row.customer_id].append(row.segment)
    return found
