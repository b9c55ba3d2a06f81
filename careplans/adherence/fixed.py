"""Occurrences that do not depend on what was done: by the calendar, once, on events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import cast

from careplans.adherence.chain import Run, exists
from careplans.adherence.days import Span, plus_days
from careplans.adherence.occurrences import Decision, Event, Key, Occurrence, decide
from careplans.adherence.periods import Calendar, Kind, Once, OnEvent


def fixed_occurrences(
    code: str,
    runs: Sequence[Run],
    spans: Sequence[Span],
    *,
    events: Iterable[Event],
    decisions: Mapping[Key, Sequence[Decision]],
    until: dt.date,
) -> list[Occurrence]:
    """Return the occurrences of a code with windows that open by ``until``, the one that ends first before others.

    A change to another kind ends those that are not due yet.
    """
    found: list[Occurrence] = []
    for number, run in enumerate(runs):
        if run.kind is Kind.INTERVAL:
            continue
        last = last_of_kind(runs, number)
        for occurrence in made_in(code, runs, number, events, until):
            if decisions:
                decide(occurrence, decisions.get(occurrence.key, ()))
            if occurrence.due <= last and exists(occurrence, spans):
                found.append(occurrence)
    found.sort(key=attrgetter("order"))
    return found


def last_of_kind(runs: Sequence[Run], number: int) -> dt.date:
    """Return the last day before the kind changes after a run; days not under the action change nothing."""
    kind, last = runs[number].kind, runs[number].last
    for run in runs[number + 1 :]:
        if run.kind is not kind:
            return last
        last = run.last
    return last


def made_in(
    code: str, runs: Sequence[Run], number: int, events: Iterable[Event], until: dt.date
) -> Iterator[Occurrence]:
    """Yield what begins in a run: its blocks, its events, or one if the kind was another before it."""
    run = runs[number]
    if run.kind is Kind.CALENDAR:
        return blocks_in(code, run, until)
    if run.kind is Kind.EVENT:
        return events_in(code, run, events)
    if (number and runs[number - 1].kind is Kind.ONCE) or run.first > until:
        return iter(())
    return iter([once_from(code, run)])


def blocks_in(code: str, run: Run, until: dt.date) -> Iterator[Occurrence]:
    """Yield an occurrence for each block; the version on its last day makes it."""
    for number, (start, action) in enumerate(run.versions):
        before, after, end = action.days_before, action.days_after, run.last_of(number)
        latest = plus_days(until, before) if before else until
        for first, last in cast(Calendar, action.frequency).blocks(start):
            if last > end or first > latest:
                break
            yield Occurrence(
                code,
                action,
                last,
                plus_days(first, -before) if before else first,
                last,
                plus_days(last, after) if after else last,
            )


def events_in(code: str, run: Run, events: Iterable[Event]) -> Iterator[Occurrence]:
    """Yield an occurrence for each kind of event and day; the version of that day makes it."""
    for number, (start, action) in enumerate(run.versions):
        frequency, end = cast(OnEvent, action.frequency), run.last_of(number)
        for event in set(events):
            if start <= event.day <= end and event.kind in frequency.events:
                due = plus_days(event.day, frequency.days)
                last = plus_days(due, action.days_after)
                yield Occurrence(code, action, event.day, event.day, due, last, event.kind)


def once_from(code: str, run: Run) -> Occurrence:
    """Return the only occurrence of a single action; the version of its first day makes it."""
    action = run.versions[0][1]
    due = plus_days(run.first, cast(Once, action.frequency).days)
    return Occurrence(code, action, run.first, run.first, due, plus_days(due, action.days_after))
