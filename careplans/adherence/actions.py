"""Actions of a care plan: what each asks for, and which one of a code applies to a customer on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from careplans.adherence.days import NEVER, Span, day_after, is_within
from careplans.adherence.periods import Every, Frequency, Kind

ZERO = Decimal(0)


class Scope(StrEnum):
    """Where an action is directed; figures mean those toward customers unless they say otherwise."""

    CUSTOMER = "customer"
    INTERNAL = "internal"
    STATUTORY = "statutory"


def default_window(frequency: Frequency) -> int:
    """Return the days of a window before and after the due day where an action sets none."""
    return int(frequency.cadence // 5) if frequency.kind is Kind.INTERVAL else 0


@dataclass(frozen=True, slots=True)
class Action:
    """What is done for a customer, as it applies from one day to another.

    ``before`` and ``after`` are days of the window; None is the default of the frequency, which ``days_before`` and
    ``days_after`` have. Raise ValueError if two windows of an interval could overlap.
    """

    frequency: Frequency
    before: int | None = None
    after: int | None = None
    is_mandatory: bool = True
    scope: Scope = Scope.CUSTOMER
    is_contact: bool = False
    #: It is matched alone and leaves the activity to other actions too.
    is_shared: bool = False
    #: An installed app can say when it was done; otherwise it is in no figure.
    is_tracked: bool = True
    #: An exception of this customer.
    is_own: bool = False
    hours: Decimal = ZERO
    #: The code of the care model.
    model: str = ""
    #: Roles, units or teams, in order: the first one that has a holder on the due day.
    responsible: tuple[str, ...] = ()
    days_before: int = field(init=False, repr=False, compare=False)
    days_after: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Fill in the window and check it."""
        default = default_window(self.frequency)
        object.__setattr__(self, "days_before", default if self.before is None else self.before)
        object.__setattr__(self, "days_after", default if self.after is None else self.after)
        if isinstance(self.frequency, Every) and self.days_before + self.days_after >= self.frequency.shortest:
            raise ValueError("The days before and after must be fewer than those of the interval.")

    @property
    def kind(self) -> Kind:
        """Return the kind of its frequency."""
        return self.frequency.kind

    @property
    def counts_by_default(self) -> bool:
        """Return whether figures mean this action unless they say otherwise."""
        return self.is_mandatory and self.scope is Scope.CUSTOMER

    def has_cadence_of(self, other: Action) -> bool:
        """Return whether both have the same frequency and window."""
        return (self.frequency, self.days_before, self.days_after) == (
            other.frequency,
            other.days_before,
            other.days_after,
        )


def precedence(action: Action) -> tuple[object, ...]:
    """Return what orders the actions of one code, the one that applies first.

    The customer's own exception, mandatory before recommended, the shorter cadence, the smaller window, the model's
    code. The whole description comes last, so that the order in which they are given never matters.
    """
    return (
        not action.is_own,
        not action.is_mandatory,
        action.frequency.cadence,
        action.days_before + action.days_after,
        action.model,
        repr(action),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """An action in a customer's plan from the first to the last day; None: left out by an exception."""

    action: Action | None
    first: dt.date
    last: dt.date = NEVER


@dataclass(frozen=True, slots=True)
class Version:
    """The action that applies from a day until the next version; None: the customer is not under it."""

    first: dt.date
    action: Action | None


def actions_on(histories: Mapping[str, Sequence[Version]], day: dt.date) -> dict[str, Action]:
    """Return the actions that the customer is under on ``day`` by their codes."""
    found: dict[str, Action] = {}
    for code, history in histories.items():
        applied = [version.action for version in history if version.first <= day]
        if applied and applied[-1] is not None:
            found[code] = applied[-1]
    return found


def winner(entries: Sequence[Entry], day: dt.date) -> Action | None:
    """Return the action that applies on ``day`` as a whole, None if there is none or it is left out."""
    on_day = [entry.action for entry in entries if entry.first <= day <= entry.last]
    actions = [action for action in on_day if action is not None]
    if len(actions) < len(on_day) or not actions:
        return None
    return actions[0] if len(actions) == 1 else min(actions, key=precedence)


def history_of(entries: Iterable[Entry], active: Iterable[Span]) -> tuple[Version, ...]:
    """Return the versions of one code for a customer with these entries that is active in these spans of days."""
    entries, active = list(entries), list(active)
    spans = [*((entry.first, entry.last) for entry in entries), *active]
    changes = {first for first, _last in spans} | {day_after(last) for _first, last in spans if last != NEVER}
    history: list[Version] = []
    for day in sorted(changes):
        action = winner(entries, day) if is_within(active, day) else None
        if action != (history[-1].action if history else None):
            history.append(Version(day, action))
    return tuple(history)
