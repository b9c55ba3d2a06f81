"""The partitions of the history, one for each year: new ones are made ahead, old ones dropped."""

from __future__ import annotations

import datetime as dt
import re

from django.db import connection, transaction

TABLE = "metrics_metrichistory"
YEARS_KEPT = 5
_CREATE = """
    CREATE TABLE IF NOT EXISTS metrics_metrichistory_{year} PARTITION OF metrics_metrichistory
    FOR VALUES FROM ('{year}-01-01') TO ('{next}-01-01')
"""
#: What is still true at the beginning of the kept years begins there.
_CARRY = """
    UPDATE metrics_metrichistory SET from_month = %(first)s
    WHERE from_month < %(first)s AND (to_month IS NULL OR to_month >= %(first)s)
"""


def partitions_ensure(*years: int) -> None:
    """Make the partitions of these years if they are not there."""
    missing = set(years) - set(partition_years())
    with connection.cursor() as cursor:
        for year in sorted(missing):
            cursor.execute(_CREATE.format(year=int(year), next=int(year) + 1))


def partition_years() -> list[int]:
    """Return the years that have a partition."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [TABLE])
        names = [row[0] for row in cursor.fetchall()]
    return sorted(int(re.sub(r"\D", "", name)) for name in names)


@transaction.atomic
def partitions_turn(day: dt.date) -> list[int]:
    """Make the partitions of this year and the next, drop those of years no longer kept; return the dropped years.

    Five full years are kept before the year of ``day``. A value that is still the same is carried over.
    """
    first = dt.date(day.year - YEARS_KEPT, 1, 1)
    partitions_ensure(first.year, day.year, day.year + 1)
    old = [year for year in partition_years() if year < first.year]
    with connection.cursor() as cursor:
        if old:
            cursor.execute(_CARRY, {"first": first})
        for year in old:
            cursor.execute(f"DROP TABLE metrics_metrichistory_{int(year)}")
    return old
