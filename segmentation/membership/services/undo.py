"""Undoing many decisions at once: the earlier segments begin again, as *undone*, and the history keeps both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.segments import SET
from segmentation.membership.enums import EndKind, MoveKind
from segmentation.membership.models import Membership
from segmentation.membership.querysets import MembershipQuerySet, ProposalQuerySet
from segmentation.membership.services import present
from segmentation.membership.services.moves import segments_set
from segmentation.membership.services.proposals import proposals_withdraw
from segmentation.schemes.models import Scheme, Segment


@transaction.atomic
def segments_undo(*, memberships: MembershipQuerySet, proposals: ProposalQuerySet, user: Any) -> set[int]:
    """Undo present memberships that began together, and withdraw proposals; return the customers that stay.

    The decision *undone* is the user's who undoes. A customer stays where the earlier segment is full, retired or needs
    approval by now: an undo is no way around these. A customer's first segment leaves it without one. A few queries for
    each scheme and segment, whatever the number of rows.
    """
    rows = list(memberships.present().select_related("segment", "scheme"))
    by_scheme: dict[Scheme, list[Membership]] = defaultdict(list)
    for row in rows:
        by_scheme[row.scheme].append(row)
    staying = {pk for scheme, found in by_scheme.items() for pk in _undo(scheme, found, user)}
    proposals_withdraw(list(proposals.open()), user=user, reason=_("It was undone."))
    return staying


def _undo(scheme: Scheme, rows: list[Membership], user: Any) -> set[int]:
    earlier = _earlier(scheme, rows)
    about: dict[str, Any] = {"user": user, "kind": MoveKind.UNDONE}
    moves = segments_set(wanted=earlier, write=False, **about)
    going = {pk: earlier[pk] for pk, move in moves.items() if move.status == SET}
    segments_set(wanted=going, **about)
    first = [row for row in rows if row.customer_id not in earlier]
    present.end(first, at=present.next_moment(first, clock.now()), ended_as=EndKind.UNDONE)
    present.summary_set(dict.fromkeys([row.customer_id for row in first]), scheme)
    return earlier.keys() - going.keys()


def _earlier(scheme: Scheme, rows: Iterable[Membership]) -> dict[int, Segment]:
    """Return the segment that each of the customers was in until the membership began."""
    if not scheme.is_exclusive:
        return {}
    starts = {row.customer_id: row.start for row in rows}
    before = Membership.objects.filter(
        scheme=scheme, customer__in=starts, period__endswith__in=set(starts.values()), ended_as=EndKind.FOLLOWED
    )
    return {
        row.customer_id: row.segment for row in before.select_related("segment") if row.end == starts[row.customer_id]
    }
