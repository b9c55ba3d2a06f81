"""Rules of actions that forms, API, default data and plans share."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Role, Team
from activities.log.models import ActivityType
from careplans.caremodels.enums import OF_SELECTION, EventKind, FrequencyKind, FulfilKind, Scope
from careplans.caremodels.frequencies import TermDates, check_window, frequency_of
from careplans.caremodels.models import ActionFields, CareAction, StatutoryTask
from core.conditions import tree as trees
from core.exceptions import BusinessRuleError
from customers.enums import BranchPurpose, ResponsibilityRole
from customers.selections.models import Selection
from customers.selections.store import read

#: What the conditions of selections ask of customers that doing an action changes, by what completes the action.
CHANGED_BY: dict[str, re.Pattern[str]] = {
    kind.value: re.compile(rf"customer\.({names})")
    for kind, names in {
        FulfilKind.ACTIVITY: (
            r"activities|open_activities|last_contact|next_contact|contact_overdue|emails"
            r"|metric_(days_since_contact|contacts|meetings|channels|hours)\w*"
        ),
        FulfilKind.OFFER: r"(expired_|open_)?offers\w*|metric_offer\w*",
        FulfilKind.ORDER: r"orders|bought|ordered|(first|last)_order|metric_(order|months_since_order)\w*",
        FulfilKind.SURVEY: r"nps|metric_nps\w*",
    }.items()
}
OF_SELECTIONS = "customer.selection"
MOST_RESPONSIBLE = 5
#: With it begin the codes of actions of one customer.
OWN_PREFIX = "own-"


@dataclass(frozen=True)
class Who:
    """One of those who have an action: a role for the customer, a user group, or a unit or team."""

    role: str = ""
    group: Role | None = None
    team: Team | None = None


def who_of(keys: Sequence[str]) -> list[Who]:
    """Return those that keys such as ``role:owner``, ``group:management`` and ``team:5`` name, in order.

    Raises :class:`BusinessRuleError` at ``responsible``: ``no_responsible``, ``unknown_responsible``,
    ``too_many_responsible``.
    """
    keys = list(dict.fromkeys(key for key in keys if key))
    if not keys:
        raise _refuse("no_responsible", _("Choose who is responsible."), "responsible")
    if len(keys) > MOST_RESPONSIBLE:
        text = _("Choose at most %(count)d who are responsible.") % {"count": MOST_RESPONSIBLE}
        raise _refuse("too_many_responsible", text, "responsible")
    groups = {f"group:{one.name}": one for one in Role.objects.filter(name__in=_named(keys, "group:"))}
    ids = [int(text) for text in _named(keys, "team:") if text.isascii() and text.isdecimal() and len(text) < 10]
    teams = {f"team:{one.pk}": one for one in Team.objects.filter(pk__in=ids)}
    return [_who(key, groups, teams) for key in keys]


def _named(keys: Iterable[str], kind: str) -> list[str]:
    return [key.removeprefix(kind) for key in keys if key.startswith(kind)]


def _who(key: str, groups: dict[str, Role], teams: dict[str, Team]) -> Who:
    if key.startswith("role:") and key.removeprefix("role:") in ResponsibilityRole.values:
        return Who(role=key.removeprefix("role:"))
    if key in groups or key in teams:
        return Who(group=groups.get(key), team=teams.get(key))
    raise _refuse("unknown_responsible", _("There is no such role, group or team: %s") % key[:80], "responsible")


def _refuse(code: str, message: str, field: str) -> BusinessRuleError:
    return BusinessRuleError(code, message, field=field)


def check_action(
    action: ActionFields,
    types: Collection[ActivityType],
    *,
    terms: TermDates | None = None,
    statutory: Collection[str] | None = None,
) -> None:  # fmt: skip
    """Raise :class:`BusinessRuleError` at the field of an action that cannot be as it is.

    With many actions, read the ``terms`` and the codes of the ``statutory`` tasks once.

    Besides the codes of :func:`frequency_of` and ``window_too_long``: ``not_completed``, ``statutory_code``,
    ``own_code``, ``internal_contact``, ``no_activity_type``, ``unfit_activity_type``, ``no_contact_role``,
    ``triggers_itself``.
    """
    if not action.completed_by or any(kind not in FulfilKind.values for kind in action.completed_by):
        raise _refuse("not_completed", _("Choose what completes it."), "completed_by")
    if statutory is None:
        statutory = statutory_codes()
    if not isinstance(action, StatutoryTask) and action.code.lower() in statutory:
        text = _("A statutory task has this code: no model can change it.")
        raise _refuse("statutory_code", text, "code")
    if isinstance(action, CareAction | StatutoryTask) and action.code.startswith(OWN_PREFIX):
        text = _("Codes that begin with “%(prefix)s” are those of customers' own actions.") % {"prefix": OWN_PREFIX}
        raise _refuse("own_code", text, "code")
    if action.scope == Scope.INTERNAL and action.is_contact:
        raise _refuse("internal_contact", _("An internal action is no contact with the customer."), "is_contact")
    check_window(action, frequency_of(action, terms))
    _check_activity(action, types)
    for field in ("contact_role", "recipient_role"):
        _check_role(getattr(action, field), field)
    _check_not_itself(action, types)


def statutory_codes() -> set[str]:
    """Return the codes that no model may have, in small letters."""
    return {code.lower() for code in StatutoryTask.objects.values_list("code", flat=True)}


def _check_activity(action: ActionFields, types: Collection[ActivityType]) -> None:
    """The work that comes into calendars must complete the action."""
    if FulfilKind.ACTIVITY not in action.completed_by:
        return
    kind = action.activity_type
    if kind is None:
        raise _refuse(
            "no_activity_type", _("Choose the type of the activity that comes into calendars."), "activity_type"
        )
    fits = kind in types if types else kind.is_contact
    if not fits:
        text = _("An activity of this type does not complete the action: choose one of the types that do.")
        raise _refuse("unfit_activity_type", text, "activity_type")


def _check_role(node: Any, field: str) -> None:
    if node is not None and node.branch.purpose != BranchPurpose.CONTACT_ROLE:
        raise _refuse("no_contact_role", _("Choose one of the contact roles."), field)


def _check_not_itself(action: ActionFields, types: Collection[ActivityType]) -> None:
    """Refuse an action that makes itself due: doing it is, or may bring about, the event that it follows."""
    if action.frequency != FrequencyKind.EVENT:
        return
    by_activity = FulfilKind.ACTIVITY in action.completed_by
    loops = {
        EventKind.ORDER_DELIVERED: FulfilKind.ORDER in action.completed_by,
        EventKind.NEGATIVE_FEEDBACK: by_activity and _is_feedback(action, types),
    }
    if loops.get(EventKind(action.event)):
        text = _("The action would trigger itself: what completes it is the event that it follows.")
        raise _refuse("triggers_itself", text, "event")
    if action.event in OF_SELECTION and (changed := _changed_in_selection(action)):
        text = _("The action may trigger itself: the selection asks about what completes the action.")
        if changed == FulfilKind.ACTIVITY:
            text = _(
                "The action may trigger itself: the selection asks about activities, which the action changes. "
                "Use the event “no contact for n days”."
            )
        raise _refuse("triggers_itself", text, "selection")


def _is_feedback(action: ActionFields, types: Collection[ActivityType]) -> bool:
    kinds = [*types, *([action.activity_type] if action.activity_type else [])]
    return any(kind.details == "feedback" for kind in kinds)


def _changed_in_selection(action: ActionFields) -> str:
    """Return what of that which completes the action its selection asks about, empty if nothing."""
    if action.selection is None:
        return ""
    asked = _asked_of(action.selection, set())
    kinds = (kind for kind in action.completed_by if kind in CHANGED_BY)
    return next((kind for kind in kinds if any(CHANGED_BY[kind].fullmatch(name) for name in asked)), "")


def _asked_of(selection: Selection, seen: set[int]) -> set[str]:
    """Return the fields of the conditions of a selection, those of the selections that it names included."""
    seen.add(selection.pk)
    if not selection.condition:
        return set()
    rules = trees.rules_of(read(selection).tree)
    named = {pk for rule in rules if rule.field == OF_SELECTIONS for pk in _ids(rule.values) if pk not in seen}
    found = {rule.field for rule in rules}
    for inner in Selection.objects.filter(pk__in=named):
        found |= _asked_of(inner, seen)
    return found


def _ids(values: dict[str, Any]) -> Iterator[int]:
    for value in values.values():
        yield from (pk for pk in value if isinstance(pk, int)) if isinstance(value, list) else ()
