"""Matching of rows to customers: by customer number, then business ID, then normalised name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

#: At most this many candidates are listed.
CANDIDATES = 5

# The name of an organisation with another business ID is another organisation's. Where an active and a passive customer
# have the name, the active one is meant.
_MATCH = """
SELECT i.n, k.customer_id, c.id, names.ids, names.passive_ids
FROM unnest(%(n)s::int[], %(systems)s::text[], %(numbers)s::text[], %(ids)s::text[], %(names)s::text[])
     AS i(n, system, number, business_id, name)
LEFT JOIN customers_customernumber k
    ON i.number <> '' AND upper(k.system) = upper(i.system) AND upper(k.number) = upper(i.number)
LEFT JOIN customers_customer c ON c.business_id = i.business_id AND NOT (c.business_id = '')
LEFT JOIN LATERAL (
    SELECT (array_agg(s.id ORDER BY s.id) FILTER (WHERE s.state = 'active'))[1:6] AS ids,
           (array_agg(s.id ORDER BY s.id) FILTER (WHERE s.state <> 'active'))[1:6] AS passive_ids
    FROM customers_customer s
    WHERE i.name <> '' AND k.customer_id IS NULL AND c.id IS NULL AND s.name_key = portaali_name_key(i.name)
      AND (s.business_id = '' OR i.business_id = '' OR s.business_id = i.business_id)
) names ON true
"""


@dataclass(frozen=True)
class CustomerKey:
    """The values of a row that identify its customer."""

    system: str = ""
    number: str = ""
    business_id: str = ""
    name: str = ""


@dataclass(frozen=True)
class Match:
    """The customers found by number, by business ID and by name."""

    by_number: int | None
    by_id: int | None
    by_name: tuple[int, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        if self.by_number:
            return (self.by_number,)
        return (self.by_id,) if self.by_id else self.by_name

    @property
    def all_ids(self) -> set[int]:
        return {pk for pk in (self.by_number, self.by_id, *self.by_name) if pk}


def match_customers(wanted: Sequence[CustomerKey]) -> list[Match]:
    """Return the match of each of ``keys``, in order."""
    params: dict[str, Any] = {
        "n": list(range(len(wanted))),
        "systems": [item.system for item in wanted],
        "numbers": [item.number for item in wanted],
        "ids": [item.business_id for item in wanted],
        "names": [item.name for item in wanted],
    }
    with connection.cursor() as cursor:
        cursor.execute(_MATCH, params)
        found = {n: Match(number, by_id, tuple(ids or passive or ())) for n, number, by_id, ids, passive in cursor}
    return [found[n] for n in range(len(wanted))]
