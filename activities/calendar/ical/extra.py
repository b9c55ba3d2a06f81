"""Times of a recurring event beside its rule (RDATE): each becomes a separate event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from activities.log.recurrence.rules import occurrences, parse_rule

if TYPE_CHECKING:
    from activities.calendar.ical.read import ReadEvent

#: The times beside the rule that are read of an event.
MAX_EXTRA = 100


def extra_events(events: Sequence[ReadEvent], check: Callable[[], None]) -> list[ReadEvent]:
    """Return the events of times beside rules, but for those that the file has as occurrences.

    ``check`` raises when reading has taken too long.
    """
    own = {(event.uid, event.recurrence) for event in events}
    found = []
    for event in events:
        check()
        found += [extra for extra in _extra_of(event) if (extra.uid, extra.recurrence) not in own]
    return found


def _extra_of(event: ReadEvent) -> Iterator[ReadEvent]:
    """Yield an event for each time beside the rule, as long as the event itself where it has no other end."""
    if event.problem or event.start is None or event.recurrence:
        return
    own: dict[str, Any]
    length = event.end - event.start if event.end else None
    for time, own_end in event.extra.items():
        if not _is_of_rule(event, time):
            end = own_end or (time + length if length is not None else None)
            own = {"start": time, "end": end, "recurrence": time, "rule": "", "without": [], "extra": {}}
            yield replace(event, **own, is_extra=True, is_beside_rule=bool(event.rule))


def _is_of_rule(event: ReadEvent, time: dt.datetime) -> bool:
    if not event.rule or event.start is None:
        return False
    times = occurrences(parse_rule(event.rule), event.start, event.zone, after=time, before=time + dt.timedelta(0, 1))
    return any(times)
