"""The teams and units of people, which have no days: those at the end of a day are noted in the night after it."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from careplans.adherence.days import plus_days
from careplans.following.people import People
from core import clock

_WRITE = """
UPDATE carefollow_careoccurrence o SET team_id = p.team, unit_id = p.unit
FROM unnest(%(users)s::bigint[], %(teams)s::bigint[], %(units)s::bigint[]) AS p (person, team, unit)
WHERE o.user_id = p.person AND o.due >= %(since)s AND (o.team_id, o.unit_id) IS DISTINCT FROM (p.team, p.unit)
"""


def places_refresh(today: dt.date | None = None) -> int:
    """Give what is not due before yesterday the present team and unit of its holder; return how many rows changed."""
    today = today or clock.today()
    people = People.read((), today)
    places = [(user, *people.place_of(user)) for user in sorted(people.active)]
    users, teams, units = ([list(column) for column in zip(*places, strict=True)]) if places else ([], [], [])
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE, {"users": users, "teams": teams, "units": units, "since": plus_days(today, -1)}
        )  # fmt: skip
        return int(cursor.rowcount)
