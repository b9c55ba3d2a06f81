"""Decisions about occurrences: skip, postpone, correct what counts; each can be taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from careplans.adherence.actions import Scope
from careplans.adherence.matching import Reason, Verdict
from careplans.adherence.occurrences import Key, Occurrence, State
from careplans.adherence.periods import Kind
from careplans.caremodels.models import SkipReason
from careplans.plans.enums import DecisionKind
from careplans.plans.models import OccurrenceCorrection, OccurrenceDecision
from careplans.plans.plan import PlanView, plan_of
from careplans.plans.plugs import plans_changed
from careplans.plans.services.approvals import check_active
from core import clock
from core.exceptions import BusinessRuleError
from customers.models import Customer

#: The longest time by which something is postponed.
MOST_DAYS = 366


def key_values(key: Key) -> dict[str, Any]:
    """Return what names an occurrence as columns."""
    return {"code": key.code, "kind": key.kind.value, "start": key.start, "event": key.event}


def decisions_of(occurrence: Occurrence, *, manages: bool) -> dict[str, bool]:
    """Return what may be decided about an occurrence today (``may_skip``, ``may_postpone``), as the services check it.

    ``manages``: by somebody who manages plans.
    """
    is_open = occurrence.last >= clock.today() and occurrence.completed_by is None
    is_free = occurrence.state not in (State.SKIPPED, State.UNTRACKED)
    may = is_free and occurrence.action.scope is not Scope.STATUTORY
    return {"may_skip": may and (is_open or manages), "may_postpone": may and is_open}


@transaction.atomic
def occurrence_skip(
    *, customer: Customer, key: Key, reason: SkipReason, user: User, note: str = ""
) -> OccurrenceDecision:
    """Leave an occurrence out. After its window, or when it is completed, only who manages plans may do so.

    Raises ``unknown_occurrence``, ``statutory``, ``skipped``, ``too_late``, ``done_already``, ``retired_reason``,
    ``customer_passive``.
    """
    occurrence = _to_decide(customer, key, reason)
    manages = user.has_perm("careplans.manage_plans")
    if not manages and occurrence.last < clock.today():
        text = _("The time for it has passed: the key account manager or the management may still leave it out.")
        raise BusinessRuleError("too_late", text)
    if not manages and occurrence.completed_by is not None:
        raise BusinessRuleError("done_already", _("It is done already."))
    is_late = occurrence.last < clock.today() or occurrence.completed_by is not None
    return _decide(customer, key, DecisionKind.SKIP, reason, user, note, by_manager=is_late)


@transaction.atomic
def occurrence_postpone(
    *, customer: Customer, key: Key, to: dt.date, reason: SkipReason, user: User, note: str = ""
) -> OccurrenceDecision:
    """Set a later due day for an occurrence, while its window is not over.

    Raises as :func:`occurrence_skip`; at ``to``: ``not_later``, ``too_far``.
    """
    occurrence = _to_decide(customer, key, reason)
    if occurrence.last < clock.today():
        raise BusinessRuleError("too_late", _("The time for it has passed: it cannot be postponed any more."))
    if occurrence.completed_by is not None:
        raise BusinessRuleError("done_already", _("It is done already."))
    if to <= occurrence.due:
        raise BusinessRuleError("not_later", _("Choose a day after the present due day."), field="to")
    since = clock.today() if occurrence.postponed_to else max(occurrence.due, clock.today())
    if (to - since).days > MOST_DAYS:
        raise BusinessRuleError("too_far", _("Postpone it by a year at most, or leave it out."), field="to")
    return _decide(customer, key, DecisionKind.POSTPONE, reason, user, note, to=to)


def _to_decide(customer: Customer, key: Key, reason: SkipReason) -> Occurrence:
    """Return the occurrence of a locked customer, about which something may be decided."""
    locked = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    check_active(locked)
    if reason.is_retired:
        raise BusinessRuleError("retired_reason", _("The reason is not in use any more."), field="reason")
    occurrence = found_occurrence(plan_of(locked, clock.today()), key)
    if occurrence.action.scope is Scope.STATUTORY:
        text = _("A statutory task is the same for every customer: it is neither left out nor postponed.")
        raise BusinessRuleError("statutory", text)
    if occurrence.state is State.SKIPPED:
        raise BusinessRuleError("skipped", _("It is left out already."))
    return occurrence


def found_occurrence(plan: PlanView, key: Key) -> Occurrence:
    """Return the occurrence of that name. Raise ``unknown_occurrence`` if there is none any more."""
    occurrence = plan.occurrence(key)
    if occurrence is None:
        text = _("It is not in the plan any more: something was done or changed meanwhile. Open the plan again.")
        raise BusinessRuleError("unknown_occurrence", text)
    return occurrence


def _decide(
    customer: Customer,
    key: Key,
    decision: DecisionKind,
    reason: SkipReason,
    user: User,
    note: str,
    *,
    to: dt.date | None = None,
    by_manager: bool = False,
) -> OccurrenceDecision:
    row = OccurrenceDecision(
        customer=customer, decision=decision, to=to, reason=reason, is_accepted=reason.is_accepted,
        note=note.strip()[:1_000], entered=clock.today(), by_manager=by_manager, user=user,
    )  # fmt: skip
    for name, value in key_values(key).items():
        setattr(row, name, value)
    if decision == DecisionKind.SKIP:  # one for a reason that is not accepted has changed nothing
        skips = OccurrenceDecision.objects.filter(customer=customer, decision=decision, **key_values(key))
        if skips.filter(is_accepted=True).exists():
            raise BusinessRuleError("skipped", _("It is left out already."))
        skips.delete()
    row.save()
    plans_changed([customer.pk])
    return row


@transaction.atomic
def decision_undo(*, decision: OccurrenceDecision, user: User) -> None:
    """Take back a decision about an occurrence. That of a manager only a manager takes back (``managers_decision``)."""
    if decision.by_manager and not user.has_perm("careplans.manage_plans"):
        raise BusinessRuleError("managers_decision", _("Who manages plans has decided this."))
    decision.delete()
    plans_changed([decision.customer_id])


@transaction.atomic
def occurrence_correct(
    *, customer: Customer, code: str, source: str, fulfilment: int, key: Key | None, user: User, note: str = ""
) -> OccurrenceCorrection:
    """Say for which occurrence of an action something done counts; no key: for none of it. It replaces an earlier one.

    Raises ``unknown_fulfilment``, ``unknown_occurrence``, ``too_early``, ``occurrence_taken``, ``customer_passive``.
    """
    locked = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    check_active(locked)
    plan = plan_of(locked, clock.today())
    verdict = verdict_of(plan, code, source, fulfilment)
    if key is not None:
        _check_target(plan, key, verdict)
    values = {"kind": "", "start": None, "event": ""} if key is None else key_values(key)
    values.pop("code", None)
    row, _is_new = OccurrenceCorrection.objects.update_or_create(
        customer=locked, source=source, fulfilment_id=fulfilment, code=code,
        defaults={**values, "user": user, "note": note.strip()[:1_000]},
    )  # fmt: skip
    plans_changed([locked.pk])
    return row


def verdict_of(plan: PlanView, code: str, source: str, fulfilment: int) -> Verdict:
    """Return what something done means for an action. Raise ``unknown_fulfilment`` if it means nothing for it."""
    found = (one for one in plan.verdicts(code) if one.fulfilment.name == (source, fulfilment))
    verdict = next(found, None)
    if verdict is None:
        text = _("It was not done for this customer, or does not fit the action any more.")
        raise BusinessRuleError("unknown_fulfilment", text)
    return verdict


def _check_target(plan: PlanView, key: Key, verdict: Verdict) -> None:
    """The occurrence must be there, not be completed by something that a person has named, and have begun by then."""
    occurrence = found_occurrence(plan, key)
    day = verdict.fulfilment.day
    if key.kind is Kind.INTERVAL and day <= key.start:
        raise BusinessRuleError("too_early", _("It was done before this time began."), field="occurrence")
    taken = occurrence.completed_by
    if taken is not None and taken.name != verdict.fulfilment.name:
        others = [one for one in plan.verdicts(key.code) if one.fulfilment.name == taken.name]
        if any(one.reason is Reason.CORRECTED for one in others):
            text = _("A person has said what counts for this one: take that back first.")
            raise BusinessRuleError("occurrence_taken", text, field="occurrence")


@transaction.atomic
def correction_undo(*, correction: OccurrenceCorrection) -> None:
    """Take back a correction: the rules decide again."""
    correction.delete()
    plans_changed([correction.customer_id])
