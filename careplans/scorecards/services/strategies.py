"""Services of the customer strategy: a draft, its content, the steps to management's approval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from careplans.scorecards.enums import STRATEGY_TRANSITIONS, StrategyStatus
from careplans.scorecards.models import StrategyStatusChange, StrategyVersion
from careplans.scorecards.services.telling import approvers, prepared, tell
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.status import StatusMachine, check_reason

CONTENT = ("principles", "focus_areas", "text", "justification")
#: The lock's number in the database: versions are numbered in turn.
LOCK = 77_014


class StrategyMachine(StatusMachine[StrategyVersion]):
    """The status of a version; only it writes statuses."""

    transitions = STRATEGY_TRANSITIONS
    history = StrategyStatusChange
    owner = "strategy"
    refusal_field = None

    def refusal(self, row: StrategyVersion, status: Any) -> str:
        labels = {"status": row.get_status_display(), "next": StrategyStatus(status).label}
        return _("A version with the status “%(status)s” cannot become “%(next)s”.") % labels


STRATEGY_STATUS = StrategyMachine()


@transaction.atomic
def strategy_draft(*, user: User | None, justification: str, is_demo: bool = False) -> StrategyVersion:
    """Add a draft: a copy of the newest version. Raises ``reason_required``, ``being_prepared``."""
    justification = _checked(justification)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if StrategyVersion.objects.filter(status__in=["draft", "sent"]).exists():
        text = _("A new version of the customer strategy is being prepared already.")
        raise BusinessRuleError("being_prepared", text)
    newest = StrategyVersion.objects.order_by("-number").first()
    last = StrategyVersion.objects.aggregate(last=Max("number"))["last"] or 0
    content = {name: getattr(newest, name) for name in CONTENT if newest} | {"justification": justification}
    draft = StrategyVersion.objects.create(number=last + 1, created_by=user, is_demo=is_demo, **content)
    STRATEGY_STATUS.begin(draft, user=user)
    return draft


def _checked(justification: str) -> str:
    """Return the justification. Raise ``reason_required`` if it says nothing."""
    try:
        return check_reason(justification, longest=4_000)
    except BusinessRuleError as error:
        raise BusinessRuleError(error.code, str(error), field="justification") from None


def _draft(version: StrategyVersion, seen: int | None) -> StrategyVersion:
    locked = lock(version)
    check_version(locked, seen)
    if not locked.is_draft:
        raise BusinessRuleError("not_draft", _("Only a draft can be changed."))
    return locked


@transaction.atomic
def strategy_change(
    *, version: StrategyVersion, changes: Mapping[str, Any], user: User, seen: int | None = None
) -> StrategyVersion:
    """Change the content of a draft. Raises ``not_draft``, ``stale_version``, ``reason_required``."""
    locked = _draft(version, seen)
    for name in CONTENT:
        if name in changes:
            setattr(locked, name, changes[name])
    locked.justification = _checked(locked.justification)
    locked.version += 1
    locked.add_editor(user.pk)
    locked.save()
    return locked


@transaction.atomic
def strategy_delete(*, version: StrategyVersion) -> None:
    """Delete a draft. Raises ``not_draft``."""
    _draft(version, None).delete()


def _step(version: StrategyVersion, status: StrategyStatus, seen: int | None) -> StrategyVersion:
    locked = lock(version)
    check_version(locked, seen)
    STRATEGY_STATUS.check(locked, status)
    return locked


@transaction.atomic
def strategy_send(
    *, version: StrategyVersion, user: User, comment: str = "", seen: int | None = None
) -> StrategyVersion:
    """Send a draft to management. Raises ``empty`` if it says nothing."""
    locked = _step(version, StrategyStatus.SENT, seen)
    if not (locked.principle_list or locked.focus_list or locked.text.strip()):
        raise BusinessRuleError("empty", _("The strategy says nothing yet: write its values, focus areas or text."))
    locked.sent_by = user
    locked.add_editor(user.pk)
    STRATEGY_STATUS.write(locked, StrategyStatus.SENT, user=user, reason=comment)
    tell("strategy_to_approve", locked, approvers(), user)
    return locked


@transaction.atomic
def strategy_return(*, version: StrategyVersion, user: User, reason: str, seen: int | None = None) -> StrategyVersion:
    """Make a version that waits a draft again, with the reason. Raises ``reason_required``."""
    locked, reason = _step(version, StrategyStatus.DRAFT, seen), check_reason(reason)
    STRATEGY_STATUS.write(locked, StrategyStatus.DRAFT, user=user, reason=reason)
    tell("strategy_returned", locked, prepared(locked), user, reason=reason)
    return locked


@transaction.atomic
def strategy_approve(
    *, version: StrategyVersion, user: User, comment: str = "", seen: int | None = None
) -> StrategyVersion:
    """Approve a version for management: it is in force from today, and the one before it is replaced.

    Raises ``own_version`` (never by who made, changed or sent it).
    """
    locked = _step(version, StrategyStatus.APPROVED, seen)
    if user.pk in locked.prepared_by:
        text = _("You have prepared this version: somebody else of the management approves it.")
        raise BusinessRuleError("own_version", text)
    strategy_put_in_force(locked, user, clock.today(), comment)
    tell("strategy_approved", locked, prepared(locked), user)
    return locked


def strategy_put_in_force(version: StrategyVersion, user: User | None, day: dt.date, comment: str = "") -> None:
    """Put a locked version in force from a day; the one before it ends the day before, or on its own first day."""
    before = StrategyVersion.objects.select_for_update().filter(status=StrategyStatus.APPROVED).first()
    if before is not None:
        before.valid_to = max(before.valid_from or day, day - dt.timedelta(days=1))
        STRATEGY_STATUS.write(before, StrategyStatus.REPLACED, user=user)
    version.valid_from, version.approved_by, version.approved_at = day, user, clock.now()
    STRATEGY_STATUS.write(version, StrategyStatus.APPROVED, user=user, reason=comment)
