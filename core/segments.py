"""The segments of customers, for apps that do not know who keeps them.

The app that keeps the memberships declares ``SEGMENTS = (SegmentService(...),)``. Whatever the way in, a page, a bulk
operation, an import, the API, a lead, a segment is set here: so one rule holds for all of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.registry import declared

#: What became of a wish: the customer moved, was there already, a proposal was made, or it was refused.
SET, SAME, PROPOSED, REFUSED = "set", "same", "proposed", "refused"


@dataclass(frozen=True)
class Move:
    """What became of the wish to move a customer to ``segment``; ``code`` and ``message`` say why it was refused."""

    customer_id: int
    segment: Any
    status: str
    code: str = ""
    message: str = ""
    proposal: Any = None


@dataclass(frozen=True)
class SegmentService:
    """The functions of the app that keeps the memberships."""

    segment_of: Callable[[Any], Any]
    segments_of: Callable[[Any], dict[str, list[Any]]]
    segment_set: Callable[..., Move]
    segments_set: Callable[..., dict[int, Move]]
    customers_added: Callable[..., None]
    customers_left: Callable[..., None]
    customers_returned: Callable[..., None]
    primary_changed: Callable[[], None]
    segment_counts: Callable[[Any], tuple[int, int]]
    approval_ended: Callable[[Any, Any], None]


@dataclass(frozen=True)
class Suggested:
    """What the criteria give a customer, by which version; ``name`` is the segment's."""

    segment_id: int
    name: str
    version: int


@dataclass(frozen=True)
class SegmentAdvice:
    """The functions of the app that knows what the criteria suggest (``SEGMENT_ADVICE``).

    ``suggested(scheme_id, customer_ids)`` returns what they give each customer, ``against(segment)`` the ids of the
    customers to which they give another segment of its scheme. ``decided(scheme_id, moves, …)`` follows every move.
    """

    suggested: Callable[[int, Collection[int]], dict[int, Suggested]]
    against: Callable[[Any], Any]
    decided: Callable[..., None]


@cache
def _advice() -> SegmentAdvice | None:
    return next(iter(declared("SEGMENT_ADVICE")), None)


def suggested_for(scheme_id: int, customer_ids: Collection[int]) -> dict[int, Suggested]:
    """Return what the criteria of a scheme give each of these customers; nothing where they give none."""
    advice = _advice()
    return advice.suggested(scheme_id, customer_ids) if advice else {}


def given_another(segment: Any) -> Any:
    """Return the ids of the customers to which the criteria give another segment of the scheme, as a query set."""
    advice = _advice()
    return advice.against(segment) if advice else None


def moves_decided(scheme_id: int, segments: Mapping[int, Any], **about: Any) -> None:
    """Let what follows moves happen: customer → segment, with ``suggested``, ``user``, ``reason`` and ``texts``."""
    advice = _advice()
    if advice:
        advice.decided(scheme_id, segments, **about)


@cache
def _service() -> SegmentService:
    return next(iter(declared("SEGMENTS")))


def segment_of(customer: Any) -> Any:
    """Return the customer's segment in the primary scheme, or None."""
    return _service().segment_of(customer)


def segments_of(customer: Any) -> dict[str, list[Any]]:
    """Return the customer's segments by the code of their scheme."""
    return _service().segments_of(customer)


def segment_set(*, customer: Any, segment: Any, user: Any, **about: Any) -> Move:
    """Move a customer to a segment, or propose it where the segment or the one it leaves needs approval.

    ``about`` are ``kind``, ``reason`` and ``text``. ``user`` None is the program itself. Raises
    :class:`BusinessRuleError` at ``segment``: ``customer_passive``, ``retired``, ``not_setter``, ``full``,
    ``proposal_open``.
    """
    return _service().segment_set(customer=customer, segment=segment, user=user, **about)


def segments_set(*, wanted: Mapping[int, Any], user: Any, **about: Any) -> dict[int, Move]:
    """Move many customers to segments of one scheme; return what became of each. ``write`` False writes nothing."""
    return _service().segments_set(wanted=wanted, user=user, **about)


def customers_added(customer_ids: Collection[int]) -> None:
    """Give new customers without a segment the default segment of each scheme that has one."""
    _service().customers_added(customer_ids)


def customers_left(customer_ids: Collection[int]) -> None:
    """End the memberships of customers that became inactive, and withdraw their open proposals."""
    _service().customers_left(customer_ids)


def primary_changed() -> None:
    """Compute what lists show as the segment again: another scheme is the primary one."""
    _service().primary_changed()


def customers_returned(customer_ids: Collection[int], since: dt.datetime) -> None:
    """Continue the memberships that ended by a deactivation at ``since`` or later, which is undone."""
    _service().customers_returned(customer_ids, since)


def segment_counts(segment: Any) -> tuple[int, int]:
    """Return how many customers a segment has now, and how many open proposals are about it."""
    return _service().segment_counts(segment)


def approval_ended(segment: Any, user: Any) -> None:
    """Withdraw the open proposals that nobody needs to approve, because the segment needs no approval any more."""
    _service().approval_ended(segment, user)
