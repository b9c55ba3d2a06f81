"""Time zones that no database of zones has: a list of the offsets from UTC and of the times when they change."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence

_EPOCH = dt.datetime(1970, 1, 1)


class OffsetZone(dt.tzinfo):
    """A zone given by ``offsets``: pairs of a UNIX time and the seconds east of UTC from then on.

    The first offset also holds before its time, the last one for ever. A time that is skipped counts by the offset
    before the change and one that occurs twice is the first, as in :class:`zoneinfo.ZoneInfo` (PEP 495).
    """

    def __init__(self, name: str, offsets: Sequence[Sequence[int]]) -> None:
        self.name = name
        self.offsets = [(int(since), int(seconds)) for since, seconds in offsets]
        self._times = [since for since, _seconds in self.offsets]

    def __str__(self) -> str:
        return self.name

    def utcoffset(self, time: dt.datetime | None) -> dt.timedelta:
        if time is None:
            return dt.timedelta(seconds=self.offsets[0][1])
        local = (time.replace(tzinfo=None, fold=0) - _EPOCH) // dt.timedelta(seconds=1)
        return dt.timedelta(seconds=self._local_offset(local, time.fold))

    def dst(self, time: dt.datetime | None) -> dt.timedelta:
        return dt.timedelta(0)

    def tzname(self, time: dt.datetime | None) -> str:
        return self.name

    def fromutc(self, time: dt.datetime) -> dt.datetime:
        since = (time.replace(tzinfo=None) - _EPOCH) // dt.timedelta(seconds=1)
        seconds = self._offset_at(since)
        local = time + dt.timedelta(seconds=seconds)
        is_second = self._local_offset(since + seconds, 0) != seconds
        return local.replace(fold=int(is_second))

    def _offset_at(self, since: int) -> int:
        return self.offsets[max(bisect_right(self._times, since) - 1, 0)][1]

    def _local_offset(self, local: int, fold: int) -> int:
        """Return the offset at a local time: around a change, the one before it for fold 0, after it for fold 1."""
        first, *changes = self._around(local)
        after = first[1]
        for since, seconds in changes:
            before, after = after, seconds
            earlier, later = sorted((since + before, since + after))
            if local < earlier:
                return before
            if local < later:
                return after if fold else before
        return after

    def _around(self, local: int) -> list[tuple[int, int]]:
        """Return the offsets that may hold within two days of the local time, from the last one before them."""
        first = max(bisect_right(self._times, local - 2 * 86_400) - 1, 0)
        last = bisect_right(self._times, local + 2 * 86_400)
        return [self.offsets[first], *self.offsets[first + 1 : last]]
