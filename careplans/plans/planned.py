"""Actions as plans apply them: what adherence computes with, the filter of what completes them, and their source."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from careplans.adherence import actions as engine
from careplans.caremodels.frequencies import TermDates, engine_action, frequency_of
from careplans.caremodels.fulfilment import fits
from careplans.caremodels.models import ActionFields
from careplans.caremodels.plugs import Served
from careplans.plans.enums import ExceptionKind
from careplans.plans.models import PlanException


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the things done completes an action: it has the fields of :class:`ActionFields` that say so."""

    completed_by: frozenset[str] = frozenset()
    types: frozenset[int] = frozenset()
    minimum_minutes: int = 0
    direction: str = ""
    contact_role_id: int | None = None
    decision_maker_only: bool = False

    def fits(self, served: Served, kind: str) -> bool:
        return fits(cast("ActionFields", self), served, kind, self.types)


@dataclass(frozen=True, slots=True)
class PlannedAction(engine.Action):
    """An action with its filter: another filter is another version of it.

    ``source`` is the row that says what is done, ``origin`` what it is part of: a version of a care model, the
    customer's own actions (None) or the statutory ones. They are for pages and make no difference in figures.
    """

    filter: Filter = Filter()
    source: Any = field(default=None, compare=False, repr=False)
    origin: Any = field(default=None, compare=False, repr=False)
    exceptions: tuple[PlanException, ...] = field(default=(), compare=False, repr=False)

    @property
    def is_of_customer(self) -> bool:
        """Whether it is an action of this customer only."""
        return self.origin is None and self.scope is not engine.Scope.STATUTORY


_ENGINE_FIELDS = tuple(one.name for one in fields(engine.Action) if one.init)


def planned(action: ActionFields, *, origin: Any = None, model: str = "", terms: TermDates) -> PlannedAction:
    """Return an action that was read with its types and responsible rows."""
    base = engine_action(action, terms=terms, model=model)
    values = {name: getattr(base, name) for name in _ENGINE_FIELDS}
    return PlannedAction(**values, filter=filter_of(action), source=action, origin=origin)


def filter_of(action: ActionFields) -> Filter:
    return Filter(
        frozenset(action.completed_by), frozenset(kind.pk for kind in action.types.all()), action.minimum_minutes,
        action.direction, action.contact_role_id, action.decision_maker_only,
    )  # fmt: skip


def changed(action: PlannedAction, exception: PlanException, terms: TermDates) -> PlannedAction | None:
    """Return the action as the exception has it, None if it is left out."""
    if exception.kind == ExceptionKind.LEFT_OUT:
        return None
    noted: dict[str, Any] = {"is_own": True, "exceptions": (*action.exceptions, exception)}
    if exception.kind == ExceptionKind.RESPONSIBLE:
        rows: Any = exception
        return replace(action, responsible=tuple(row.key for row in rows.responsible.all()), **noted)
    frequency = frequency_of(cast("ActionFields", exception), terms)
    return replace(action, frequency=frequency, before=exception.before, after=exception.after, **noted)


def kinds_of(actions: Collection[PlannedAction]) -> set[str]:
    """Return the kinds of things done that complete any of these actions."""
    return {kind for action in actions for kind in action.filter.completed_by}
