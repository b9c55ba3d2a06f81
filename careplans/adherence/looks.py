"""On which later day the evaluation of a customer may differ although nothing has been entered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from careplans.adherence.days import NEVER, day_after
from careplans.adherence.evaluation import CareRecord, Evaluation
from careplans.adherence.occurrences import State


def next_look(record: CareRecord, evaluation: Evaluation) -> dt.date | None:
    """Return the first day after that of the evaluation on which its states, windows or due days may differ.

    None: on no day that the evaluation reaches. ``record`` may have what happens later, such as a coming event.
    """
    return min((day for day in _days(record, evaluation) if day > evaluation.day), default=None)


def _days(record: CareRecord, evaluation: Evaluation) -> Iterator[dt.date]:
    """Yield the days on which time changes something, past ones too; of windows the first opening and the first end."""
    day = evaluation.day
    coming = [
        occurrence
        for occurrences in evaluation.occurrences.values()
        for occurrence in occurrences
        if occurrence.state is State.COMING
    ]
    if coming:
        yield day_after(min([occurrence.last for occurrence in coming]))
        yield min([occurrence.first for occurrence in coming if occurrence.first > day], default=day)
    for history in record.histories.values():
        yield from (version.first for version in history)
    for spans in evaluation.spans.values():
        yield from (day_after(last) for _first, last in spans if last != NEVER)
    for decision in record.decisions:  # it has its effect on the day of entry or in the next morning
        yield decision.entered
        yield day_after(decision.entered)
    yield from (event.day for event in record.events)
    for fulfilment in record.fulfilments:
        if fulfilment.day >= day:
            yield fulfilment.day
            yield day_after(fulfilment.day)
