"""One customer's plan on a day: the actions in force, where each comes from, their occurrences, and the figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from careplans.adherence.actions import Entry, Scope
from careplans.adherence.days import Span, is_within, plus_days, plus_months
from careplans.adherence.evaluation import Evaluation, evaluate
from careplans.adherence.figures import Figures, by_default, figures_of, in_period, is_contact, is_overdue
from careplans.adherence.matching import Reason, Verdict
from careplans.adherence.occurrences import Key, Occurrence, State
from careplans.plans.planned import PlannedAction
from careplans.plans.records import Plan, action_on, read_plans
from customers.models import Customer

#: Coming occurrences are known as far as this, or to the end of the year if that is later.
HORIZON = 90


@dataclass(slots=True)
class Line:
    """An action of a plan with its occurrences, the later end first."""

    code: str
    action: PlannedAction
    is_in_force: bool
    occurrences: list[Occurrence]
    #: What other models ask for under the same code.
    others: list[PlannedAction] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    figures_12: Figures = field(default_factory=Figures)
    last_done: dt.date | None = None
    next: Occurrence | None = None
    is_overdue: bool = False

    @property
    def is_contact_overdue(self) -> bool:
        return self.is_overdue and self.is_in_force and is_contact(self.action)


@dataclass(slots=True)
class PlanView:
    """The plan of a customer on a day."""

    day: dt.date
    lines: list[Line]
    evaluation: Evaluation
    figures: Figures
    figures_12: Figures

    def of(self, *scopes: Scope) -> list[Line]:
        """Return the actions in force with one of these directions."""
        return [line for line in self.lines if line.is_in_force and line.action.scope in scopes]

    @property
    def ended(self) -> list[Line]:
        """The actions of earlier days."""
        return [line for line in self.lines if not line.is_in_force and line.occurrences]

    @property
    def conflicts(self) -> list[Line]:
        """The actions that models ask for in several ways."""
        return [line for line in self.lines if line.is_in_force and line.others]

    @property
    def asks_for_contact(self) -> bool:
        return any(is_contact(line.action) for line in self.of(Scope.CUSTOMER))

    @property
    def is_contact_overdue(self) -> bool:
        return any(line.is_contact_overdue for line in self.lines)

    @property
    def next_due(self) -> dt.date | None:
        """The next day on which something toward the customer is due."""
        coming = [line.next.due for line in self.of(Scope.CUSTOMER) if line.next]
        return min(coming, default=None)

    def line(self, code: str) -> Line | None:
        return next((line for line in self.lines if line.code == code), None)

    def occurrence(self, key: Key) -> Occurrence | None:
        """Return the occurrence of that name, if it exists."""
        return next((one for one in self.evaluation.occurrences.get(key.code, ()) if one.key == key), None)

    def verdicts(self, code: str) -> list[Verdict]:
        """Return what was done that fits an action, the newest first, and why it counts or does not."""
        found = [verdict for verdict in self.evaluation.verdicts if verdict.code == code]
        return sorted(found, key=lambda verdict: verdict.fulfilment.order, reverse=True)


@dataclass(frozen=True)
class Evaluated:
    """What the lines of a plan are made of."""

    plan: Plan
    day: dt.date
    evaluation: Evaluation

    @cached_property
    def year(self) -> Span:
        return dt.date(self.day.year, 1, 1), dt.date(self.day.year, 12, 31)

    @cached_property
    def months_12(self) -> Span:
        return plus_days(plus_months(self.day, -12), 1), self.day

    def line(self, code: str, occurrences: Sequence[Occurrence]) -> Line | None:
        """Return the line of an action; None if the customer was never under it."""
        history = self.plan.record.histories[code]
        action = action_on(history, self.day) if is_within(self.evaluation.spans[code], self.day) else None
        known = [version.action for version in history if isinstance(version.action, PlannedAction)]
        shown = action or (known[-1] if known else None)
        if shown is None:
            return None
        applied = _applied(self.plan.entries[code], self.day)
        line = Line(code, _on_page(shown, applied), action is not None, list(reversed(occurrences)))
        if action is not None:
            line.others = [one for one in applied if one.origin != line.action.origin]
        line.figures = figures_of(in_period(occurrences, self.year))
        line.figures_12 = figures_of(in_period(occurrences, self.months_12))
        line.last_done = _last_done(self.evaluation, code)
        line.next = next_of(occurrences, self.day)
        line.is_overdue = is_overdue(occurrences)
        return line


def _applied(entries: Iterable[Entry], day: dt.date) -> list[PlannedAction]:
    """Return all actions of a code on a day, of which one applies."""
    actions = [entry.action for entry in entries if entry.first <= day <= entry.last]
    return [action for action in actions if isinstance(action, PlannedAction)]


def _on_page(action: PlannedAction, applied: Iterable[PlannedAction]) -> PlannedAction:
    """Return the same action with the version of the model that has it on the day."""
    return next((one for one in applied if one == action), action)


def _last_done(evaluation: Evaluation, code: str) -> dt.date | None:
    """Return the day of the last thing done that fits an action, whatever it completed."""
    days = [
        verdict.fulfilment.day
        for verdict in evaluation.verdicts
        if verdict.code == code and verdict.reason not in (Reason.EXCLUDED, Reason.NOT_UNDER)
    ]
    return max(days, default=None)


def next_of(occurrences: Iterable[Occurrence], day: dt.date) -> Occurrence | None:
    """Return the coming occurrence that is due first and not done."""
    coming = [one for one in occurrences if one.state is State.COMING and one.completed_by is None and one.last >= day]
    return min(coming, key=lambda one: (one.due, one.order), default=None)


def horizon(day: dt.date) -> dt.date:
    return max(dt.date(day.year, 12, 31), plus_days(day, HORIZON))


def plan_of(customer: Customer, day: dt.date) -> PlanView:
    """Return the plan of a customer on a day."""
    return plans_of([customer.pk], day)[customer.pk]


def plans_of(customers: Sequence[int], day: dt.date) -> dict[int, PlanView]:
    """Return the plans of customers on a day, in a constant number of queries."""
    return {pk: _view(plan, day) for pk, plan in read_plans(customers, day).items()}


def _view(plan: Plan, day: dt.date) -> PlanView:
    evaluation = evaluate(plan.record, day, horizon(day))
    about = Evaluated(plan, day, evaluation)
    lines = [line for code, known in evaluation.occurrences.items() if (line := about.line(code, known))]
    counted = [one for known in evaluation.occurrences.values() for one in known if by_default(one)]
    return PlanView(
        day,
        sorted(lines, key=_order),
        evaluation,
        figures_of(in_period(counted, about.year)),
        figures_of(in_period(counted, about.months_12)),
    )


def _order(line: Line) -> tuple[object, ...]:
    """Actions of models in their order, then those of the customer, by their days."""
    action = line.action
    return not action.is_mandatory, action.is_of_customer, getattr(action.source, "order", 0), line.code
