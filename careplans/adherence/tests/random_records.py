"""Random records of customers: plans that change, work, events, and decisions about occurrences that there are."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random
from typing import Any

from careplans.adherence.actions import Action, Version
from careplans.adherence.evaluation import CareRecord, evaluate
from careplans.adherence.occurrences import Correction, Event, Fulfilment, Key, Postponement, Skip
from careplans.adherence.periods import Every, Frequency, Months, NamedMonths, Once, OnEvent, Terms, Unit, Weeks

BEGIN = dt.date(2025, 12, 20)
#: Days of a record.
LENGTH = 200
TERMS = (
    (dt.date(2026, 1, 7), dt.date(2026, 2, 20)),
    (dt.date(2026, 3, 2), dt.date(2026, 5, 31)),
    (dt.date(2026, 6, 8), dt.date(2026, 12, 20)),
)
CODES = "abc"


def day_of(random: Random, first: int = 0, last: int = LENGTH) -> dt.date:
    return BEGIN + dt.timedelta(days=random.randint(first, last))


def random_frequency(random: Random) -> Frequency:
    made: list[Frequency] = [
        Weeks(random.randint(1, 3)),
        Months(random.randint(1, 3)),
        NamedMonths(random.choice(((1, 3, 4), (2, 5)))),
        Terms(TERMS),
        Once(random.randint(0, 30)),
        OnEvent(frozenset(random.choice(("p", "pq"))), random.randint(0, 20)),
        Every(random.randint(1, 40)),
        Every(random.randint(7, 30)),
        Every(random.randint(1, 4), Unit.WEEK),
        Every(random.randint(1, 2), Unit.MONTH),
    ]
    return random.choice(made)


def random_action(random: Random) -> Action:
    frequency, is_shared = random_frequency(random), random.random() < 0.3
    if random.random() < 0.4:
        return Action(frequency, is_shared=is_shared)
    if not isinstance(frequency, Every):
        return Action(frequency, random.randint(0, 15), random.randint(0, 20), is_shared=is_shared)
    before = random.randint(0, frequency.shortest - 1)
    return Action(frequency, before, random.randint(0, frequency.shortest - 1 - before), is_shared=is_shared)


def random_history(random: Random) -> tuple[Version, ...]:
    """Up to seven changes between at most three actions and none, some of the actions with the same frequency."""
    pool: list[Action | None] = [random_action(random) for _number in range(random.randint(1, 3))]
    day, found = day_of(random, 0, 40), []
    pool.append(replace(pool[0], model="other", is_shared=random.random() < 0.5))
    for _number in range(random.randint(1, 7)):
        action = random.choice([*pool, None])
        if action != (found[-1].action if found else None):
            found.append(Version(day, action))
        day += dt.timedelta(days=random.choice((random.randint(1, 9), random.randint(10, 90))))
    return tuple(found)


def random_work(random: Random, codes: str) -> list[Fulfilment]:
    days = [day_of(random) for _number in range(random.choice((0, 5, 15, 40)))]
    days += [random.choice(days) for _number in range(random.randint(0, 4)) if days]
    random.shuffle(days)
    return [
        Fulfilment(number, day, frozenset(random.sample(codes, random.randint(1, len(codes)))))
        for number, day in enumerate(days, 1)
    ]


def random_record(random: Random) -> CareRecord:
    """Return a record; half of them have decisions and corrections."""
    codes = CODES[: random.randint(1, 3)]
    found = CareRecord(
        {code: random_history(random) for code in codes},
        random_work(random, codes),
        [Event(random.choice("pqr"), day_of(random)) for _number in range(random.randint(0, 8))],
    )
    for _round in range(random.choice((0, 0, 1, 2))):  # the second about what the first ones have led to
        found = decided(random, found)
    return found


def decided(random: Random, record: CareRecord) -> CareRecord:
    """Add decisions and corrections about occurrences that the record has on some day."""
    day = day_of(random, 30)
    known = [
        one for of_code in evaluate(record, day, day + dt.timedelta(days=60)).occurrences.values() for one in of_code
    ]
    if not known:
        return record
    decisions: list[Any] = []
    for occurrence in random.choices(known, k=random.randint(0, 6)):
        entered = occurrence.first + dt.timedelta(
            days=random.randint(-10, (occurrence.last - occurrence.first).days + 5)
        )
        if random.random() < 0.5:
            decisions.append(Skip(occurrence.key, entered, random.random() < 0.3, random.random() < 0.95))
        else:
            to = occurrence.due + dt.timedelta(days=random.randint(-3, 40))
            decisions.append(Postponement(occurrence.key, to, entered, random.random() < 0.95))
    work = list(record.fulfilments)
    corrections = [random_correction(random, work, known) for _number in range(random.randint(0, 4)) if work]
    return replace(
        record,
        decisions=[*record.decisions, *decisions],
        corrections=[*record.corrections, *corrections],
    )


def random_correction(random: Random, work: list[Fulfilment], known: list[Any]) -> Correction:
    """Return one that mostly names an occurrence near what was done."""
    occurrence = random.choice(known)
    near = [one for one in work if abs((one.day - occurrence.due).days) < 40] or work
    key: Key | None = occurrence.key if random.random() < 0.7 else None
    return Correction("activity", random.choice(near).id, occurrence.code, key)
