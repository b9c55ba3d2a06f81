"""Services of internal events: adding, changing, retiring and restoring them, entering that one was held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log.enums import ActivityStatus
from activities.log.models import Activity, ActivityType
from activities.log.services.activities import activity_log
from activities.log.services.whole_days import days_between
from careplans.adherence.days import ONE_DAY
from careplans.caremodels.enums import FrequencyKind, FulfilKind, Scope
from careplans.caremodels.services.actions import responsible_set
from careplans.caremodels.validators import check_action, who_of
from careplans.clock.generation import work_refresh
from careplans.clock.models import InternalAction, InternalWork
from careplans.work.enums import WorkState
from careplans.work.generation.traces import with_traces
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock, versioned_save
from core.status import check_reason

#: The frequencies of internal events: those that come again.
FREQUENCIES = (
    FrequencyKind.WEEKS, FrequencyKind.MONTHS, FrequencyKind.NAMED_MONTHS, FrequencyKind.TERMS, FrequencyKind.EVERY,
)  # fmt: skip
#: What says when an event is due.
CADENCE = ("frequency", "count", "unit", "months", "before", "after")
MOST_ACTIONS = 300


@transaction.atomic
def internal_save(*, action: InternalAction, responsible: Sequence[str], seen: int | None = None) -> InternalAction:
    """Add or change an internal event that a form has filled in.

    One that has begun and is to be done at other times ends yesterday, and another row begins today: what was due
    stays. Raises at the field: ``not_recurring``, ``no_responsible``, ``role_for_customer``, ``needs_customer``,
    ``no_activity_type``, ``past_day``, ``code_taken``, ``retired``, ``too_many_actions``, ``stale_version``; as
    :func:`check_action` and :func:`who_of`.
    """
    before = _before(action, seen)
    action.scope, action.completed_by = Scope.INTERNAL, [FulfilKind.ACTIVITY.value]
    action.is_contact = False
    _check_frequency(action)
    keys = _keys(action, responsible)
    types = _types(action)
    check_action(action, types)
    who = who_of(keys) if keys else []
    if before is None:
        _check_new(action)
    elif _is_due_otherwise(action, before) and before.first < clock.today():
        action = _following(action, before)
    else:
        action.first = before.first
    versioned_save(action)
    action.types.set(types)
    responsible_set(cast("Any", action).responsible, who)
    work_refresh([action.code])
    return action


def _before(action: InternalAction, seen: int | None) -> InternalAction | None:
    """Return the locked event as it was, None for a new one."""
    if action._state.adding:
        return None
    before = lock(action)
    check_version(before, seen)
    if before.is_retired:
        raise BusinessRuleError("retired", _("The event has been retired: restore it first."))
    return before


def _check_frequency(action: InternalAction) -> None:
    if action.frequency not in FREQUENCIES:
        text = _("An internal event comes again: choose weeks, months, terms or days from the last time.")
        raise BusinessRuleError("not_recurring", text, field="frequency")


def _keys(action: InternalAction, responsible: Sequence[str]) -> list[str]:
    keys = [key for key in responsible if key]
    if any(key.startswith("role:") for key in keys):
        text = _("There is no customer: choose a group, a unit or a team.")
        raise BusinessRuleError("role_for_customer", text, field="responsible")
    if not keys and action.person_id is None:
        raise BusinessRuleError("no_responsible", _("Choose who is responsible."), field="responsible")
    return keys


def _types(action: InternalAction) -> list[ActivityType]:
    kind = action.activity_type
    if kind is not None and kind.needs_customer:
        text = _("Activities of this type need a customer: choose another type.")
        raise BusinessRuleError("needs_customer", text, field="activity_type")
    return [kind] if kind else []


def _check_new(action: InternalAction) -> None:
    if InternalAction.objects.filter(code=action.code).exists():
        raise BusinessRuleError("code_taken", _("Another internal event has this code."), field="code")
    if InternalAction.objects.lasting(clock.today()).count() >= MOST_ACTIONS:
        text = _("There are at most %(count)d internal events.") % {"count": MOST_ACTIONS}
        raise BusinessRuleError("too_many_actions", text)
    if action.first is None or action.first < clock.today():
        raise BusinessRuleError("past_day", _("Choose today or a coming day."), field="first")


def _is_due_otherwise(action: InternalAction, before: InternalAction) -> bool:
    return any(getattr(action, name) != getattr(before, name) for name in CADENCE)


def _following(action: InternalAction, before: InternalAction) -> InternalAction:
    """End the event yesterday and return the changed one as a row that begins today."""
    before.last = clock.today() - ONE_DAY
    versioned_save(before)
    action.pk, action._state.adding = None, True
    action.first, action.version = clock.today(), 1
    return action


@transaction.atomic
def internal_retire(*, action: InternalAction, reason: str) -> InternalAction:
    """Retire an event from today, with the reason: its open work is closed. Raises ``retired``, ``reason_required``."""
    locked = lock(action)
    if locked.is_retired:
        raise BusinessRuleError("retired", _("The event has been retired already."))
    locked.ended_reason = check_reason(reason)
    locked.last = max(clock.today(), locked.first) - ONE_DAY
    versioned_save(locked)
    work_refresh([locked.code])
    return locked


@transaction.atomic
def internal_restore(*, action: InternalAction) -> InternalAction:
    """Let a retired event continue from today; on the day of its retirement as if it had not been.

    Raises ``not_retired``.
    """
    locked, today = lock(action), clock.today()
    newer = InternalAction.objects.filter(code=locked.code, first__gt=locked.first)
    if locked.last is None or newer.exists():
        raise BusinessRuleError("not_retired", _("The event is in use."))
    if locked.last >= today - ONE_DAY:
        locked.last, locked.ended_reason = None, ""
        versioned_save(locked)
    else:
        locked = _copied(locked, today)
    work_refresh([locked.code])
    return locked


def _copied(action: InternalAction, today: dt.date) -> InternalAction:
    """Return a row with the same content that begins today."""
    types, keys = list(action.types.all()), [row.key for row in cast("Any", action).responsible.all()]
    action.pk, action._state.adding = None, True
    action.first, action.last, action.ended_reason, action.version = today, None, "", 1
    versioned_save(action)
    action.types.set(types)
    responsible_set(cast("Any", action).responsible, who_of(keys) if keys else [])
    return action


@transaction.atomic
def internal_done(*, action: InternalAction, day: dt.date, user: User, memo: str = "") -> Activity:
    """Enter that an event was held on a day, as a done activity of its type. Its entry in the calendar is closed.

    Raises ``future_day``, ``before_beginning``; as :func:`activity_log`.
    """
    locked = lock(action)
    _check_day(locked, day)
    start, end = days_between(day, day)
    assert locked.activity_type is not None  # noqa: S101 - check_action
    activity = activity_log(
        user=user, type=locked.activity_type, title=str(locked)[:200], start=start, end=end, is_all_day=True,
        place=locked.place, memo=memo, status=ActivityStatus.DONE,
    )  # fmt: skip
    InternalWork.objects.create(
        code=locked.code, kind="calendar", start=day, due=day, last=day, state=WorkState.DONE,
        closed_on=clock.today(), activity=activity, person=user, written_title=activity.title, written_day=day,
    )  # fmt: skip
    work_refresh([locked.code])
    return activity


def _check_day(action: InternalAction, day: dt.date) -> None:
    if day > clock.today():
        raise BusinessRuleError("future_day", _("The day is in the future."), field="day")
    begun = InternalAction.objects.filter(code=action.code).order_by("first").values_list("first", flat=True)[0]
    if day < begun:
        raise BusinessRuleError("before_beginning", _("The event began later."), field="day")


@transaction.atomic
def internal_done_remove(*, work: InternalWork) -> None:
    """Take back that an event was held, as it was entered: the activity is removed.

    Raises ``has_changed`` if the activity has changed since, or something refers to it.
    """
    activity = Activity.objects.select_for_update().filter(pk=work.activity_id or 0).first()
    locked = InternalWork.objects.select_for_update().filter(pk=work.pk, activity=activity).first()
    if activity is None or locked is None or activity.version > 1 or locked.state != WorkState.DONE:
        raise _has_changed()
    locked.delete()
    if with_traces([activity.pk]):
        raise _has_changed()
    activity.delete()
    work_refresh([work.code])


def _has_changed() -> BusinessRuleError:
    return BusinessRuleError("has_changed", _("It has been changed since: change the activity instead."))
