"""What people have corrected about one customer: for which occurrence something done counts, or that it does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from careplans.adherence.occurrences import Correction, Fulfilment, Key

#: The source and id of something done.
Name = tuple[str, int]


@dataclass(slots=True)
class Corrections:
    """The occurrence of each code by what was done, the other way round, and what does not count for a code."""

    by_name: dict[Name, dict[str, Key]] = field(default_factory=dict)
    by_code: dict[str, dict[Key, Fulfilment]] = field(default_factory=dict)
    excluded: set[tuple[Name, str]] = field(default_factory=set)


def corrections_of(corrections: Iterable[Correction], done: Sequence[Fulfilment]) -> Corrections:
    """Return the corrections of what was done; of those of one action the first for a day and an occurrence counts."""
    found = Corrections()
    by_name = {one.name: one for one in done}
    known = [correction for correction in corrections if correction.name in by_name]
    found.excluded = {(correction.name, correction.code) for correction in known if correction.key is None}
    days: set[tuple[str, dt.date]] = set()
    for (code, name), key in sorted(named(known).items(), key=lambda item: (by_name[item[0][1]].order, item[0][0])):
        fulfilment, of_code = by_name[name], found.by_code.setdefault(code, {})
        if (name, code) not in found.excluded and key not in of_code and (code, fulfilment.day) not in days:
            days.add((code, fulfilment.day))
            of_code[key] = fulfilment
            found.by_name.setdefault(name, {})[code] = key
    return found


def named(corrections: Iterable[Correction]) -> Mapping[tuple[str, Name], Key]:
    """Return the occurrence that is named for each code and thing done, the earliest of several."""
    keys: dict[tuple[str, Name], Key] = {}
    for correction in corrections:
        if correction.key is not None:
            place = correction.code, correction.name
            keys[place] = min(correction.key, keys.get(place, correction.key))
    return keys
