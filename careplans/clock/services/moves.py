"""Moving an action to another month: in a draft of a care model, of an internal event, for one customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core import serializers
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from careplans.adherence.actions import Scope
from careplans.adherence.periods import NamedMonths
from careplans.caremodels.enums import FrequencyKind
from careplans.caremodels.models import ActionFields, CareAction
from careplans.caremodels.services.actions import action_save
from careplans.clock.counts import month_days, year_days
from careplans.clock.models import InternalAction
from careplans.clock.services.internal import internal_save
from careplans.clock.words import month_in_text, month_name
from careplans.plans.approval_days import needs_approval
from careplans.plans.enums import ExceptionKind, ExceptionStatus
from careplans.plans.models import CustomerAction, PlanException
from careplans.plans.plan import Line, plan_of
from careplans.plans.plugs import plans_changed
from careplans.plans.services.actions import customer_action_save
from careplans.plans.services.exceptions import exception_end, exception_request
from core import clock
from core.exceptions import BusinessRuleError
from core.services import lock
from customers.models import Customer


def months_moved(months: Sequence[int], start: int, to: int) -> list[int]:
    """Return the months of an action with one month in place of another.

    Raises at ``to``: ``no_such_month``, ``same_month``, ``month_taken``; at ``start``: ``not_in_month``.
    """
    if start not in months:
        text = _("The action is not due in %(month)s.") % {"month": month_in_text(start)}
        raise BusinessRuleError("not_in_month", text, field="start")
    if to not in range(1, 13):
        raise BusinessRuleError("no_such_month", _("There is no such month: months are from 1 to 12."), field="to")
    if to == start:
        raise BusinessRuleError("same_month", _("Choose another month than the present one."), field="to")
    if to in months:
        text = _("The action is due in %(month)s already.") % {"month": month_in_text(to)}
        raise BusinessRuleError("month_taken", text, field="to")
    return sorted({*months, to} - {start})


def _check_named(action: ActionFields) -> None:
    if action.frequency != FrequencyKind.NAMED_MONTHS:
        text = _("Only an action with months of the year is moved to another month.")
        raise BusinessRuleError("not_movable", text)


def _keys(action: Any) -> list[str]:
    return [row.key for row in action.responsible.all()]


@transaction.atomic
def action_month_move(*, action: CareAction, start: int, to: int, user: User) -> CareAction:
    """Move an action of a draft to another month. Raises ``not_movable``, ``not_draft``; as :func:`months_moved`."""
    _check_named(action)
    action.months = months_moved(action.months, start, to)
    return action_save(action=action, types=list(action.types.all()), responsible=_keys(action), user=user)


@transaction.atomic
def internal_month_move(*, action: InternalAction, start: int, to: int) -> InternalAction:
    """Move an internal event to another month from today on.

    Raises ``not_movable``, ``retired``; as :func:`months_moved`.
    """
    _check_named(action)
    locked = lock(action)
    locked.months = months_moved(locked.months, start, to)
    return internal_save(action=locked, responsible=_keys(locked))


@dataclass(frozen=True)
class Moved:
    """What a move for a customer made: an exception, or the customer's own action as it is now."""

    customer: Customer
    exception: PlanException | None = None
    action: CustomerAction | None = None
    #: What this one replaces, as it was.
    former: str = ""


@transaction.atomic
def customer_month_move(
    *, customer: Customer, code: str, year: int, start: int, to: int, user: User, reason: str = ""
) -> Moved:
    """Move an action of a customer's plan to another month of a year.

    The customer's own action is changed; of a care model's one an exception is made, with the reason, until the end of
    the year. It replaces the move of the same year that waits for a decision; one that is in force ends when this one
    is approved, at once if the user needs nobody's decision.

    Raises ``unknown_action``, ``statutory``, ``not_movable``, ``was_due``, ``past_month``, ``already_done``,
    ``overlap``; as :func:`months_moved`, :func:`customer_action_save` and :func:`exception_request`.
    """
    line = _line(customer, code, year)
    first, last = max(clock.today(), dt.date(year, 1, 1)), year_days(year)[1]
    waiting = _waiting(customer, code, first, last)
    asked = waiting.months if waiting is not None and start in waiting.months else None
    months = months_moved(asked or cast(NamedMonths, line.action.frequency).months, start, to)
    _check_months(line, year, start, to)
    source = line.action.source
    if isinstance(source, CustomerAction) and not line.action.exceptions:
        source.months = months
        types = list(source.types.all())
        action = customer_action_save(action=source, types=types, responsible=_keys(source), user=user)
        return Moved(customer, action=action)
    exception = PlanException(
        customer=customer, code=code, kind=ExceptionKind.FREQUENCY, frequency=FrequencyKind.NAMED_MONTHS,
        months=months, before=line.action.before, after=line.action.after, reason=reason, first=first, last=last,
    )  # fmt: skip
    former = [waiting] if waiting is not None else []
    if user.has_perm("careplans.manage_plans") and not needs_approval(customer.pk):
        former += PlanException.objects.on_days_of(exception).in_force()
    kept = serializers.serialize("json", former) if former else ""
    if waiting is not None:
        exception_end(exception=waiting)
    return Moved(customer, exception=exception_request(exception=exception, user=user), former=kept)


def _waiting(customer: Customer, code: str, first: dt.date, last: dt.date) -> PlanException | None:
    """Return the move until the same day that waits for a decision: the next one takes its place."""
    return PlanException.objects.filter(
        customer=customer, code=code, kind=ExceptionKind.FREQUENCY, frequency=FrequencyKind.NAMED_MONTHS,
        status=ExceptionStatus.REQUESTED, last=last, last__gte=first,
    ).first()  # fmt: skip


@transaction.atomic
def customer_move_back(*, customer: Customer, exception: int, version: int, former: str) -> None:
    """Bring back what a move has replaced.

    Raises ``not_kept`` if the move or what it has replaced has changed since, or something else has taken the days.
    """
    row = PlanException.objects.filter(customer=customer, pk=exception, version=version).first()
    if row is None:
        raise _not_kept()
    exception_end(exception=row)
    for kept in serializers.deserialize("json", former):
        _bring_back(cast(PlanException, kept.object))
    plans_changed([customer.pk])


def _bring_back(kept: PlanException) -> None:
    before = PlanException.objects.filter(pk=kept.pk).first()
    is_changed = before is not None and before.version != kept.version + 1
    if is_changed or PlanException.objects.on_days_of(kept).filter(status=kept.status).exists():
        raise _not_kept()
    kept.version += 2 if before else 1
    kept.save_base(raw=True)


def _not_kept() -> BusinessRuleError:
    return BusinessRuleError("not_kept", _("It cannot be brought back any more."))


def line_of(customer: Customer, code: str, year: int) -> Line | None:
    """Return the action as the plan has it: today, or at the end of another year."""
    today = clock.today()
    line = plan_of(customer, today if year == today.year else year_days(year)[1]).line(code)
    return line if line is not None and line.is_in_force else None


def _line(customer: Customer, code: str, year: int) -> Line:
    line = line_of(customer, code, year)
    if line is None:
        raise BusinessRuleError("unknown_action", _("The plan of the customer does not have this action."))
    if line.action.scope is Scope.STATUTORY:
        raise BusinessRuleError("statutory", _("A statutory task is the same for every customer: it is not moved."))
    if not isinstance(line.action.frequency, NamedMonths):
        text = _("Only an action with months of the year is moved to another month.")
        raise BusinessRuleError("not_movable", text)
    return line


def _check_months(line: Line, year: int, start: int, to: int) -> None:
    """What was due stays, what is done is not moved, and nothing is moved into the past."""
    today = clock.today()
    if month_days(year, start)[1] < today:
        text = _("%(month)s is over: what was due stays.") % {"month": month_name(start)}
        raise BusinessRuleError("was_due", text, field="start")
    if month_days(year, to)[1] < today:
        text = _("%(month)s is over: choose a month that has not passed.") % {"month": month_name(to)}
        raise BusinessRuleError("past_month", text, field="to")
    first, last = month_days(year, start)
    done = any(first <= one.due <= last and one.completed_by is not None for one in line.occurrences)
    if done:
        raise BusinessRuleError("already_done", _("It has been done already: there is nothing to move."))
