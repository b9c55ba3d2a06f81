"""The work that care models would give if a version were in force: by person, role and week, against working time.

It is an estimate over the present customers in their present segments. An action by the calendar has its hours on the
working days of its windows; one from the last time has the same hours each week. What happens once or after an event
cannot be foreseen and is left out.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Role, Team, User
from activities.calendar.models import WorkTarget
from careplans.adherence.actions import Action as EngineAction
from careplans.adherence.actions import precedence
from careplans.adherence.capacity import Load, available_hours, monday_of, parts_by_week
from careplans.adherence.days import plus_days
from careplans.adherence.periods import WEEK, Every, Once, OnEvent
from careplans.caremodels.enums import FrequencyKind
from careplans.caremodels.frequencies import TermDates, engine_action
from careplans.caremodels.holders import SEVERAL, Alike, customers_alike
from careplans.caremodels.models import CareAction, ModelVersion
from careplans.caremodels.plugs import absences
from careplans.caremodels.selectors import actions_of, versions_in_force
from core.working_days import is_working_day

WEEKS = 26
#: The hours of a week of those who have not said theirs.
WEEKLY_HOURS = Decimal("37.5")
WORKING_DAYS = 5
NOBODY = "nobody"
#: The frequencies that a *what if* may change by another number.
CHANGEABLE = (FrequencyKind.EVERY, FrequencyKind.WEEKS, FrequencyKind.MONTHS)


@dataclass(frozen=True)
class WhatIf:
    """Another number of an action's frequency: every 45 days instead of 30."""

    action: int
    count: int


@dataclass(frozen=True)
class Planned:
    """An action of a version, as adherence computes with it."""

    row: CareAction
    action: EngineAction

    @property
    def is_foreseen(self) -> bool:
        """Whether its work can be foreseen: neither once, nor on an event, nor without an app that tracks it."""
        return self.action.is_tracked and not isinstance(self.action.frequency, Once | OnEvent)


@dataclass
class Row:
    """The work of a person, a role, group or team, or of nobody."""

    key: str
    label: str
    hours: dict[dt.date, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    occurrences: Fraction = Fraction(0)
    before: Fraction = Fraction(0)
    available: dict[dt.date, Fraction] = field(default_factory=dict)

    @cached_property
    def total(self) -> Fraction:
        """The hours of all weeks."""
        return sum(self.hours.values(), Fraction(0))

    def load(self, monday: dt.date) -> Load:
        """Return the load of a week."""
        return Load(self.hours.get(monday, Fraction(0)), self.available.get(monday, Fraction(0)))

    def first_over(self, weeks: Sequence[dt.date]) -> dt.date | None:
        """Return the first week with more work than time; None also where nobody has hours for it."""
        return next((week for week in weeks if self.available and self.load(week).is_overload), None)


@dataclass(frozen=True)
class Workload:
    """What :func:`workload` found; ``weeks`` are Mondays."""

    weeks: list[dt.date]
    rows: list[Row]
    left_out: list[CareAction]
    customers: int

    @property
    def first_over(self) -> tuple[Row, dt.date] | None:
        """The first week in which somebody has more work than time, and who."""
        found = [(week, number) for number, row in enumerate(self.rows) if (week := row.first_over(self.weeks))]
        if not found:
            return None
        week, number = min(found)
        return self.rows[number], week


def workload(version: ModelVersion, day: dt.date, what_if: WhatIf | None = None) -> Workload:
    """Return the work of all care models with ``version`` in the place of its model's present one.

    ``weeks`` begin with the first one that is whole on ``day``.
    """
    terms = TermDates.read()
    present = versions_in_force(day)
    before = {pk: _planned(one.actions.all(), one.model.code, terms) for pk, one in present.items()}
    changed = [_changed(action, what_if) for action in actions_of(version)]
    after = {**before, version.model_id: _planned(changed, version.model.code, terms)}
    models = [one.model for one in present.values() if one.model_id != version.model_id] + [version.model]
    alike = customers_alike(models, day)
    first = monday_of(plus_days(day, WEEK - 1))
    weeks = [plus_days(first, WEEK * number) for number in range(WEEKS)]
    rows = _rows(alike, after, weeks)
    for key, hours in _totals(alike, before, weeks).items():
        rows.setdefault(key, Row(key, "")).before = hours
    _name(rows)
    _give_hours(rows, weeks)
    left_out = [one.row for one in after[version.model_id] if not one.is_foreseen]
    count = sum(one.count for one in alike if version.model_id in one.models)
    return Workload(weeks, sorted(rows.values(), key=lambda row: (-row.total, row.label)), left_out, count)


def _changed(action: CareAction, what_if: WhatIf | None) -> CareAction:
    if what_if is None or action.pk != what_if.action:
        return action
    changed = copy(action)
    changed.count = what_if.count
    changed.before = changed.after = None
    return changed


def _planned(actions: Iterable[CareAction], model: str, terms: TermDates) -> list[Planned]:
    return [Planned(one, engine_action(one, terms=terms, model=model)) for one in actions]


Plans = Mapping[int, list[Planned]]


def _tally(alike: Iterable[Alike], plans: Plans) -> Counter[tuple[str, Planned]]:
    """Return how many customers each action has by its holder; of a code of several models one applies."""
    winners: dict[tuple[int, ...], list[Planned]] = {}
    groups = _Groups()
    found: Counter[tuple[str, Planned]] = Counter()
    for one in alike:
        if one.models not in winners:
            winners[one.models] = _winners([plan for model in one.models for plan in plans.get(model, ())])
        for plan in winners[one.models]:
            if plan.is_foreseen:
                found[groups.holder(plan, one.holders), plan] += one.count
    return found


def _winners(plans: Iterable[Planned]) -> list[Planned]:
    by_code: dict[str, list[Planned]] = defaultdict(list)
    for plan in plans:
        by_code[plan.row.code].append(plan)
    return [min(of_code, key=lambda plan: precedence(plan.action)) for of_code in by_code.values()]


class _Groups:
    """The active members of groups and teams, read when they are needed first."""

    def __init__(self) -> None:
        self._members: dict[str, list[int]] = {}

    def members(self, key: str) -> list[int]:
        if key not in self._members:
            kind, name = key.split(":", 1)
            people = {"groups__name": name} if kind == "group" else {"teams": name}
            self._members[key] = list(User.objects.filter(is_active=True, **people).values_list("pk", flat=True))
        return self._members[key]

    def holder(self, plan: Planned, holders: Mapping[str, int | None]) -> str:
        """Return who has the action: the only holder of the first role, group or team with any, or their list."""
        for key in plan.action.responsible:
            if key.startswith("role:"):
                person = holders.get(key.removeprefix("role:"))
                if person is not None:
                    return key if person == SEVERAL else f"user:{person}"
            elif people := self.members(key):
                return f"user:{people[0]}" if len(people) == 1 else key
        return NOBODY


def _rows(alike: Iterable[Alike], plans: Plans, weeks: Sequence[dt.date]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    profiles: dict[int, dict[dt.date, Fraction]] = {}
    for (key, plan), count in _tally(alike, plans).items():
        row = rows.setdefault(key, Row(key, ""))
        if id(plan) not in profiles:
            profiles[id(plan)] = profile(plan.action, weeks)
        for week, share in profiles[id(plan)].items():
            row.occurrences += share * count
            row.hours[week] += share * count * Fraction(plan.action.hours)
    return rows


def _totals(alike: Iterable[Alike], plans: Plans, weeks: Sequence[dt.date]) -> dict[str, Fraction]:
    return {key: row.total for key, row in _rows(alike, plans, weeks).items()}


def profile(action: EngineAction, weeks: Sequence[dt.date]) -> dict[dt.date, Fraction]:
    """Return the part of an occurrence that falls in each week for one customer."""
    frequency: Any = action.frequency
    if isinstance(frequency, Every):
        share = Fraction(WEEK) / Fraction(frequency.cadence).limit_denominator(10_000)
        return dict.fromkeys(weeks, share)
    first, last = weeks[0], plus_days(weeks[-1], WEEK - 1)
    found: dict[dt.date, Fraction] = defaultdict(Fraction)
    for start, end in frequency.blocks(plus_days(first, -action.days_after)):
        opens, closes = plus_days(start, -action.days_before), plus_days(end, action.days_after)
        if opens > last:
            break
        for monday, part in parts_by_week(opens, end, closes, is_working_day):
            if first <= monday <= last:
                found[monday] += part
    return dict(found)


def _name(rows: Mapping[str, Row]) -> None:
    """Give the rows the names of what their keys mean."""
    users = {f"user:{one.pk}": str(one) for one in User.objects.filter(pk__in=_ids(rows, "user:"))}
    teams = {f"team:{one.pk}": str(one) for one in Team.objects.filter(pk__in=_ids(rows, "team:"))}
    names = [key.removeprefix("group:") for key in rows if key.startswith("group:")]
    groups = {f"group:{one.name}": one.label for one in Role.objects.filter(name__in=names)}
    roles = {"role:deputy": _("deputies together"), "role:other": _("other responsible persons together")}
    labels = {**users, **teams, **groups, **roles, NOBODY: _("nobody")}
    for key, row in rows.items():
        row.label = labels.get(key, key)


def _ids(rows: Iterable[str], kind: str) -> list[int]:
    return [int(key.removeprefix(kind)) for key in rows if key.startswith(kind)]


def _give_hours(rows: Mapping[str, Row], weeks: Sequence[dt.date]) -> None:
    """Give people their working time."""
    for pk, available in working_time(_ids(rows, "user:"), weeks).items():
        rows[f"user:{pk}"].available = available


def working_time(people: Collection[int], weeks: Sequence[dt.date]) -> dict[int, dict[dt.date, Fraction]]:
    """Return the working time of people by week: target hours of the week, without holidays and absences."""
    targets = dict(WorkTarget.objects.filter(pk__in=people).values_list("pk", "hours"))
    absent = absences(people, weeks[0], plus_days(weeks[-1], WEEK - 1))
    return {pk: _time_of(targets.get(pk, WEEKLY_HOURS), absent.get(pk, {}), weeks) for pk in people}


def _time_of(hours: Decimal, absent: Mapping[dt.date, Decimal], weeks: Sequence[dt.date]) -> dict[dt.date, Fraction]:
    daily = Decimal(hours) / WORKING_DAYS
    return {
        week: available_hours(week, daily_hours=daily, absent=absent, is_working_day=is_working_day) for week in weeks
    }


def may_ask(action: CareAction) -> bool:
    """Return whether a *what if* may change the number of an action's frequency."""
    return action.frequency in CHANGEABLE
