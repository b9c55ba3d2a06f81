"""Matching: which occurrences something done completes, and why it counts for an action or does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from careplans.adherence.corrections import Corrections
from careplans.adherence.days import is_within
from careplans.adherence.occurrences import Fulfilment, Key, Occurrence
from careplans.adherence.track import Track


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


#: By code how something done counts, and for what.
Completed = dict[str, tuple[Reason, Occurrence]]


def match(tracks: Mapping[str, Track], done: Sequence[Fulfilment], corrections: Corrections) -> list[Verdict]:
    """Give everything done, by day and then in order, to the occurrences that it completes; corrections come first."""
    if corrections.by_name:
        done = sorted(done, key=lambda one: (one.day, one.name not in corrections.by_name, one.name))
    verdicts: list[Verdict] = []
    for fulfilment in done:
        fitting = [tracks[code] for code in fulfilment.fits if code in tracks]
        if corrections.excluded:
            excluded = [track for track in fitting if (fulfilment.name, track.code) in corrections.excluded]
            fitting = [track for track in fitting if track not in excluded]
            verdicts += [Verdict(fulfilment, track.code, Reason.EXCLUDED) for track in excluded]
        keys = corrections.by_name.get(fulfilment.name) if corrections.by_name else None
        if keys or len(fitting) > 1:
            verdicts += take(fulfilment, sorted(fitting, key=lambda track: track.code), tracks, keys or {})
        elif fitting:
            verdicts.append(take_alone(fulfilment, fitting[0]))
    return verdicts


def take_alone(fulfilment: Fulfilment, track: Track) -> Verdict:
    """Complete what one thing done completes of the only action that it fits."""
    day = fulfilment.day
    track.advance(day)
    occurrence = track.candidate(day)
    if occurrence is None:
        verdict = Verdict(fulfilment, track.code, why_not(track, day))
    else:
        verdict = Verdict(fulfilment, track.code, complete(track, occurrence, fulfilment), occurrence)
    track.note(day)
    return verdict


def take(
    fulfilment: Fulfilment, fitting: Sequence[Track], tracks: Mapping[str, Track], keys: Mapping[str, Key]
) -> list[Verdict]:
    """Complete what one thing done completes among the actions that it fits, and those that a person has named."""
    day = fulfilment.day
    for track in fitting:
        track.advance(day)
    completed = take_named(fulfilment, tracks, keys)
    candidates = {track.code: candidate for track in fitting if (candidate := track.candidate(day)) is not None}
    is_taken = any(not occurrence.action.is_shared for _reason, occurrence in completed.values())
    for code in chosen(candidates, day, is_taken=is_taken):
        completed[code] = complete(tracks[code], candidates[code], fulfilment), candidates[code]
    verdicts = [Verdict(fulfilment, code, *completed[code]) for code in completed]
    for track in fitting:
        if track.code not in completed:
            reason = Reason.OTHER_ACTION if track.code in candidates else why_not(track, day)
            verdicts.append(Verdict(fulfilment, track.code, reason))
    for track in {*fitting, *(tracks[code] for code in completed)}:
        track.note(day)
    return verdicts


def take_named(fulfilment: Fulfilment, tracks: Mapping[str, Track], keys: Mapping[str, Key]) -> Completed:
    """Complete the occurrences that a person has named; of the actions that are not shared the first one only."""
    completed: Completed = {}
    is_taken = False
    for code in sorted(code for code in keys if code in tracks):
        track = tracks[code]
        track.advance(fulfilment.day)
        occurrence = track.named(keys[code], fulfilment.day)
        if occurrence is None:
            continue
        if is_taken and not occurrence.action.is_shared:
            occurrence.is_reserved = False
            continue
        is_taken = is_taken or not occurrence.action.is_shared
        track.complete(occurrence, fulfilment)
        completed[code] = Reason.CORRECTED, occurrence
    return completed


def chosen(candidates: Mapping[str, Occurrence], day: dt.date, *, is_taken: bool) -> list[str]:
    """Return the codes of the candidates that are completed: the shared ones, and one of the others if none is yet.

    In a window before late, then the earlier end, then the code.
    """
    shared = [code for code, occurrence in candidates.items() if occurrence.action.is_shared]
    rest = [] if is_taken else [code for code in candidates if code not in shared]
    best = min(rest, key=lambda code: (candidates[code].last < day, candidates[code].last, code), default=None)
    return shared if best is None else [*shared, best]


def complete(track: Track, occurrence: Occurrence, fulfilment: Fulfilment) -> Reason:
    """Complete an occurrence; return how it counts."""
    track.complete(occurrence, fulfilment)
    return Reason.COUNTED if occurrence.is_completed_inside else Reason.COUNTED_LATE


def why_not(track: Track, day: dt.date) -> Reason:
    """Return why something done on ``day`` can complete nothing of an action."""
    if track.counted_on == day:
        return Reason.SAME_DAY
    if track.chain is not None and track.chain.is_early(day):
        return Reason.EARLY
    return Reason.EXTRA if is_within(track.spans, day) else Reason.NOT_UNDER
