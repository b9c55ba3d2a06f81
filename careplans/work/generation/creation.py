"""New generated work: activities, their participants, and which occurrences they are for, as rows for ``COPY``.

Work for the same action on the same day differs in its customer and person only: the rest is written once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from activities.log.models import Activity, ActivityType, Participation
from activities.log.services.whole_days import days_between
from careplans.work.generation.holders import Holder
from careplans.work.generation.texts import activity_of
from careplans.work.generation.wanted import Wanted
from careplans.work.models import CareWork
from core.copying import Pattern, cells_of, copy_lines, copy_rows, new_keys

OF_ACTIVITY = ("id", "customer_id", "start", "end")
OF_WORK = (
    "customer_id", "code", "kind", "start", "event", "first", "due", "last", "activity_id", "person_id", "list_key",
    "listed_on", "written_day", "written_title",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class New:
    """Work to create: for which occurrence and holder, on which day, in which language."""

    want: Wanted
    holder: Holder
    day: dt.date
    language: str


@dataclass
class Creation:
    """New work of a batch of customers."""

    types: Mapping[int, ActivityType]
    today: dt.date
    _patterns: dict[tuple[int, str], tuple[Pattern, str]] = field(default_factory=dict)

    def write(self, news: Sequence[New]) -> None:
        """Insert the activities with their participants, and the rows of the work."""
        keys = new_keys(Activity, len(news))
        patterns = [self._pattern(new) for new in news]
        times = {day: days_between(day, day) for day in {new.day for new in news}}
        varying = cells_of([(pk, new.want.customer, *times[new.day]) for pk, new in zip(keys, news, strict=True)])
        lines = [pattern.line(cells) for cells, (pattern, _title) in zip(varying, patterns, strict=True)]
        copy_lines(Activity, patterns[0][0].names, lines)
        takes_part = [
            (pk, new.holder.person, *times[new.day]) for pk, new in zip(keys, news, strict=True) if new.holder.person
        ]
        copy_rows(Participation, ("activity_id", "user_id", "start_at", "due_at"), takes_part)
        works = Pattern.of(CareWork(written_version=Activity().version), OF_WORK, without_key=True)
        rows = [self._of_work(pk, new, title) for pk, new, (_pattern, title) in zip(keys, news, patterns, strict=True)]
        copy_lines(CareWork, works.names, map(works.line, cells_of(rows)))

    def _pattern(self, new: New) -> tuple[Pattern, str]:
        """Return the row of the activity for an action in a language, and its title."""
        key = id(new.want.action), new.language
        if key not in self._patterns:
            activity = activity_of(new.want, new.day, new.language, self.types)
            self._patterns[key] = Pattern.of(activity, OF_ACTIVITY), activity.title
        return self._patterns[key]

    def _of_work(self, activity: int, new: New, title: str) -> Sequence[object]:
        occurrence, holder = new.want.occurrence, new.holder
        code, kind, start, event = new.want.key
        return (
            new.want.customer, code, kind.value, start, event, occurrence.first, occurrence.due, occurrence.last,
            activity, holder.person, holder.list_key, None if holder.person else self.today, new.day, title,
        )  # fmt: skip
