"""On which day work is put: working days of the window on which the person is here, the one with least to do first."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import repeat
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from activities.log.models import Participation
from activities.log.services.whole_days import days_between
from careplans.adherence.days import plus_days
from careplans.work.enums import WorkState
from careplans.work.models import CareWork
from careplans.work.selectors import absent_days
from core.working_days import is_working_day

#: Days that are looked at for one entry.
MOST_DAYS = 100
#: The working days over which work of which the window has no day any more is spread: not all of it on one Monday.
NEXT_DAYS = 10


def _lightest(days: Sequence[dt.date], load: Mapping[dt.date, int]) -> dt.date | None:
    """Return the first of the days with the least to do; None: there are no days."""
    numbers = list(map(load.get, days, repeat(0)))
    return days[numbers.index(min(numbers))] if days else None


@lru_cache(maxsize=10_000)
def _working_days(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    days = (plus_days(first, number) for number in range(min((last - first).days + 1, MOST_DAYS)))
    return tuple(day for day in days if is_working_day(day))


@dataclass
class Loads:
    """How many entries people and shared lists have on each day from ``today``; each is read once."""

    today: dt.date
    until: dt.date
    _known: dict[int | str, Counter[dt.date]] = field(default_factory=dict)

    def read(self, people: Collection[int], lists: Collection[str]) -> None:
        """Read those that are not known yet, in two queries."""
        people, lists = [one for one in people if one not in self._known], set(lists) - self._known.keys()
        self._known.update({person: Counter() for person in people} | {key: Counter() for key in lists})
        start, end = days_between(self.today, self.until)
        day = TruncDate("start_at", tzinfo=timezone.get_default_timezone())
        rows = Participation.objects.filter(user__in=people, start_at__gte=start, start_at__lte=end)
        for user, at, count in rows.values_list("user", day).annotate(Count("pk")).order_by():
            self._known[user][at] += count
        listed = CareWork.objects.filter(list_key__in=lists, state=WorkState.OPEN, person=None)
        entries: Any = listed.filter(written_day__gte=self.today).values_list("list_key", "written_day")
        counted = entries.annotate(count=Count("*")).order_by()
        for key, at, count in counted:
            self._known[key][at] += count

    def of(self, who: int | str) -> Counter[dt.date]:
        return self._known.setdefault(who, Counter())


@dataclass
class Calendars:
    """How much people and shared lists have to do, and when people are away."""

    people: Collection[int]
    lists: Collection[str]
    loads: Loads

    def __post_init__(self) -> None:
        self.today, self.until = self.loads.today, self.loads.until

    @cached_property
    def _loads(self) -> Loads:
        """What people and lists have to do, read when something is put on a day: mostly nothing is."""
        self.loads.read(self.people, self.lists)
        return self.loads

    @cached_property
    def away(self) -> dict[int, set[dt.date]]:
        """The days on which people are away, in one query."""
        return absent_days(self.people, self.today, self.until)

    def place(self, who: int | str, first: dt.date, last: dt.date) -> dt.date:
        """Return the day for one more entry of a person or list in a window, and count it.

        It is the working day with least to do, the earliest of several; a window that has no such day any more gives
        one of the next ones after today.
        """
        begins = max(first, self.today)
        days = self._free(who, _working_days(begins, last)) if last >= begins else []
        load = self._loads.of(who)
        day = _lightest(days, load) or self._next(who, begins)
        load[day] += 1
        return day

    def take_away(self, who: int | str, day: dt.date) -> None:
        """Count one entry less on a day."""
        self._loads.of(who)[day] -= 1

    def is_away(self, who: int | str, day: dt.date) -> bool:
        return isinstance(who, int) and day in self.away.get(who, ())

    def _free(self, who: int | str, days: Sequence[dt.date]) -> Sequence[dt.date]:
        away = self.away.get(who) if isinstance(who, int) else None
        return [day for day in days if day not in away] if away else days

    def _next(self, who: int | str, day: dt.date) -> dt.date:
        """Return one of the next working days on which the person is here; if they are away for long, the next one."""
        following = list(self._following(day))
        return _lightest(self._free(who, following)[:NEXT_DAYS], self._loads.of(who)) or following[0]

    @staticmethod
    def _following(day: dt.date) -> Iterator[dt.date]:
        yield from _working_days(day, plus_days(day, MOST_DAYS))
