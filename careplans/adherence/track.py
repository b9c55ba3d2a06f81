"""One action of a customer while what was done is matched, from day to day."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from operator import attrgetter

from careplans.adherence.chain import Chain, Over, exists
from careplans.adherence.days import Span, is_unbroken
from careplans.adherence.occurrences import Fulfilment, Key, Occurrence
from careplans.adherence.periods import Kind


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
        """Return what something done on ``day`` may complete: in a window that ends first, else late.

        None also if something else of that day counts.
        """
        if self.counted_on == day:
            return None
        found = self._in_window(day)
        current = self.chain.current if self.chain is not None else None
        if current is None or day < current.first:
            return found or self._late(day)
        if current.is_open(day) and (found is None or current.order < found.order):
            return current
        return found or (self._late(day) if self._ends_before(current, day) else None)

    def _in_window(self, day: dt.date) -> Occurrence | None:
        """Return the first to end of those with a window that holds ``day``, but for that of an interval."""
        for index in range(self._next, len(self.fixed)):
            occurrence = self.fixed[index]
            if occurrence.first > day:
                if self._is_in_order:
                    break
            elif occurrence.is_open(day):
                return occurrence
        return None

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

    def note(self, day: dt.date) -> None:
        """Let something done on ``day`` move the due day of an interval, if that is before its window."""
        if self.chain is not None:
            self.chain.done_early(day)

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
