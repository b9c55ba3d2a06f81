"""Actions of one customer, beside those of its care models."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, cast

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log.models import ActivityType
from careplans.caremodels.models import CareAction
from careplans.caremodels.services.actions import responsible_set
from careplans.caremodels.validators import OWN_PREFIX, check_action, who_of
from careplans.plans.models import CustomerAction
from careplans.plans.plugs import plans_changed
from careplans.plans.services.approvals import check_active
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock, versioned_save
from customers.models import Customer

MOST_ACTIONS = 100


@transaction.atomic
def customer_action_save(
    *,
    action: CustomerAction,
    types: Collection[ActivityType],
    responsible: Sequence[str],
    user: User,
    seen: int | None = None,
) -> CustomerAction:
    """Add or change an action of a customer that a form has filled in.

    One that has begun ends yesterday, and the changed one begins today: what was due before stays. Raises at the
    field: ``past_day``, ``wrong_days``, ``model_code``, ``too_many_actions``, ``action_over``, ``customer_passive``,
    ``stale_version``; as :func:`check_action` and :func:`who_of`.
    """
    customer = Customer.objects.select_for_update(no_key=True).get(pk=action.customer_id)
    check_active(customer)
    before = _before(action, seen)
    _check_code(action)
    _check_days(action, before)
    check_action(action, types)
    who = who_of(responsible)
    if before is None:
        _check_count(action)
        action.created_by = user
    elif before.first < clock.today():
        action = _following(action, before)
    versioned_save(action)
    action.types.set(types)
    responsible_set(cast("Any", action).responsible, who)
    plans_changed([customer.pk])
    return action


def _before(action: CustomerAction, seen: int | None) -> CustomerAction | None:
    """Return the locked action as it was, None for a new one."""
    if action._state.adding:
        return None
    before = lock(action)
    check_version(before, seen)
    if before.last is not None and before.last < clock.today():
        raise BusinessRuleError("action_over", _("The action has ended."))
    return before


def _check_code(action: CustomerAction) -> None:
    """Give the action its own code, which no model has."""
    if not action.code:
        action.code = free_code(action)
    if CareAction.objects.filter(code=action.code).exists():
        text = _("A care model has an action with this code: ask for an exception instead.")
        raise BusinessRuleError("model_code", text, field="code")


def free_code(action: CustomerAction) -> str:
    """Return a code made of the name that the customer has no action with."""
    name = f"{OWN_PREFIX}{slugify(action.name_fi or action.name_en)[:40] or 'action'}"
    taken = set(CustomerAction.objects.filter(customer=action.customer_id).values_list("code", flat=True))
    if name not in taken:
        return name
    return next(code for number in range(2, len(taken) + 3) if (code := f"{name}-{number}") not in taken)


def _check_days(action: CustomerAction, before: CustomerAction | None) -> None:
    today = clock.today()
    if action.last is not None and action.last < action.first:
        raise BusinessRuleError("wrong_days", _("The end is before the start."), field="last")
    if action.last is not None and action.last < today:
        raise BusinessRuleError("past_day", _("The end is in the past."), field="last")
    is_moved = before is None or action.first != before.first
    if is_moved and (action.first < today or (before is not None and before.first < today)):
        text = _("What was due stays: choose today or a coming day.")
        raise BusinessRuleError("past_day", text, field="first")


def _check_count(action: CustomerAction) -> None:
    today = clock.today()
    present = CustomerAction.objects.filter(customer=action.customer_id).exclude(last__lt=today)
    if present.count() >= MOST_ACTIONS:
        text = _("A customer has at most %(count)d own actions: make a care model for more.")
        raise BusinessRuleError("too_many_actions", text % {"count": MOST_ACTIONS})


def _following(action: CustomerAction, before: CustomerAction) -> CustomerAction:
    """End the action yesterday and return the changed one as a row that begins today."""
    before.last = clock.today() - dt.timedelta(days=1)
    versioned_save(before)
    action.pk, action._state.adding = None, True
    action.first, action.version = clock.today(), 1
    return action


@transaction.atomic
def customer_action_end(*, action: CustomerAction) -> None:
    """End an action of a customer: from today it is not in the plan. One that has not begun is removed.

    Raises ``action_over``.
    """
    locked, today = lock(action), clock.today()
    if locked.last is not None and locked.last < today:
        raise BusinessRuleError("action_over", _("The action has ended."))
    if locked.first >= today:
        locked.delete()
    else:
        locked.last = today - dt.timedelta(days=1)
        versioned_save(locked)
    plans_changed([locked.customer_id])


@transaction.atomic
def customer_action_resume(*, action: CustomerAction) -> CustomerAction:
    """Take back the end of an action on the day on which it was ended.

    Raises ``not_ended_today``, ``customer_passive``.
    """
    locked = lock(action)
    check_active(locked.customer)
    if locked.last != clock.today() - dt.timedelta(days=1):
        raise BusinessRuleError("not_ended_today", _("It was not ended today: add it again."))
    same = CustomerAction.objects.filter(customer=locked.customer_id, code=locked.code, first__gt=locked.first)
    if same.exists():
        raise BusinessRuleError("not_ended_today", _("It was changed, not ended."))
    locked.last = None
    versioned_save(locked)
    plans_changed([locked.customer_id])
    return locked
