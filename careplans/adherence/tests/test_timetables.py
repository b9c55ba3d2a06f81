"""Customers with the same versions share what follows from them, and nothing that is done for one of them."""

from __future__ import annotations

import datetime as dt

from careplans.adherence.actions import Action, Version
from careplans.adherence.evaluation import CareRecord, evaluate
from careplans.adherence.occurrences import Fulfilment, Skip, State
from careplans.adherence.periods import Every, Months, OnEvent
from careplans.adherence.timetables import Timetables

START, DAY = dt.date(2026, 1, 1), dt.date(2026, 4, 15)
HISTORY = (Version(START, Action(Months(1))),)


def states(record, timetables=None):
    found = evaluate(record, DAY, DAY, timetables=timetables)
    return [(one.due, one.state) for one in found.occurrences["visit"]]


def test_what_is_done_for_one_customer_completes_nothing_of_another():
    shared = Timetables(DAY)
    done = CareRecord({"visit": HISTORY}, [Fulfilment(1, dt.date(2026, 2, 3), frozenset({"visit"}))])
    idle = CareRecord({"visit": HISTORY})
    assert states(done, shared)[1] == (dt.date(2026, 2, 28), State.DONE)
    assert states(idle, shared)[1] == (dt.date(2026, 2, 28), State.MISSED)


def test_a_record_gives_the_same_alone_and_among_others():
    interval = (Version(START, Action(Every(30))), Version(dt.date(2026, 3, 1), Action(Months(1))))
    event = (Version(START, Action(OnEvent(frozenset({"delivered"}), 5))),)
    shared = Timetables(DAY)
    key = evaluate(CareRecord({"visit": HISTORY}), DAY).occurrences["visit"][0].key
    records = [
        CareRecord({"visit": HISTORY}, [Fulfilment(1, dt.date(2026, 2, 3), frozenset({"visit"}))]),
        CareRecord({"visit": HISTORY}, decisions=[Skip(key, dt.date(2026, 1, 9))]),
        CareRecord({"visit": interval}, [Fulfilment(2, dt.date(2026, 1, 28), frozenset({"visit"}))]),
        CareRecord({"visit": event}),
    ]
    for record in records + records:
        assert states(record, shared) == states(record)
