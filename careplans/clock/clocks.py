"""The clocks: of one customer, of a version of a care model, of a team or unit, and of all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import TeamKind
from accounts.models import Team
from careplans.adherence.days import Span, plus_days
from careplans.adherence.periods import Frequency
from careplans.caremodels.frequencies import TermDates, frequency_of, frequency_words
from careplans.caremodels.models import ActionFields, CareModel, ModelVersion, Term
from careplans.caremodels.selectors import actions_of, statutory_tasks, versions_in_force
from careplans.caremodels.words import recipient_words, who_words
from careplans.clock.counts import (
    OWN,
    Days,
    Scope,
    Source,
    by_month,
    list_url,
    month_days,
    of_customer,
    sums_by_day,
    year_days,
)
from careplans.clock.internal import internal_read, state_name
from careplans.clock.moving import Moves
from careplans.clock.rows import Clock, ClockRow, Count, Shape, marks_of, months_of, numbered, per_year, shape_of
from careplans.clock.words import EMPTY, STATES, internal_to_whom, internal_who
from careplans.following.enums import Part
from careplans.plans.plan import Line, plan_of
from careplans.plans.selectors import action_names
from careplans.plans.words import to_whom_words, when_words, who_has_words
from customers.models import Customer

FIRST_YEAR, YEARS_AHEAD = 2000, 5


@dataclass
class Asked:
    """Who asks for the clock of which year, on which day."""

    user: Any
    year: int
    today: dt.date

    @cached_property
    def day(self) -> dt.date:
        """The day of which the actions are: today, or the last one of another year."""
        return self.today if self.year == self.today.year else year_days(self.year)[1]

    @cached_property
    def terms(self) -> TermDates:
        return TermDates.read()

    @property
    def is_over(self) -> bool:
        return self.year < self.today.year

    def clock(self, title: str, rows: Iterable[ClockRow], **about: Any) -> Clock:
        first, last = year_days(self.year)
        terms = Term.objects.filter(first__lte=last, last__gte=first).order_by("first")
        spans = [(str(term), (term.first, term.last)) for term in terms]
        return Clock(self.year, title, numbered(list(rows)), spans, self.today, **about)


@dataclass
class Planned:
    """A row of one or more care models that ask for the same, with the models."""

    row: ClockRow
    after: int
    models: set[int | None] = field(default_factory=set)
    teams: set[str] = field(default_factory=set)


def row_of(asked: Asked, moves: Moves, action: ActionFields, frequency: Frequency, **words: Any) -> ClockRow:
    """Return an action as a row without marks."""
    shape = shape_of(frequency)
    move_url, fixed = moves.of(action, frequency)
    return ClockRow(
        code=action.code, what=str(action), where=action.place or EMPTY, shape=shape, scope=action.scope,
        is_mandatory=action.is_mandatory, months=months_of(frequency, asked.year),
        per_year=per_year(frequency) if shape is Shape.RHYTHM else 0, move_url=move_url, fixed=fixed, source=action,
        **words,
    )  # fmt: skip


def row_of_model(asked: Asked, moves: Moves, action: ActionFields, origin: str) -> Planned:
    frequency = frequency_of(action, asked.terms)
    words = {"when": frequency_words(action), "who": who_words(action), "to_whom": recipient_words(action)}
    row = row_of(asked, moves, action, frequency, origin=origin, **words)
    rows: Any = action
    after = (action.after or 0) if row.shape is Shape.MONTHS else 0
    return Planned(row, after, teams={one.key for one in rows.responsible.all() if one.team_id})


def merged(found: Iterable[tuple[Planned, int | None]]) -> dict[Source, Planned]:
    """Return the rows by action and model; models that ask for the same share one."""
    alike: dict[tuple[Any, ...], Planned] = {}
    by_source: dict[Source, Planned] = {}
    for planned, model in found:
        row = planned.row
        kept = alike.setdefault(
            (row.code, row.what, row.who, row.to_whom, row.when, row.where, row.scope, planned.after), planned
        )
        if kept is not planned and planned.row.origin not in kept.row.origin.split(", "):
            kept.row.origin = f"{kept.row.origin}, {planned.row.origin}"
        kept.models.add(model)
        by_source[row.code, model] = kept
    return by_source


@dataclass
class Many:
    """The clock of many customers: the actions of care models with what the sums say of them."""

    asked: Asked
    scope: Scope
    planned: Mapping[Source, Planned]

    @cached_property
    def days(self) -> Days:
        first, last = year_days(self.asked.year)
        longest = max((one.after for one in self.planned.values()), default=0)
        return sums_by_day(self.scope, first, plus_days(last, longest))

    def rows(self, *, only: str | None = None) -> Iterator[ClockRow]:
        """Yield the rows; with ``only``, those with something there, or that the team with that key has."""
        unique = {id(one): one for one in self.planned.values()}
        for planned in unique.values():
            self._count(planned)
            if only is None or planned.row.count.total or only in planned.teams:
                yield planned.row
        yield from self._others()

    def _count(self, planned: Planned) -> None:
        row, counts = planned.row, dict[int, Count]()
        for model in planned.models:
            for month, count in by_month(self.days.get((row.code, model), {}), self.asked.year, planned.after).items():
                counts[month] = counts.get(month, Count()) + count
        models = sorted(pk for pk in planned.models if pk is not None)
        filters = {"code": row.code, **({"care_model": models} if models else {"without": "care_model"})}
        self._link(row, counts, filters, planned.after)

    def _link(self, row: ClockRow, counts: Mapping[int, Count], filters: Mapping[str, Any], after: int = 0) -> None:
        marks_of(row, counts)
        year, user = self.asked.year, self.asked.user
        filters = {**self.scope.filters, **filters}
        for mark in row.marks.values():
            if mark.count.total:
                mark.url = list_url(user, filters, month_days(year, mark.month), after=after)
        if row.count.total:
            row.url = list_url(user, filters, year_days(year), after=after)

    def _others(self) -> Iterator[ClockRow]:
        """Yield what is there of actions that no version asks for now: earlier ones, those of single customers."""
        rest = {source: days for source, days in self.days.items() if source not in self.planned}
        names = action_names({code for code, _model in rest})
        models = CareModel.objects.in_bulk({model for _code, model in rest if model})
        for (code, model), days in sorted(rest.items(), key=lambda one: (one[0][0], one[0][1] or 0)):
            counts = by_month(days, self.asked.year)
            if counts:
                yield self._other(code, model, counts, names.get(code, code), str(models.get(model or 0, "")))

    def _other(self, code: str, model: int | None, counts: Mapping[int, Count], name: str, origin: str) -> ClockRow:
        filters: dict[str, Any] = {"care_model": model} if model else {"without": "care_model"}
        if code.startswith(OWN):
            part = Part(code.removeprefix(OWN))
            filters["part"] = part.value
            name, when = _("Actions of single customers: %s") % part.label, EMPTY
        else:
            filters["code"], when = code, _("no longer in force")
        row = ClockRow(code, name, EMPTY, EMPTY, when, EMPTY, Shape.MONTHS, origin=origin)
        self._link(row, counts, filters)
        return row


def planned_of_models(asked: Asked, moves: Moves) -> dict[Source, Planned]:
    """Return what the care models in force and the statutory tasks ask for."""
    versions = versions_in_force(asked.day)
    found: list[tuple[Planned, int | None]] = [
        (row_of_model(asked, moves, action, str(version.model)), model)
        for model, version in versions.items()
        for action in version.actions.all()
    ]
    found += [(row_of_model(asked, moves, task, _("statutory task")), None) for task in statutory_tasks()]
    return merged(found)


def internal_rows(asked: Asked, moves: Moves, team: Team | None = None) -> Iterator[ClockRow]:
    """Yield the internal events with their occurrences; of a team or unit, those that it or its people have."""
    first, last = year_days(asked.year)
    internal = internal_read(asked.today, max(last, asked.today))
    for code, action in internal.actions.items():
        occurrences = [one for one in internal.occurrences(code, first, last) if state_name(one, asked.today) in STATES]
        if not internal.is_in_force(code) and not occurrences:
            continue
        holder = internal.holder(code, asked.today)
        if team is not None and team.pk not in (holder.team, holder.unit):
            continue
        frequency = frequency_of(action, asked.terms)
        words = {"when": frequency_words(action), "who": internal_who(action), "to_whom": internal_to_whom(action)}
        row = row_of(asked, moves, action, frequency, origin=_("internal"), **words)
        counts: dict[int, Count] = {}
        for one in occurrences:
            counts.setdefault(one.due.month, Count()).add(state_name(one, asked.today))
        if not internal.is_in_force(code):
            row.months, row.move_url = (), ""
        yield linked(row, counts, lambda month, code=code: internal_url(code, asked.year, month))


def internal_url(code: str, year: int, month: int | None) -> str:
    asked = {"code": code, "year": year, **({"month": month} if month else {})}
    return reverse("careclock:internal_occurrences", query=asked)


def linked(row: ClockRow, counts: Mapping[int, Count], url: Any) -> ClockRow:
    """Give a row its marks with the lists of what they count; ``url`` takes a month, None: the whole year."""
    marks_of(row, counts)
    for mark in row.marks.values():
        mark.url = url(mark.month) if mark.count.total else ""
    row.url = url(None) if row.count.total else ""
    return row


# The clocks


def clock_of_all(user: Any, year: int, today: dt.date) -> Clock:
    """Return the clock of all customers and of the organisation itself."""
    asked = Asked(user, year, today)
    moves = Moves(user, year, asked.is_over)
    many = Many(asked, Scope({}), planned_of_models(asked, moves))
    return asked.clock(_("all"), [*many.rows(), *internal_rows(asked, moves)])


def clock_of_team(user: Any, team: Team, year: int, today: dt.date) -> Clock:
    """Return the clock of what a team or unit, or its people, have."""
    asked = Asked(user, year, today)
    moves = Moves(user, year, asked.is_over)
    name = "unit" if team.kind == TeamKind.UNIT else "team"
    many = Many(asked, Scope({name: team.pk}, Q(**{name: team})), planned_of_models(asked, moves))
    return asked.clock(str(team), [*many.rows(only=f"team:{team.pk}"), *internal_rows(asked, moves, team)])


def clock_of_version(user: Any, version: ModelVersion, year: int, today: dt.date) -> Clock:
    """Return the clock of a version of a care model; that in force has the occurrences of its customers."""
    asked = Asked(user, year, today)
    moves = Moves(user, year, asked.is_over, version=version)
    model, is_followed = version.model_id, version.valid_from is not None
    found = merged((row_of_model(asked, moves, action, str(version.model)), model) for action in actions_of(version))
    if not is_followed:
        rows: Sequence[ClockRow] = [linked(one.row, {}, lambda month: "") for one in found.values()]
    else:
        rows = list(Many(asked, Scope({}, Q(care_model=model)), found).rows())
    return asked.clock(str(version), rows, is_followed=is_followed)


def clock_of_customer(user: Any, customer: Customer, year: int, today: dt.date) -> Clock:
    """Return the clock of a customer's plan, with what is due in each month of the year."""
    asked = Asked(user, year, today)
    moves = Moves(user, year, asked.is_over, customer=customer)
    counts, plan = of_customer(customer, year), plan_of(customer, asked.day)
    rows = []
    for line in plan.lines:
        found = counts.pop(line.code, {})
        if line.is_in_force or found:
            rows.append(linked(_row_of_line(asked, moves, line), found, _customer_url(asked, customer, line.code)))
    return asked.clock(str(customer), rows)


def _row_of_line(asked: Asked, moves: Moves, line: Line) -> ClockRow:
    action = line.action
    words = {"when": when_words(action), "who": who_has_words(action), "to_whom": to_whom_words(action)}
    row = row_of(asked, moves, action.source, action.frequency, **words)
    row.scope = action.scope.value
    row.needs_reason = not action.is_of_customer or bool(action.exceptions)
    if not line.is_in_force:
        row.months, row.move_url, row.fixed = (), "", ""
    return row


def _customer_url(asked: Asked, customer: Customer, code: str) -> Any:
    def url(month: int | None) -> str:
        days: Span = month_days(asked.year, month) if month else year_days(asked.year)
        return list_url(asked.user, {"customer": customer.pk, "code": code}, days, by="due")

    return url
