"""Exceptions of a customer's plan: the owner asks for one, who manages plans decides.

For a customer in a segment that needs approval the management decides, never who asked (rule 18).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from careplans.caremodels.enums import FrequencyKind
from careplans.caremodels.frequencies import check_window, frequency_of
from careplans.caremodels.models import ActionFields, StatutoryTask
from careplans.caremodels.services.actions import responsible_set
from careplans.caremodels.validators import who_of
from careplans.plans.approval_days import needs_approval
from careplans.plans.entries import entries_of
from careplans.plans.enums import EXCEPTION_TRANSITIONS, ExceptionKind, ExceptionStatus
from careplans.plans.models import PlanException
from careplans.plans.plugs import plans_changed
from careplans.plans.services.approvals import check_active, check_decider
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock
from core.status import StatusMachine, check_reason

#: The frequencies that an exception may have: those that come again.
FREQUENCIES = (
    FrequencyKind.WEEKS, FrequencyKind.MONTHS, FrequencyKind.NAMED_MONTHS, FrequencyKind.TERMS, FrequencyKind.EVERY,
)  # fmt: skip


class ExceptionMachine(StatusMachine[PlanException]):
    """The status of an exception; only it writes statuses."""

    transitions = EXCEPTION_TRANSITIONS
    refusal_field = None

    def refusal(self, row: PlanException, status: Any) -> str:
        return _("The exception does not wait for a decision any more: it is “%(status)s”.") % {
            "status": row.get_status_display()
        }

    def follow(self, row: PlanException) -> None:
        plans_changed([row.customer_id])


EXCEPTION_STATUS = ExceptionMachine()


@transaction.atomic
def exception_request(*, exception: PlanException, user: User, responsible: Sequence[str] = ()) -> PlanException:
    """Ask for an exception that a form has filled in; one of somebody who manages plans is in force at once.

    In a segment that needs approval every one waits for the management. What is in force on its days stays until the
    decision: see :func:`exception_approve`.

    Raises at the field: ``reason_required``, ``past_day``, ``wrong_days``, ``unknown_action``, ``statutory``,
    ``overlap``, ``customer_passive``; as :func:`frequency_of`, :func:`check_window` and :func:`who_of`.
    """
    check_active(exception.customer)
    exception.reason = check_reason(exception.reason)
    _check_days(exception)
    _check_action(exception)
    who = who_of(responsible) if exception.kind == ExceptionKind.RESPONSIBLE else []
    _check_frequency(exception)
    _check_overlap(exception)
    exception.requested_by, exception.status = user, ExceptionStatus.REQUESTED
    exception.save()
    responsible_set(cast("Any", exception).responsible, who)
    if user.has_perm("careplans.manage_plans") and not needs_approval(exception.customer_id):
        exception.decided_by, exception.decided_on = user, clock.today()
        _end_earlier(exception)
        EXCEPTION_STATUS.write(exception, ExceptionStatus.APPROVED, user=user)
    return exception


def _check_days(exception: PlanException) -> None:
    if exception.first < clock.today():
        text = _("An exception changes nothing of the past: choose today or a coming day.")
        raise BusinessRuleError("past_day", text, field="first")
    if exception.last < exception.first:
        raise BusinessRuleError("wrong_days", _("The end is before the start."), field="last")


def _check_action(exception: PlanException) -> None:
    """Only what the plan asks for can have an exception, and no statutory task."""
    if StatutoryTask.objects.filter(code=exception.code).exists():
        text = _("A statutory task is the same for every customer: it has no exceptions.")
        raise BusinessRuleError("statutory", text, field="code")
    entries = entries_of([exception.customer_id])[exception.customer_id].get(exception.code, [])
    if not any(entry.first <= exception.last and exception.first <= entry.last for entry in entries):
        text = _("The plan of the customer does not have this action on these days.")
        raise BusinessRuleError("unknown_action", text, field="code")


def _check_frequency(exception: PlanException) -> None:
    if exception.kind != ExceptionKind.FREQUENCY:
        exception.frequency, exception.count, exception.months = "", None, []
        exception.before = exception.after = None
        return
    if exception.frequency not in FREQUENCIES:
        raise BusinessRuleError("no_frequency", _("Choose how often it is done."), field="frequency")
    fields = cast("ActionFields", exception)
    check_window(fields, frequency_of(fields))


def _check_overlap(exception: PlanException) -> None:
    if PlanException.objects.on_days_of(exception).requested().exists():
        text = _("Another exception of this kind waits for a decision on some of these days: end it first.")
        raise BusinessRuleError("overlap", text, field="first")


def _end_earlier(exception: PlanException) -> None:
    """End what is in force on the days of an exception that is approved; what begins on them gives way to its end."""
    for earlier in PlanException.objects.on_days_of(exception).in_force().select_for_update():
        if earlier.first < exception.first:
            earlier.last = exception.first - dt.timedelta(days=1)
        elif earlier.last > exception.last:
            earlier.first = exception.last + dt.timedelta(days=1)
        else:
            earlier.delete()
            continue
        earlier.version += 1
        earlier.save()


@transaction.atomic
def exception_approve(
    *, exception: PlanException, user: User, note: str = "", seen: int | None = None
) -> PlanException:
    """Put a requested exception in force; days that have passed meanwhile are left as they were.

    One of the same kind that is in force on its days ends the day before; one that has not begun is removed.

    Raises ``status_not_allowed``, ``exception_over``, ``management_decides``, ``own_exception``, ``stale_version``.
    """
    locked = _to_decide(exception, ExceptionStatus.APPROVED, seen, user)
    if locked.last < clock.today():
        raise BusinessRuleError("exception_over", _("The days of the exception have passed."))
    locked.first = max(locked.first, clock.today())
    _end_earlier(locked)
    return _decide(locked, ExceptionStatus.APPROVED, user, note)


@transaction.atomic
def exception_reject(*, exception: PlanException, user: User, reason: str, seen: int | None = None) -> PlanException:
    """Reject a requested exception, with the reason. Raises as :func:`exception_approve`, ``reason_required``."""
    locked = _to_decide(exception, ExceptionStatus.REJECTED, seen, user)
    return _decide(locked, ExceptionStatus.REJECTED, user, check_reason(reason))


@transaction.atomic
def exception_end(*, exception: PlanException) -> None:
    """End an exception: from today the plan is as the models say. One that has not begun, or waits, is removed.

    Raises ``exception_over``, also for one that was rejected: the refusal stays.
    """
    locked, today = lock(exception), clock.today()
    if locked.status == ExceptionStatus.REJECTED or (locked.status == ExceptionStatus.APPROVED and locked.last < today):
        raise BusinessRuleError("exception_over", _("The exception is not in force any more."))
    if locked.status == ExceptionStatus.REQUESTED or locked.first >= today:
        locked.delete()
    else:
        locked.last, locked.version = today - dt.timedelta(days=1), locked.version + 1
        locked.save()
    plans_changed([locked.customer_id])


def _to_decide(exception: PlanException, status: ExceptionStatus, seen: int | None, user: User) -> PlanException:
    locked = lock(exception)
    check_version(locked, seen)
    EXCEPTION_STATUS.check(locked, status)
    check_active(locked.customer)
    check_decider(locked.customer, asker=locked.requested_by_id, user=user)
    return locked


def _decide(exception: PlanException, status: ExceptionStatus, user: User, note: str) -> PlanException:
    exception.decided_by, exception.decided_on, exception.note = user, clock.today(), note.strip()[:1_000]
    is_other = exception.requested_by_id != user.pk
    exception.by_management = is_other and user.has_perm("careplans.approve_plans")
    EXCEPTION_STATUS.write(exception, status, user=user)
    asker = exception.requested_by
    if asker is not None and asker != user:
        about = {"customer": str(exception.customer), "by": str(user), "status": str(status.value)}
        notify(users=[asker], kind="plan_exception_decided", url=exception.get_absolute_url(), **about)
    return exception
