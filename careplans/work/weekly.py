"""What the weekly summary says besides the work of the week: other apps declare it (``WEEK_PARTS``)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from careplans.adherence.days import plus_days
from careplans.work.models import Absence
from core.registry import declared


@dataclass(frozen=True)
class Told:
    """How many a person has of a part, and the first ones by name."""

    count: int
    names: list[str]


@dataclass(frozen=True, kw_only=True)
class WeekPart:
    """A part of the summary: ``found`` returns what each person has, in a constant number of queries.

    ``url(person)`` is the list of exactly these rows: of the reader (None), or of a person that the reader replaces.
    Parts with ``is_own`` are not for substitutes.
    """

    name: str
    label: Any
    found: Callable[[], Mapping[int, Told]]
    url: Callable[[int | None], str]
    is_own: bool = False


@cache
def week_parts() -> dict[str, WeekPart]:
    """Return the declared parts by name."""
    return {part.name: part for part in declared("WEEK_PARTS")}


def parts_by_person(monday: dt.date) -> dict[int, list[dict[str, Any]]]:
    """Return what each person gets, as a notification keeps it; of who is away all week the substitute gets it too."""
    replaced = _replaced(monday)
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for part in week_parts().values():
        for person, told in part.found().items():
            about = {"part": part.name, "count": told.count, "names": told.names}
            found[person].append(about)
            if person in replaced and not part.is_own:
                substitute, name = replaced[person]
                found[substitute].append({**about, "person": person, "whom": name})
    return found


def _replaced(monday: dt.date) -> dict[int, tuple[int, str]]:
    """Return the substitute of each person who is away from Monday to Friday, with the person's name."""
    away = Absence.objects.between(monday, monday).filter(last__gte=plus_days(monday, 4), substitute__isnull=False)
    rows = away.select_related("person")
    return {row.person_id: (row.substitute_id, str(row.person)) for row in rows if row.substitute_id}


def told_lines(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what a summary says in its mail: each part with its first rows, and its list."""
    return [
        ("\n".join([part_text(row), *(f"  {name}" for name in row["names"])]), part.url(row.get("person")))
        for row, part in _known(data)
    ]


def told_text(data: Mapping[str, Any]) -> str:
    """Return the parts of a summary in one line."""
    return ", ".join(part_text(row) for row, _part in _known(data))


def part_text(row: Mapping[str, Any]) -> str:
    whom = f" ({row['whom']})" if row.get("whom") else ""
    return f"{week_parts()[row['part']].label}{whom}: {row['count']}"


def _known(data: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], WeekPart]]:
    parts = week_parts()
    return [(row, parts[row["part"]]) for row in data.get("parts", ()) if row["part"] in parts]
