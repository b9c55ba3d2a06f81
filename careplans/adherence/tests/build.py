"""Short ways to write down a customer's record in tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from careplans.adherence.actions import Action, Entry, Version, history_of
from careplans.adherence.days import NEVER, Span
from careplans.adherence.evaluation import CareRecord, Evaluation
from careplans.adherence.occurrences import Correction, Event, Fulfilment, Key, Postponement, Skip
from careplans.adherence.periods import Frequency, Kind

#: The code of the action in tests with one.
X = "x"


@dataclass(frozen=True)
class Case:
    """What :func:`lines` should say of a record that is evaluated on a day."""

    name: str
    record: CareRecord
    day: str
    expected: tuple[str, ...]


def day(text: str) -> dt.date:
    """``day("2026-01-05")``."""
    return dt.date.fromisoformat(text)


def action(frequency: Frequency, before: int | None = None, after: int | None = None, **facts) -> Action:
    return Action(frequency, before, after, **facts)


def span(first: str, last: str = "") -> Span:
    return day(first), day(last) if last else NEVER


def under(one: Action, *spans: Span) -> tuple[Version, ...]:
    """The customer is under one action in these spans of days."""
    return history_of([Entry(one, *NEVER_ENDING)], spans)


NEVER_ENDING = (dt.date.min, NEVER)


def versions(*pairs: tuple[str, Action | None]) -> tuple[Version, ...]:
    return tuple(Version(day(first), one) for first, one in pairs)


def done(*days: str, fits: Sequence[str] = (X,), number: int = 1) -> list[Fulfilment]:
    """Activities on these days, numbered from ``number``."""
    return [Fulfilment(number + index, day(text), frozenset(fits)) for index, text in enumerate(days)]


def record(history: Sequence[Version], fulfilments: Iterable[Fulfilment] = (), **facts) -> CareRecord:
    return CareRecord({X: history}, list(fulfilments), **facts)


def calendar_key(start: str, code: str = X) -> Key:
    return Key(code, Kind.CALENDAR, day(start))


def interval_key(start: str, code: str = X) -> Key:
    return Key(code, Kind.INTERVAL, day(start))


def skip(key: Key, entered: str, **facts) -> Skip:
    return Skip(key, day(entered), **facts)


def postponed(key: Key, to: str, entered: str, **facts) -> Postponement:
    return Postponement(key, day(to), day(entered), **facts)


def corrected(number: int, key: Key | None, code: str = X) -> Correction:
    return Correction("activity", number, code, key)


def event(kind: str, text: str) -> Event:
    return Event(kind, day(text))


def lines(evaluation: Evaluation, code: str = X) -> list[str]:
    """Each occurrence as ``first due last state``, with ``*`` behind a coming one that is completed."""
    return [
        f"{one.first} {one.due} {one.last} {one.state}" + ("*" if one.state == "coming" and one.completed_by else "")
        for one in evaluation.occurrences[code]
    ]


def reasons(evaluation: Evaluation, code: str = X) -> dict[int, str]:
    """Why each activity counts for an action or does not, by its number."""
    return {verdict.fulfilment.id: str(verdict.reason) for verdict in evaluation.verdicts if verdict.code == code}
