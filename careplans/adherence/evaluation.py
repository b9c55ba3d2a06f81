"""The evaluation of a customer's actions on a day: which occurrences there are, what completed each, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

from careplans.adherence.actions import Version
from careplans.adherence.chain import Chain
from careplans.adherence.corrections import Corrections, corrections_of
from careplans.adherence.days import Span
from careplans.adherence.fixed import fixed_occurrences
from careplans.adherence.matching import Verdict, match
from careplans.adherence.occurrences import (
    Correction,
    Decision,
    Event,
    Fulfilment,
    Key,
    Occurrence,
    decisions_by_key,
)
from careplans.adherence.timetables import Timetables
from careplans.adherence.track import Track

Decisions = Mapping[Key, Sequence[Decision]]


@dataclass(slots=True)
class CareRecord:
    """All that is known of one customer, in any order: the versions of each code, what was done, what people said."""

    histories: Mapping[str, Sequence[Version]]
    fulfilments: Iterable[Fulfilment] = ()
    events: Iterable[Event] = ()
    decisions: Iterable[Decision] = ()
    corrections: Iterable[Correction] = ()


@dataclass(slots=True)
class Evaluation:
    """The occurrences of one customer by code, the earlier end first, and a verdict on everything done."""

    day: dt.date
    occurrences: dict[str, list[Occurrence]]
    verdicts: list[Verdict]
    spans: dict[str, list[Span]]


def evaluate(
    record: CareRecord, day: dt.date, until: dt.date | None = None, *, timetables: Timetables | None = None
) -> Evaluation:
    """Return the evaluation of a customer on ``day``, with coming windows that open by ``until`` (``day`` if none).

    Only what was done by ``day`` counts, whenever it was entered. ``timetables`` are those of several customers, with
    windows that open by the same ``until``.
    """
    until = max(day, until or day)
    timetables = timetables or Timetables(until)
    done = sorted((one for one in record.fulfilments if one.day <= day), key=attrgetter("order"))
    events = [event for event in record.events if event.day <= day]
    decisions = decisions_by_key(record.decisions, day) if record.decisions else {}
    corrections = corrections_of(record.corrections, done) if record.corrections else Corrections()
    tracks: dict[str, Track] = {}
    for code, history in record.histories.items():
        tracks[code] = track_of(code, history, events, decisions, corrections.by_code.get(code, {}), timetables)
    verdicts = match(tracks, done, corrections)
    occurrences = {code: track.finish(day, until) for code, track in tracks.items()}
    return Evaluation(day, occurrences, verdicts, {code: track.spans for code, track in tracks.items()})


def track_of(
    code: str,
    history: Sequence[Version],
    events: Sequence[Event],
    decisions: Decisions,
    reserved: Mapping[Key, Fulfilment],
    timetables: Timetables,
) -> Track:
    """Return an action before anything done is matched; ``reserved``: what corrections give to its occurrences.

    These may be beyond the horizon.
    """
    known = timetables.of(history)
    runs, spans, until = known.runs, known.spans, timetables.until
    if known.windows is not None and not decisions and not reserved:
        fixed = [window.occurrence(code) for window in known.windows]
    else:
        limit = max([until, *(key.start for key in reserved)]) if reserved else until
        fixed = fixed_occurrences(code, runs, spans, events=events, decisions=decisions, until=limit)
    for occurrence in fixed if reserved else ():
        occurrence.is_reserved = occurrence.key in reserved
    track = Track(code, spans, fixed)
    if known.intervals:
        track.chain = Chain(code, known.intervals, spans, track.over, decisions, reserved)
    return track
