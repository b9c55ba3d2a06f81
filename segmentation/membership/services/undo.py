"""Undoing many decisions at once: the earlier segments begin again, as *undone*, and the history keeps both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from segmentation.membership.enums import EndKind, MoveKind
from segmentation.membership.models import Membership
from segmentation.membership.querysets import MembershipQuerySet, ProposalQuerySet
from segmentation.membership.services import present
from segmentation.membership.services.moves import segments_set
from segmentation.membership.services.proposals import proposals_withdraw
from segmentation.schemes.models import Scheme, Segment


@transaction.atomic
def segments_undo(*, memberships: MembershipQuerySet, proposals: ProposalQuerySet) -> None:
    """Undo present memberships that began together, and withdraw proposals; the same user counts as deciding.

    A customer's first segment leaves it without one. A few queries for each segment, whatever the number of rows.
    """
    rows = list(memberships.present().select_related("segment", "scheme", "decided_by"))
    by_scheme: dict[Scheme, list[Membership]] = defaultdict(list)
    for row in rows:
        by_scheme[row.scheme].append(row)
    for scheme, found in by_scheme.items():
        _undo(scheme, found)
    proposals_withdraw(list(proposals.open()), user=None, reason=_("It was undone."))


def _undo(scheme: Scheme, rows: list[Membership]) -> None:
    earlier = _earlier(scheme, rows)
    wanted = {row.customer_id: earlier[row.customer_id] for row in rows if row.customer_id in earlier}
    user: Any = rows[0].decided_by
    segments_set(wanted=wanted, user=user, kind=MoveKind.UNDONE)
    first = [row for row in rows if row.customer_id not in earlier]
    present.end(first, at=present.next_moment(first, clock.now()), ended_as=EndKind.UNDONE)
    present.summary_set(dict.fromkeys([row.customer_id for row in first]), scheme)


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
