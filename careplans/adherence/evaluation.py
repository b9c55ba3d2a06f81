"""The evaluation of a customer's actions on a day: which occurrences there are, what completed each, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from careplans.adherence.actions import Version
from careplans.adherence.chain import Chain, Over, exists, runs_of, spans_of
from careplans.adherence.days import Span, is_unbroken, is_within
from careplans.adherence.fixed import fixed_occurrences
from careplans.adherence.occurrences import (
    Correction,
    Decision,
    Event,
    Fulfilment,
    Key,
    Occurrence,
    decisions_by_key,
)
from careplans.adherence.periods import Kind

Named = tuple[str, int]


class Reason(StrEnum):
    """Why something done counts for an action, or does not; pages put it in words."""

    COUNTED = "counted"
    COUNTED_LATE = "counted_late"
    #: A person said so.
    CORRECTED = "corrected"
    EXCLUDED = "excluded"
    #: Before the window of an interval: it completes nothing and moves the due day.
    EARLY = "early"
    #: Something else done on the same day counts.
    SAME_DAY = "same_day"
    #: It counts for another action, which comes first.
    OTHER_ACTION = "other_action"
    #: The customer was not under the action.
    NOT_UNDER = "not_under"
    #: More than was asked: no window holds it that is still to be completed.
    EXTRA = "extra"


class Verdict(NamedTuple):
    """What something done means for one action, with the occurrence that it completes."""

    fulfilment: Fulfilment
    code: str
    reason: Reason
    occurrence: Occurrence | None = None


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


@dataclass(slots=True)
class Corrections:
    """What people have corrected: by what was done the occurrence of each code, and what counts for nothing."""

    by_fulfilment: dict[Named, dict[str, Key]] = field(default_factory=dict)
    by_code: dict[str, dict[Key, Fulfilment]] = field(default_factory=dict)
    excluded: set[tuple[Named, str]] = field(default_factory=set)


class Track:
    """One action of a customer while what was done is matched, day by day."""

    __slots__ = ("_is_in_order", "_next", "chain", "code", "counted_on", "fixed", "over", "spans")

    def __init__(self, code: str, spans: list[Span], fixed: list[Occurrence]) -> None:
        self.code, self.spans, self.fixed = code, spans, fixed
        self.over = Over()
        self.chain: Chain | None = None
        #: The last day on which something done counted.
        self.counted_on: dt.date | None = None
        self._next = 0
        self._is_in_order = all(one.first <= other.first for one, other in pairwise(fixed))

    def advance(self, day: dt.date) -> None:
        """Bring the action to the morning of ``day``."""
        if self.chain is not None:
            self.chain.advance(day)
            if self.chain.left:
                self._keep(self.chain.left)
        fixed, index = self.fixed, self._next
        while index < len(fixed) and fixed[index].last < day:
            if not fixed[index].is_skipped(day):
                self.over.add(fixed[index])
            index += 1
        self._next = index

    def _keep(self, left: list[Occurrence]) -> None:
        """Go on with occurrences of an interval that outlive their days under it."""
        self.fixed[self._next :] = sorted([*self.fixed[self._next :], *left], key=attrgetter("order"))
        self._is_in_order = False
        left.clear()

    def candidate(self, day: dt.date) -> Occurrence | None:
        """Return what something done on ``day`` may complete: in a window that ends first, else late."""
        found = None
        for index in range(self._next, len(self.fixed)):
            occurrence = self.fixed[index]
            if occurrence.first > day:
                if self._is_in_order:
                    break
            elif occurrence.is_open(day):
                found = occurrence
                break
        current = self.chain.current if self.chain is not None else None
        if current is None or day < current.first:
            return found or self._late(day)
        if current.is_open(day) and (found is None or current.order < found.order):
            return current
        return found or (self._late(day) if self._ends_before(current, day) else None)

    def _ends_before(self, current: Occurrence, day: dt.date) -> bool:
        """Return whether the next window to end is another than that of an interval which is open."""
        following = (one for one in self.fixed[self._next :] if not one.is_skipped(day))
        return any(one.order < current.order for one in following)

    def _late(self, day: dt.date) -> Occurrence | None:
        """Return the newest missed occurrence, if the customer has been under the action since its due day."""
        for occurrence in self.over.occurrences:
            if occurrence.is_open(day) and is_unbroken(self.spans, occurrence.due, day):
                return occurrence
        return None

    def named(self, key: Key, day: dt.date) -> Occurrence | None:
        """Return the occurrence that a correction names, if something done on ``day`` may complete it."""
        known = [*self.fixed, *(self.chain.closed if self.chain is not None else ())]
        if self.chain is not None and self.chain.current is not None:
            known.append(self.chain.current)
        for occurrence in known:
            if occurrence.key == key and occurrence.completed_by is None and not occurrence.is_skipped(day):
                return occurrence if key.kind is not Kind.INTERVAL or key.start < day else None
        return None

    def complete(self, occurrence: Occurrence, fulfilment: Fulfilment) -> None:
        """Complete an occurrence, and count an interval from that day."""
        self.counted_on = fulfilment.day
        chain = self.chain
        if chain is not None and occurrence is chain.current:
            chain.complete(occurrence, fulfilment)
            return
        occurrence.complete(fulfilment)
        if occurrence.action.frequency.kind is Kind.INTERVAL:
            if occurrence.is_completed_inside:
                self.over.add(occurrence)
            elif chain is not None:
                chain.completed_late(fulfilment.day)

    def finish(self, day: dt.date, until: dt.date) -> list[Occurrence]:
        """Return all occurrences with their states on the evening of ``day``."""
        self.advance(day)
        found = [one for one in self.fixed if one.first <= until]
        if self.chain is not None:
            self.chain.finish(day)
            closed = [one for one in self.chain.closed if one.skipped_on is None or exists(one, self.spans)]
            found = sorted(found + closed, key=attrgetter("order"))
        for occurrence in found:
            occurrence.state = occurrence.state_on(day)
        return found


def evaluate(record: CareRecord, day: dt.date, until: dt.date | None = None) -> Evaluation:
    """Return the evaluation of a customer on ``day``, with coming windows that open by ``until`` (``day`` if none).

    Only what was done by ``day`` counts, whenever it was entered.
    """
    until = max(day, until or day)
    done = sorted((one for one in record.fulfilments if one.day <= day), key=attrgetter("order"))
    decisions = decisions_by_key(record.decisions, day) if record.decisions else {}
    corrections = corrections_of(record.corrections, done) if record.corrections else Corrections()
    events = [event for event in record.events if event.day <= day]
    tracks: dict[str, Track] = {}
    for code, history in record.histories.items():
        runs = runs_of(history)
        spans = spans_of(runs)
        reserved = corrections.by_code.get(code, {})
        named = max([until, *(key.start for key in reserved)])  # what a correction names may be beyond the horizon
        fixed = fixed_occurrences(code, runs, spans, events=events, decisions=decisions, until=named)
        tracks[code] = track = Track(code, spans, fixed)
        for key in reserved:
            for occurrence in fixed:
                occurrence.is_reserved = occurrence.is_reserved or occurrence.key == key
        intervals = [run for run in runs if run.kind is Kind.INTERVAL]
        if intervals:
            track.chain = Chain(code, intervals, spans, track.over, decisions, reserved)
    verdicts = match(tracks, done, corrections)
    occurrences = {code: track.finish(day, until) for code, track in tracks.items()}
    return Evaluation(day, occurrences, verdicts, {code: track.spans for code, track in tracks.items()})


def corrections_of(corrections: Iterable[Correction], done: Sequence[Fulfilment]) -> Corrections:
    """Return the corrections of what was done; of those of one action the first for a day and an occurrence counts."""
    found = Corrections()
    by_name = {(one.source, one.id): one for one in done}
    wanted: dict[tuple[str, Named], Key] = {}
    for correction in corrections:
        name = correction.source, correction.fulfilment_id
        if name in by_name and correction.key is None:
            found.excluded.add((name, correction.code))
        elif name in by_name and correction.key is not None:
            wanted[correction.code, name] = min(correction.key, wanted.get((correction.code, name), correction.key))
    days: set[tuple[str, dt.date]] = set()
    for (code, name), key in sorted(wanted.items(), key=lambda item: (by_name[item[0][1]].order, item[0][0])):
        of_code = found.by_code.setdefault(code, {})
        if key not in of_code and (code, by_name[name].day) not in days:
            days.add((code, by_name[name].day))
            of_code[key] = by_name[name]
            found.by_fulfilment.setdefault(name, {})[code] = key
    return found


def match(tracks: Mapping[str, Track], done: Sequence[Fulfilment], corrections: Corrections) -> list[Verdict]:
    """Give everything done, by day and then in order, to the occurrences that it completes; corrections come first."""
    if corrections.by_fulfilment:
        named = corrections.by_fulfilment
        done = sorted(done, key=lambda one: (one.day, (one.source, one.id) not in named, one.source, one.id))
    verdicts: list[Verdict] = []
    for fulfilment in done:
        name = fulfilment.source, fulfilment.id
        keys = corrections.by_fulfilment.get(name, {})
        codes = sorted(fulfilment.fits | keys.keys()) if keys or len(fulfilment.fits) > 1 else fulfilment.fits
        among = [tracks[code] for code in codes if code in tracks]
        if corrections.excluded:
            out = [track for track in among if (name, track.code) in corrections.excluded]
            verdicts += [Verdict(fulfilment, track.code, Reason.EXCLUDED) for track in out]
            among = [track for track in among if track not in out]
        if len(among) == 1 and not keys:
            verdicts.append(take_alone(fulfilment, among[0]))
        else:
            verdicts += take(fulfilment, among, keys)
    return verdicts


def take_alone(fulfilment: Fulfilment, track: Track) -> Verdict:
    """Complete what one thing done completes of the only action that it fits."""
    day = fulfilment.day
    track.advance(day)
    occurrence = track.candidate(day) if track.counted_on != day else None
    if occurrence is None:
        verdict = Verdict(fulfilment, track.code, why_not(track, day, is_candidate=False))
    else:
        track.complete(occurrence, fulfilment)
        reason = Reason.COUNTED if occurrence.is_completed_inside else Reason.COUNTED_LATE
        verdict = Verdict(fulfilment, track.code, reason, occurrence)
    if track.chain is not None:
        track.chain.done_early(day)
    return verdict


def take(fulfilment: Fulfilment, tracks: Sequence[Track], keys: Mapping[str, Key]) -> list[Verdict]:
    """Complete what one thing done completes among the actions that it fits or that a person has named.

    Actions that share it are each completed; of the others one: in a window before late, the earlier end, the code.
    """
    day = fulfilment.day
    completed: dict[str, tuple[Occurrence, Reason]] = {}
    is_taken = False
    for track in tracks:
        track.advance(day)
        occurrence = track.named(keys[track.code], day) if track.code in keys else None
        if occurrence is not None and (occurrence.action.is_shared or not is_taken):
            is_taken = is_taken or not occurrence.action.is_shared
            track.complete(occurrence, fulfilment)
            completed[track.code] = occurrence, Reason.CORRECTED
    candidates: dict[str, Occurrence] = {}
    for track in tracks:
        candidate = track.candidate(day) if track.counted_on != day else None
        if candidate is not None:
            candidates[track.code] = candidate
    chosen = [code for code, occurrence in candidates.items() if occurrence.action.is_shared]
    rest = [code for code in candidates if code not in chosen] if not is_taken else []
    if rest:
        chosen.append(min(rest, key=lambda code: (candidates[code].last < day, candidates[code].last, code)))
    verdicts = []
    for track in tracks:
        if track.code in chosen:
            occurrence = candidates[track.code]
            track.complete(occurrence, fulfilment)
            reason = Reason.COUNTED if occurrence.is_completed_inside else Reason.COUNTED_LATE
            completed[track.code] = occurrence, reason
        if track.code in completed:
            occurrence, reason = completed[track.code]
            verdicts.append(Verdict(fulfilment, track.code, reason, occurrence))
        else:
            verdicts.append(Verdict(fulfilment, track.code, why_not(track, day, is_candidate=track.code in candidates)))
        if track.chain is not None:
            track.chain.done_early(day)
    return verdicts


def why_not(track: Track, day: dt.date, *, is_candidate: bool) -> Reason:
    """Return why something done on ``day`` completes nothing of an action."""
    if is_candidate:
        return Reason.OTHER_ACTION
    if track.counted_on == day:
        return Reason.SAME_DAY
    if track.chain is not None and track.chain.is_early(day):
        return Reason.EARLY
    return Reason.EXTRA if is_within(track.spans, day) else Reason.NOT_UNDER
