"""Actions of one customer, beside those of its care models."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, cast

from django.db import transaction
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.notifications import notify
from activities.log.models import ActivityType
from careplans.caremodels.models import CareAction
from careplans.caremodels.services.actions import responsible_set
from careplans.caremodels.validators import OWN_PREFIX, check_action, who_of
from careplans.plans.approval_days import is_held, stretch_of
from careplans.plans.models import CustomerAction
from careplans.plans.plugs import plans_changed
from careplans.plans.services.approvals import check_active, check_decider
from core import clock
from core.exceptions import BusinessRuleError
from core.services import check_version, lock, versioned_save
from core.status import check_reason
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

    One that has begun ends yesterday, and the changed one begins today: what was due before stays. In a segment that
    needs approval it takes effect by the management's decision (:func:`customer_action_approve`). Raises at the field:
    ``past_day``, ``wrong_days``, ``model_code``, ``too_many_actions``, ``action_over``, ``customer_passive``,
    ``stale_version``; as :func:`check_action` and :func:`who_of`.
    """
    customer = Customer.objects.select_for_update(no_key=True).get(pk=action.customer_id)
    check_active(customer)
    before = _before(action, seen)
    has_waited = before is not None and waits_for_management(before)
    _check_code(action)
    _check_days(action, before)
    check_action(action, types)
    who = who_of(responsible)
    if before is None:
        _check_count(action)
        action.created_by = user
    elif before.first < clock.today():
        action = _following(action, before)
    action.asked_by, action.approved_by, action.approved_on = user, None, None
    versioned_save(action)
    action.types.set(types)
    responsible_set(cast("Any", action).responsible, who)
    plans_changed([customer.pk])
    if not has_waited and waits_for_management(action):
        _tell_management(action, user)
    return action


def _tell_management(action: CustomerAction, user: User) -> None:
    """Notify those who may approve an action that waits for it."""
    backend = "django.contrib.auth.backends.ModelBackend"
    people = User.objects.with_perm("careplans.approve_plans", include_superusers=False, backend=backend)
    about = {"customer": str(action.customer), "by": str(user), "action": str(action)}
    notify(
        users=list(people.exclude(pk=user.pk)),
        kind="customer_action_asked",
        url=reverse("careplans:own_waiting"),
        **about,
    )


@transaction.atomic
def customer_action_approve(*, action: CustomerAction, user: User, seen: int | None = None) -> CustomerAction:
    """Let an action of a customer in a segment that needs approval take effect today.

    Raises ``nothing_to_approve``, ``action_over``, ``management_decides``, ``own_exception`` (never by who added or
    changed it), ``customer_passive``, ``stale_version``.
    """
    locked = _to_decide(action, user, seen)
    locked.approved_by, locked.approved_on = user, clock.today()
    versioned_save(locked)
    plans_changed([locked.customer_id])
    return locked


@transaction.atomic
def customer_action_reject(*, action: CustomerAction, user: User, reason: str, seen: int | None = None) -> None:
    """Remove an action that waits for the management, with the reason; what it would have changed stays as it was.

    Raises as :func:`customer_action_approve`, ``reason_required``.
    """
    reason, locked = check_reason(reason), _to_decide(action, user, seen)
    before = CustomerAction.objects.filter(
        customer=locked.customer_id, code=locked.code, last=locked.first - dt.timedelta(days=1), ended_on=None
    ).first()  # fmt: skip
    asker = locked.asked_by
    locked.delete()
    if before is not None and before.approved_on is not None:
        before.last = locked.last
        versioned_save(before)
    plans_changed([locked.customer_id])
    if asker is not None and asker != user:
        about = {"customer": str(locked.customer), "by": str(user), "action": str(locked), "reason": reason}
        notify(users=[asker], kind="customer_action_rejected", url=locked.get_absolute_url(), **about)


def _to_decide(action: CustomerAction, user: User, seen: int | None) -> CustomerAction:
    """Return the locked action, about which the user may decide."""
    locked = lock(action)
    check_version(locked, seen)
    check_active(locked.customer)
    _check_not_over(locked)
    if not waits_for_management(locked):
        raise BusinessRuleError("nothing_to_approve", _("The action does not wait for the management."))
    check_decider(locked.customer, asker=locked.asked_by_id, user=user)
    return locked


def waits_for_management(action: CustomerAction) -> bool:
    """Return whether an action is not in effect because the management has not approved it; one that is over is not."""
    return not _is_over(action) and is_held(stretch_of(action.customer_id, clock.today()), action.approved_on)


def _is_over(action: CustomerAction) -> bool:
    return action.last is not None and action.last < clock.today()


def _check_not_over(action: CustomerAction) -> None:
    if _is_over(action):
        raise BusinessRuleError("action_over", _("The action has ended."))


def _before(action: CustomerAction, seen: int | None) -> CustomerAction | None:
    """Return the locked action as it was, None for a new one."""
    if action._state.adding:
        return None
    before = lock(action)
    check_version(before, seen)
    _check_not_over(before)
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


def is_own_code(code: str) -> bool:
    """Return whether some customer has an own action with this code."""
    return CustomerAction.objects.filter(code=code).exists()


def _following(action: CustomerAction, before: CustomerAction) -> CustomerAction:
    """End the action yesterday and return the changed one as a row that begins today."""
    before.last = clock.today() - dt.timedelta(days=1)
    versioned_save(before)
    action.pk, action._state.adding = None, True
    action.first, action.version, action.ended_on, action.former_last = clock.today(), 1, None, None
    return action


@transaction.atomic
def customer_action_end(*, action: CustomerAction) -> None:
    """End an action of a customer: from today it is not in the plan. One that has not begun is removed.

    Raises ``action_over``.
    """
    locked, today = lock(action), clock.today()
    _check_not_over(locked)
    if locked.first >= today:
        locked.delete()
    else:
        locked.former_last, locked.ended_on = locked.last, today
        locked.last = today - dt.timedelta(days=1)
        versioned_save(locked)
    plans_changed([locked.customer_id])


@transaction.atomic
def customer_action_resume(*, action: CustomerAction) -> CustomerAction:
    """Take back the end of an action on the day on which it was ended: it has the end that it had before.

    Raises ``not_ended_today``, ``customer_passive``.
    """
    locked = lock(action)
    check_active(locked.customer)
    if locked.ended_on != clock.today():
        raise BusinessRuleError("not_ended_today", _("It was not ended today: add it again."))
    same = CustomerAction.objects.filter(customer=locked.customer_id, code=locked.code, first__gt=locked.first)
    if same.exists():
        raise BusinessRuleError("not_ended_today", _("It was changed, not ended."))
    locked.last, locked.ended_on, locked.former_last = locked.former_last, None, None
    versioned_save(locked)
    plans_changed([locked.customer_id])
    return locked
