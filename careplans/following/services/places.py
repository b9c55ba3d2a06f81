"""What figures are grouped by and has no days: teams and units are noted in the night after each day.

References of occurrences are not checked by the database: what was deleted during an evaluation is found here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import connection

from careplans.adherence.days import plus_days
from careplans.following.models import CareOccurrence, CareSum
from careplans.following.people import People
from core import clock

_WRITE = """
UPDATE carefollow_careoccurrence o SET team_id = p.team, unit_id = p.unit
FROM unnest(%(users)s::bigint[], %(teams)s::bigint[], %(units)s::bigint[]) AS p (person, team, unit)
WHERE o.user_id = p.person AND o.due >= %(since)s AND (o.team_id, o.unit_id) IS DISTINCT FROM (p.team, p.unit)
"""
#: What a team or unit has itself.
_WRITE_OWN = """
UPDATE carefollow_careoccurrence o SET team_id = p.team, unit_id = p.unit
FROM unnest(%(keys)s::text[], %(teams)s::bigint[], %(units)s::bigint[]) AS p (key, team, unit)
WHERE o.user_id IS NULL AND o.holder = p.key AND o.due >= %(since)s
    AND (o.team_id, o.unit_id) IS DISTINCT FROM (p.team, p.unit)
"""
#: Sums have the same references as the occurrences, and are far fewer.
_DELETED = """
SELECT DISTINCT s."{column}" FROM carefollow_caresum s LEFT JOIN "{table}" t ON t.id = s."{column}"
WHERE s."{column}" IS NOT NULL AND t.id IS NULL
"""


def places_refresh(today: dt.date | None = None) -> int:
    """Give what is not due before yesterday the present team and unit of its holder; return how many rows changed."""
    today = today or clock.today()
    people, since = People.read((), today), plus_days(today, -1)
    persons = [(user, *people.place_of(user)) for user in sorted(people.active)]
    own = [(holder.key, holder.team, holder.unit) for holder in map(people.of_team, sorted(people.teams))]
    return _write(_WRITE, "users", persons, since) + _write(_WRITE_OWN, "keys", own, since)


def _write(sql: str, name: str, places: Sequence[tuple[Any, ...]], since: dt.date) -> int:
    named, teams, units = [list(column) for column in zip(*places, strict=True)] if places else ([], [], [])
    with connection.cursor() as cursor:
        cursor.execute(sql, {name: named, "teams": teams, "units": units, "since": since})
        return int(cursor.rowcount)


def deleted_forget() -> int:
    """Take references to rows that there are not any more out of occurrences; return how many there were."""
    references: list[Any] = [field for field in CareSum._meta.concrete_fields if field.remote_field]
    return sum(_forget(field) for field in references)


def _forget(field: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_DELETED.format(column=field.column, table=field.related_model._meta.db_table))
        ids = [pk for (pk,) in cursor.fetchall()]
    rows = CareOccurrence.objects.filter(**{f"{field.attname}__in": ids})
    return rows.update(**{field.attname: None}) if ids else 0
