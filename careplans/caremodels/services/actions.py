"""Services of actions of a draft: adding, changing, copying, ordering, deleting and bringing back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from activities.log.models import ActivityType
from careplans.caremodels.models import ActionFields, ActionResponsible, CareAction, ModelVersion
from careplans.caremodels.services.drafts import locked_draft, touched
from careplans.caremodels.validators import Who, check_action, who_of
from core.exceptions import BusinessRuleError
from core.services import lock

STEP = 10
MOST_ACTIONS = 200


@transaction.atomic
def action_save(
    *,
    action: CareAction,
    types: Collection[ActivityType],
    responsible: Sequence[str],
    user: User | None = None,
    seen: int | None = None,
) -> CareAction:
    """Add or change an action of a draft that a form has filled in.

    ``responsible`` has keys (``role:owner``) in order; ``seen`` is the version of the draft that the user saw. Raises
    as :func:`check_action` and :func:`who_of`, ``not_draft``, ``stale_version``, ``gone``, ``code_taken``,
    ``too_many_actions``.
    """
    draft = locked_draft(action.version, seen)
    before = None if action._state.adding else lock(action)  # it may have been removed while the form was open
    action.code = tidy_code(action, before)
    _check_code(action, draft)
    check_action(action, types)
    who = who_of(responsible)
    if action._state.adding:
        action.order = _next_order(draft)
    action.save()
    action.types.set(types)
    responsible_set(action.responsible, who)
    touched(draft, user)
    return action


def tidy_code(action: ActionFields, before: ActionFields | None) -> str:
    """Return the code of an action as another one has it, else in small letters: one deed has one code everywhere."""
    if before is not None and before.code == action.code:
        return action.code
    known = CareAction.objects.filter(code__iexact=action.code).order_by("-pk").values_list("code", flat=True).first()
    return known or action.code.lower()


def _check_code(action: CareAction, draft: ModelVersion) -> None:
    others = draft.actions.exclude(pk=action.pk)
    if others.filter(code__iexact=action.code).exists():
        raise BusinessRuleError("code_taken", _("The version has another action with this code."), field="code")
    if action._state.adding and others.count() >= MOST_ACTIONS:
        text = _("A version has at most %(count)d actions.") % {"count": MOST_ACTIONS}
        raise BusinessRuleError("too_many_actions", text)


def _next_order(draft: ModelVersion) -> int:
    last: int = draft.actions.aggregate(last=models.Max("order"))["last"] or 0
    return last + STEP


def responsible_set(rows: Any, who: Iterable[Who]) -> None:
    """Give an action those who have it, in order; ``rows`` is its ``responsible``. Equal ones stay as they are."""
    before = [(row.role, row.group_id, row.team_id) for row in rows.all()]
    wanted = [(one.role, one.group.pk if one.group else None, one.team.pk if one.team else None) for one in who]
    if before == wanted:
        return
    rows.all().delete()
    for order, (role, group, team) in enumerate(wanted, 1):
        rows.create(order=order, role=role, group_id=group, team_id=team)


@transaction.atomic
def action_delete(*, action: CareAction, user: User | None = None) -> None:
    """Remove an action from a draft. Raises ``not_draft``."""
    draft = locked_draft(action.version, None)
    action.delete()
    touched(draft, user)


@transaction.atomic
def action_copy(*, action: CareAction, code: str, user: User | None = None) -> CareAction:
    """Add a copy of an action to its draft under another code. Raises ``not_draft``, ``code_taken``."""
    draft = locked_draft(action.version, None)
    copy = action_from(snapshot(action), draft, code=code.lower())
    touched(draft, user)
    return copy


@transaction.atomic
def action_restore(*, version: ModelVersion, content: dict[str, Any], user: User | None = None) -> CareAction:
    """Bring back an action that was removed from a draft, from its :func:`snapshot`.

    Raises ``not_draft``, ``code_taken``.
    """
    draft = locked_draft(version, None)
    action = action_from(content, draft, code=content["fields"]["code"], order=content["fields"]["order"])
    touched(draft, user)
    return action


@transaction.atomic
def action_move(*, action: CareAction, earlier: bool, user: User | None = None) -> CareAction:
    """Move an action one place earlier or later in its draft. Raises ``not_draft``, ``gone``."""
    draft = locked_draft(action.version, None)
    lock(action)
    rows = list(draft.actions.order_by("order", "pk"))
    place = rows.index(action)
    other = place - 1 if earlier else place + 1
    if 0 <= other < len(rows):
        rows[place], rows[other] = rows[other], rows[place]
        actions_order(draft, rows, user)
    return action


@transaction.atomic
def actions_reorder(
    *, version: ModelVersion, ids: Sequence[int], user: User | None = None, seen: int | None = None
) -> ModelVersion:
    """Put all actions of a draft into an order. Raises ``other_actions`` unless ``ids`` are exactly its actions."""
    draft = locked_draft(version, seen)
    rows = {action.pk: action for action in draft.actions.all()}
    if sorted(ids) != sorted(rows):
        raise BusinessRuleError("other_actions", _("Give all actions of the version, each once."), field="actions")
    actions_order(draft, [rows[pk] for pk in ids], user)
    return draft


def actions_order(draft: ModelVersion, rows: Sequence[CareAction], user: User | None = None) -> None:
    """Write the order of the actions of a locked draft."""
    for number, row in enumerate(rows, 1):
        row.order = number * STEP
    CareAction.objects.bulk_update(rows, ["order"])
    touched(draft, user)


# Copies


def plain_fields(action: ActionFields) -> dict[str, Any]:
    """Return the columns that say what an action is, by their names; not its key and what it belongs to."""
    return {name: getattr(action, name) for name in COLUMNS}


#: The columns of every table of actions.
COLUMNS = tuple(
    field.attname for field in CareAction._meta.concrete_fields if field.name not in ("id", "version", "order")
)


def snapshot(action: CareAction) -> dict[str, Any]:
    """Return an action as JSON from which :func:`action_from` makes it again."""
    return {
        "fields": {**plain_fields(action), "order": action.order},
        "types": [kind.pk for kind in action.types.all()],
        "responsible": [row.key for row in action.responsible.all()],
    }


def action_from(content: dict[str, Any], draft: ModelVersion, *, code: str, order: int | None = None) -> CareAction:
    """Add an action to a locked draft from a snapshot."""
    fields = {name: content["fields"][name] for name in COLUMNS}
    action = CareAction(**{**fields, "code": code}, version=draft, order=order or _next_order(draft))
    _check_code(action, draft)
    action.save()
    action.types.set(ActivityType.objects.filter(pk__in=content["types"]))
    responsible_set(action.responsible, who_of(content["responsible"]))
    return action


def actions_copy(source: ModelVersion, draft: ModelVersion) -> None:
    """Copy all actions of a version into an empty draft, in a constant number of queries."""
    actions = list(source.actions.prefetch_related("types", "responsible").order_by("order", "pk"))
    copies = CareAction.objects.bulk_create(
        CareAction(version=draft, order=one.order, **plain_fields(one)) for one in actions
    )
    pairs = list(zip(actions, copies, strict=True))
    through: Any = CareAction.types.through
    through.objects.bulk_create(
        through(careaction_id=copy.pk, activitytype_id=kind.pk) for one, copy in pairs for kind in one.types.all()
    )
    ActionResponsible.objects.bulk_create(
        ActionResponsible(
            action=copy, order=row.order, role=row.role, group_id=row.group_id, team_id=row.team_id
        )
        for one, copy in pairs
        for row in one.responsible.all()
    )  # fmt: skip
