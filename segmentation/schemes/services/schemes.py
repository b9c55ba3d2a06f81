"""Changing schemes, segments and their goals. What is in use is retired, never deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from core import clock
from core.exceptions import BusinessRuleError
from core.registry import declared
from core.segments import primary_changed
from core.services import check_version, lock, versioned_save
from segmentation.schemes.enums import VALUE_GOALS, ValueMode
from segmentation.schemes.models import RuleChange, Scheme, Segment, SegmentGoal
from segmentation.schemes.services.rules import rules_from, rules_note, rules_of

#: What is set when a segment is added and never changed: code, scheme.
GROUPS = ("setters", "approvers")


@transaction.atomic
def scheme_add(*, scheme: Scheme) -> Scheme:
    """Add a scheme at the end. The first one becomes the primary one."""
    scheme.order = (Scheme.objects.aggregate(last=Max("order"))["last"] or 0) + 10
    scheme.is_primary = not Scheme.objects.primary().exists() and scheme.is_exclusive
    scheme.full_clean()
    scheme.save()
    return scheme


@transaction.atomic
def scheme_change(*, scheme: Scheme) -> Scheme:
    """Save a changed scheme with the next version; the caller has locked it and compared the versions.

    Raises :class:`BusinessRuleError` ``other_scheme`` at ``default_segment`` or ``lead_segment``.
    """
    for name in ("default_segment", "lead_segment"):
        segment = getattr(scheme, name)
        if segment is not None and (segment.scheme_id != scheme.pk or segment.is_retired):
            raise BusinessRuleError("other_scheme", _("Choose a segment of the scheme that is in use."), field=name)
    scheme.full_clean()
    return versioned_save(scheme)


@transaction.atomic
def scheme_make_primary(*, scheme: Scheme) -> Scheme:
    """Make the scheme the one that “segment” means everywhere; lists follow in the background.

    Raises :class:`BusinessRuleError`: ``not_exclusive``, ``retired``.
    """
    list(Scheme.objects.select_for_update().order_by("pk").values_list("pk"))
    scheme = lock(scheme)
    if scheme.is_primary:
        return scheme
    if not scheme.is_exclusive:
        raise BusinessRuleError("not_exclusive", _("The primary scheme gives each customer one segment."))
    if scheme.is_retired:
        raise BusinessRuleError("retired", _("The scheme is retired."))
    for other in Scheme.objects.primary():
        other.is_primary = False
        versioned_save(other)
    scheme.is_primary = True
    versioned_save(scheme)
    primary_changed()
    for follower in declared("PRIMARY_SCHEME_FOLLOWERS"):  # in the transaction in which another scheme becomes it
        follower()
    return scheme


@transaction.atomic
def scheme_set_retired(*, scheme: Scheme, retired: bool) -> Scheme:
    """Retire a scheme or restore it. Raises :class:`BusinessRuleError` ``is_primary`` for the primary one."""
    scheme = lock(scheme)
    if scheme.is_primary and retired:
        raise BusinessRuleError("is_primary", _("The primary scheme is in use: make another one primary first."))
    return _set_retired(scheme, retired=retired)


@transaction.atomic
def segment_set_retired(*, segment: Segment, retired: bool) -> Segment:
    """Retire a segment, so that it takes no new customers, or restore it.

    Raises :class:`BusinessRuleError` ``in_use`` for what new customers or leads get.
    """
    segment = lock(segment)
    scheme = segment.scheme
    if retired and segment.pk in (scheme.default_segment_id, scheme.lead_segment_id):
        text = _("New customers or leads get this segment: choose another one in the scheme first.")
        raise BusinessRuleError("in_use", text)
    return _set_retired(segment, retired=retired)


def _set_retired(row: Any, *, retired: bool) -> Any:
    if row.is_retired != retired:
        row.retired_at = clock.now() if retired else None
        versioned_save(row)
    return row


@transaction.atomic
def scheme_delete(*, scheme: Scheme) -> None:
    """Delete a scheme that was never used. Raises :class:`BusinessRuleError`: ``is_primary``, ``in_use``."""
    scheme = lock(scheme)
    if scheme.is_primary:
        raise BusinessRuleError("is_primary", _("The primary scheme is in use: make another one primary first."))
    Scheme.objects.filter(pk=scheme.pk).update(default_segment=None, lead_segment=None)
    _delete([*scheme.segments.all(), scheme])


@transaction.atomic
def segment_delete(*, segment: Segment) -> None:
    """Delete a segment that was never used. Raises :class:`BusinessRuleError` ``in_use``."""
    _delete([lock(segment)])


def _delete(rows: Iterable[Any]) -> None:
    try:
        for row in rows:
            row.delete()
    except ProtectedError as error:
        text = _("It is in use, or was once: the history needs it. Retire it instead.")
        raise BusinessRuleError("in_use", text) from error


@transaction.atomic
def segment_add(*, segment: Segment, setters: Iterable[Group] = (), approvers: Iterable[Group] = ()) -> Segment:
    """Add a segment at the end of its scheme. Raises :class:`BusinessRuleError` ``approvers_missing``."""
    lock(segment.scheme)
    segment.order = (segment.scheme.segments.aggregate(last=Max("order"))["last"] or 0) + 10
    segment.full_clean()
    segment.save()
    return _set_groups(segment, setters, approvers)


@transaction.atomic
def segment_change(
    *, segment: Segment, user: Any, setters: Iterable[Group] | None = None, approvers: Iterable[Group] | None = None
) -> RuleChange | None:
    """Save a changed segment with the next version; the caller has locked it and compared the versions.

    Returns the change of approval or limit that waits for the approvers; all else is saved. Raises
    :class:`BusinessRuleError`: ``approvers_missing`` at ``approvers``, ``limit_below`` at ``limit``, ``change_open``.
    """
    segment.full_clean()
    before = rules_of(segment)
    groups = segment.approvers.all() if approvers is None else approvers
    after = rules_from(segment.needs_approval, segment.limit, [group.pk for group in groups])
    waits = rules_note(segment, before, after, user=user) if before != after else None
    if waits:
        segment.needs_approval, segment.limit, approvers = before["needs_approval"], before["limit"], None
    versioned_save(segment)
    _set_groups(segment, setters, approvers)
    return waits


def _set_groups(segment: Segment, setters: Iterable[Group] | None, approvers: Iterable[Group] | None) -> Segment:
    if setters is not None:
        segment.setters.set(setters)
    if approvers is not None:
        segment.approvers.set(approvers)
    if segment.needs_approval and not segment.approvers.exists():
        raise BusinessRuleError("approvers_missing", _("Choose the groups that approve."), field="approvers")
    for follower in declared("SEGMENT_FOLLOWERS"):  # (ids) in the transaction that adds or changes segments
        follower([segment.pk])
    return segment


@transaction.atomic
def segment_shift(*, segment: Segment, up: bool) -> None:
    """Move a segment one step up or down in the order of its scheme, which is its precedence."""
    lock(segment.scheme)
    rows = list(Segment.objects.filter(scheme=segment.scheme_id).order_by("order", "id"))
    at = next(place for place, row in enumerate(rows) if row.pk == segment.pk)
    other = at - 1 if up else at + 1
    if 0 <= other < len(rows):
        rows[at], rows[other] = rows[other], rows[at]
    for place, row in enumerate(rows, 1):
        row.order = place * 10
    Segment.objects.bulk_update(rows, ["order"])


@transaction.atomic
def goal_save(*, goal: SegmentGoal, version: int | None = None) -> SegmentGoal:
    """Add or change a goal of a segment for a year. Raises ``ValidationError`` if the segment has it already.

    Raises :class:`BusinessRuleError` ``value_off`` at ``kind``: a scheme without value has no goal of profitability.
    """
    check_version(lock(goal.segment), version)
    if goal.kind in VALUE_GOALS and goal.segment.scheme.value_mode == ValueMode.OFF:
        raise BusinessRuleError("value_off", _("The scheme does not use the value of customers."), field="kind")
    goal.full_clean()
    goal.save()
    return goal


@transaction.atomic
def goal_delete(*, goal: SegmentGoal) -> None:
    lock(goal.segment)
    goal.delete()
