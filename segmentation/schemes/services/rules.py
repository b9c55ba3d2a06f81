"""Who decides about a segment and how many it takes: changes with what they do, approved where they loosen something.

What needs the approvers to enter needs them to be loosened too, another person than the one who asks: otherwise anybody
who keeps the schemes could take the approval away, move a customer and bring the approval back (rules 6 and 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Role, User
from accounts.notifications import notify
from core import clock
from core.conditions.operands import either
from core.exceptions import BusinessRuleError
from core.segments import approval_ended, segment_counts
from core.services import lock, versioned_save
from segmentation.schemes.enums import RuleChangeStatus
from segmentation.schemes.models import RuleChange, Segment

Rules = Mapping[str, Any]


def rules_of(segment: Segment) -> dict[str, Any]:
    """Return who decides about a segment, and how many it takes, as they are in the database."""
    kept = Segment.objects.get(pk=segment.pk)
    return rules_from(kept.needs_approval, kept.limit, kept.approvers.values_list("pk", flat=True))


def rules_from(needs_approval: bool, limit: int | None, approvers: Any) -> dict[str, Any]:
    """Return rules in the form that is compared and kept; where nobody approves, no approvers are named."""
    groups = sorted(approvers) if needs_approval else []
    return {"needs_approval": needs_approval, "limit": limit, "approvers": groups}


def is_looser(before: Rules, after: Rules) -> bool:
    """Return whether a segment that needs approval would be entered more easily, or be decided by others."""
    if not before["needs_approval"]:
        return False
    is_raised = before["limit"] is not None and (after["limit"] is None or after["limit"] > before["limit"])
    return not after["needs_approval"] or is_raised or before["approvers"] != after["approvers"]


def rule_effects(segment: Segment, before: Rules, after: Rules) -> list[str]:
    """Return what a change of the rules does, in sentences, with how many customers it concerns."""
    members, proposals = segment_counts(segment)
    found = []
    if before["needs_approval"] != after["needs_approval"]:
        found.append(_on_text(members) if after["needs_approval"] else _off_text(members, proposals))
    elif before["approvers"] != after["approvers"]:
        found.append(_("Others decide about the segment: %(groups)s.") % {"groups": groups_text(after["approvers"])})
    if before["limit"] != after["limit"]:
        found.append(_limit_text(members, after["limit"]))
    if is_looser(before, after):
        groups = groups_text(before["approvers"])
        found.append(_("It takes effect when somebody else has approved it: %(groups)s.") % {"groups": groups})
    return found


def _on_text(members: int) -> str:
    text = ngettext(
        "%(count)d customer is in the segment already and stays there without anybody's approval.",
        "%(count)d customers are in the segment already and stay there without anybody's approval.",
        members,
    )
    return text % {"count": members}


def _off_text(members: int, proposals: int) -> str:
    text = ngettext(
        "Moves to and from the segment need no approval any more: it has %(count)d customer.",
        "Moves to and from the segment need no approval any more: it has %(count)d customers.",
        members,
    ) % {"count": members}
    withdrawn = ngettext("%(count)d open proposal is withdrawn.", "%(count)d open proposals are withdrawn.", proposals)
    return f"{text} {withdrawn % {'count': proposals}}" if proposals else text


def _limit_text(members: int, limit: int | None) -> str:
    text = ngettext(
        "The segment has %(count)d customer; the most will be: %(limit)s.",
        "The segment has %(count)d customers; the most will be: %(limit)s.",
        members,
    )
    return text % {"count": members, "limit": limit or _("no limit")}


def groups_text(ids: Any) -> str:
    """Return the names of groups: *Management or Administrator*."""
    return either(role.label for role in Role.objects.filter(pk__in=list(ids)))


def rules_check(segment: Segment, after: Rules) -> None:
    """Raise :class:`BusinessRuleError` at the field: ``approvers_missing``, ``limit_below``."""
    if after["needs_approval"] and not after["approvers"]:
        raise BusinessRuleError("approvers_missing", _("Choose the groups that approve."), field="approvers")
    members = segment_counts(segment)[0] if after["limit"] is not None else 0
    if after["limit"] is not None and after["limit"] < members:
        text = ngettext(
            "The segment has %(count)d customer: move some away first.",
            "The segment has %(count)d customers: move some away first.",
            members,
        )
        raise BusinessRuleError("limit_below", text % {"count": members}, field="limit")


def rules_note(segment: Segment, before: Rules, after: Rules, *, user: Any) -> RuleChange | None:
    """Keep a change of the rules of a locked segment; return it where it waits for approval.

    Raises :class:`BusinessRuleError` ``change_open``: the last change waits already; and those of :func:`rules_check`.
    """
    rules_check(segment, after)
    if segment.rule_changes.filter(status=RuleChangeStatus.OPEN).exists():
        text = _("A change of who decides, or how many, waits for approval already: decide or withdraw it first.")
        raise BusinessRuleError("change_open", text)
    waits = is_looser(before, after)
    change = RuleChange.objects.create(
        segment=segment, before=before, after=after, customers=segment_counts(segment)[0], asked_by=user,
        asked_at=clock.now(), status=RuleChangeStatus.OPEN if waits else RuleChangeStatus.DONE,
    )  # fmt: skip
    if waits:
        _tell(change, User.objects.filter(is_active=True, groups__in=before["approvers"]).distinct(), "asked", user)
    return change if waits else None


def _tell(change: RuleChange, users: Any, what: str, user: Any) -> None:
    people = [person for person in users if person and person != user]
    about = {"user": str(user or "–"), "segment": str(change.segment)}
    notify(users=people, kind=f"segment_rules_{what}", url=change.get_absolute_url(), **about)


@transaction.atomic
def rule_change_approve(*, change: RuleChange, user: Any) -> RuleChange:
    """Let a change take effect. Open proposals that need no approval any more are withdrawn.

    Raises :class:`BusinessRuleError`: ``already_decided``, ``own_change``, and those of :func:`rules_check`.
    """
    locked, segment = _lock_open(change)
    _check_decider(locked, user)
    after = locked.after
    rules_check(segment, after)
    segment.needs_approval, segment.limit = after["needs_approval"], after["limit"]
    versioned_save(segment)
    if after["needs_approval"]:
        segment.approvers.set(after["approvers"])
    else:
        approval_ended(segment, user)
    return _end(locked, RuleChangeStatus.DONE, user)


@transaction.atomic
def rule_change_reject(*, change: RuleChange, user: Any) -> RuleChange:
    """Reject a change, or withdraw one's own. Raises :class:`BusinessRuleError` ``already_decided``."""
    return _end(_lock_open(change)[0], RuleChangeStatus.REJECTED, user)


def _lock_open(change: RuleChange) -> tuple[RuleChange, Segment]:
    segment = lock(change.segment)
    locked = lock(change)
    _check_open(locked)
    return locked, segment


def rule_change_check(change: RuleChange, user: Any) -> None:
    """Raise why the user does not decide about a change: ``already_decided``, ``own_change``."""
    _check_open(change)
    _check_decider(change, user)


def _check_open(change: RuleChange) -> None:
    if change.status != RuleChangeStatus.OPEN:
        raise BusinessRuleError("already_decided", _("The change has been decided already."))


def _check_decider(change: RuleChange, user: Any) -> None:
    if user.pk == change.asked_by_id:
        raise BusinessRuleError("own_change", _("Somebody else decides about your own change."))


def _end(change: RuleChange, status: RuleChangeStatus, user: Any) -> RuleChange:
    change.status, change.decided_by, change.decided_at = status, user, clock.now()
    change.save(update_fields=["status", "decided_by", "decided_at"])
    _tell(change, [change.asked_by], "approved" if status == RuleChangeStatus.DONE else "rejected", user)
    return change
